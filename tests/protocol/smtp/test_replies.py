"""Replies look on the wire as RFC 5321, 4.2 and RFC 2034 say, and no text can break out of its line."""

import pytest

from simulator.errors import LocalProtocolError
from simulator.protocol.smtp import Reply, replies, reply
from simulator.protocol.smtp.replies import parse_reply


def test_every_line_carries_code_and_enhanced_code() -> None:
    assert reply(550, "5.1.1", "no", "such user").octets == b"550-5.1.1 no\r\n550 5.1.1 such user\r\n"
    assert reply(354, "", "go").octets == b"354 go\r\n"
    assert reply(250, "").octets == b"250 \r\n"


def test_no_text_breaks_out_of_its_line() -> None:
    assert reply(550, "5.1.1", "a\r\n250 b\x1b[2J\x9bя").octets == b"550 5.1.1 a??250 b?[2J??\r\n"


def test_a_reply_knows_its_class() -> None:
    assert (replies.OK.positive, replies.OK.transient) == (True, False)
    assert (replies.TOO_MANY_RECIPIENTS.positive, replies.TOO_MANY_RECIPIENTS.transient) == (False, True)
    assert (replies.UNKNOWN.positive, replies.UNKNOWN.transient) == (False, False)
    assert str(replies.OK_SENDER) == "250 2.1.0 Ok"
    assert replies.OK_SENDER.text == "Ok"


@pytest.mark.parametrize("code", [0, 100, 199, 600, 2500])
def test_what_is_no_code_is_refused(code: int) -> None:
    with pytest.raises(LocalProtocolError):
        Reply(code)


@pytest.mark.parametrize(
    "built", [replies.OK, replies.START_DATA, reply(550, "5.1.1", "no", "such user"), reply(250, "", "a", "SIZE 5")]
)
def test_a_reply_is_read_as_it_was_built(built: Reply) -> None:
    texts = [line[4:].decode() for line in built.octets.split(b"\r\n")[:-1]]
    assert parse_reply(built.code, texts) == built


def test_an_enhanced_code_of_another_class_or_of_some_lines_is_text() -> None:
    assert parse_reply(250, ["5.1.1 odd"]) == Reply(250, "", ("5.1.1 odd",))
    assert parse_reply(250, ["first", "2.0.0 last"]) == Reply(250, "", ("first", "2.0.0 last"))
