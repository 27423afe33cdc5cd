"""BDAT and DATA carry the same letters, on both ends and in any chunks (RFC 3030)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import LocalProtocolError, RemoteProtocolError
from simulator.protocol.smtp import LMTP, RELAY, SmtpClient, State, commands
from tests.protocol.smtp.runner import serve
from tests.protocol.smtp.test_pair import Pair, connect

LETTER = st.lists(st.sampled_from([b"\r\n", b".", b"..\r\n", b"a", "я".encode(), b"\x00", b" \t"]), max_size=40).map(
    b"".join
)


def ready(face: object = RELAY, options: str = "offers=all", chunk: int | None = None) -> Pair:
    assert face in (RELAY, LMTP)
    pair = connect(face, options, chunk)  # type: ignore[arg-type]
    pair.say(pair.client.hello())
    return pair


def sent_by_data(letter: bytes) -> bytes:
    pair = ready()
    pair.say(commands.mail("a@b.test"), commands.rcpt("bob@alpha.test"), commands.data())
    assert pair.codes(commands.content(letter)) == [250]
    return pair.policy.letters[0][2]


@settings(deadline=None)
@given(LETTER, st.integers(1, 30), st.integers(1, 40))
def test_a_letter_is_the_same_by_bdat_and_by_data(letter: bytes, size: int, chunk: int) -> None:
    pair = ready(chunk=chunk)
    parts = commands.chunks(letter, size=size)
    group = (commands.mail("a@b.test"), commands.rcpt("bob@alpha.test"), *parts)
    assert pair.codes(*group) == [250] * len(group)
    assert pair.policy.letters[0][2] == sent_by_data(letter)
    assert pair.client.state is State.READY


def test_envelope_and_letter_travel_in_one_round_trip() -> None:
    pair = ready()
    group = (commands.mail("a@b.test"), commands.rcpt("bob@alpha.test"), *commands.chunks(b"hi\r\n"), commands.quit_())
    for command in group[:-1]:
        pair.client.send(command)
    with pytest.raises(LocalProtocolError, match="BDAT-LAST"):
        pair.client.send(group[-1])  # QUIT waits for the fate of the letter
    said = serve(pair.policy.server, pair.policy, pair.client.data_to_send())
    assert said.count(b"\r\n") == 3


def test_a_chunk_that_is_refused_ends_the_transaction_on_both_ends() -> None:
    pair = ready(options="offers=all size=4")
    first, second, last = commands.chunks(b"a\r\nbcdef\r\nx\r\n", size=4)[0:3]
    said = pair.codes(commands.mail("a@b.test"), commands.rcpt("bob@alpha.test"), first, second)
    assert said == [250, 250, 250, 552]
    assert pair.client.state is State.READY
    with pytest.raises(LocalProtocolError):
        pair.client.send(last)
    assert (
        pair.codes(commands.mail("a@b.test"), commands.rcpt("bob@alpha.test"), *commands.chunks(b"b\r\n")) == [250] * 3
    )
    assert [letter for _, _, letter in pair.policy.letters] == [b"b\r\n"]


def test_what_is_in_the_pipeline_behind_a_refused_chunk_is_thrown_away() -> None:
    pair = ready(options="offers=all size=4")
    parts = commands.chunks(b"a\r\nbcdef\r\nx\r\n", size=4)
    codes = pair.codes(commands.mail("a@b.test"), commands.rcpt("bob@alpha.test"), *parts)
    assert codes[:4] == [250, 250, 250, 552]
    assert set(codes[4:]) == {503}
    assert pair.policy.letters == []


def test_all_recipients_refused_makes_the_letter_be_refused() -> None:
    pair = ready()
    group = (commands.mail("a@b.test"), commands.rcpt("nobody@alpha.test"), *commands.chunks(b"QUIT\r\n"))
    assert pair.codes(*group) == [250, 550, 554]
    assert pair.client.state is State.MAIL


def test_lmtp_answers_the_last_chunk_for_each_recipient() -> None:
    pair = ready(LMTP)
    pair.say(commands.mail("a@b.test"), commands.rcpt("bob@alpha.test"), commands.rcpt("erin@alpha.test"))
    first, last = commands.chunks(b"a\r\nb\r\n", size=3)
    assert pair.codes(first) == [250]
    events = pair.say(last)
    assert [(str(event.recipient), event.reply.code) for event in events] == [
        ("bob@alpha.test", 250),
        ("erin@alpha.test", 452),
    ]


def test_in_lmtp_the_last_chunk_waits_until_the_recipients_are_known() -> None:
    pair = ready(LMTP)
    pair.client.send(commands.mail("a@b.test"))
    pair.client.send(commands.rcpt("bob@alpha.test"))
    assert "BDAT-LAST" not in pair.client.legal_now()
    with pytest.raises(LocalProtocolError):
        pair.client.send(commands.chunks(b"a\r\n")[0])


@pytest.mark.parametrize("octets", [b"a\nb\r\n", b"a\rb\r\n", b"\n.\r\n", b"a\r", b"x" * 999 + b"\r\n"])
def test_content_with_a_bare_newline_or_an_overlong_line_is_never_sent_in_chunks(octets: bytes) -> None:
    with pytest.raises(LocalProtocolError):
        commands.chunks(octets)


def test_chunks_are_asked_for_in_sizes_that_carry_something() -> None:
    assert [part.octets for part in commands.chunks(b"")] == [b"BDAT 0 LAST\r\n"]
    assert [part.octets for part in commands.chunks(b"abc", size=2)] == [
        b"BDAT 2\r\nab",
        b"BDAT 2\r\nc\r",
        b"BDAT 1 LAST\r\n\n",
    ]
    with pytest.raises(LocalProtocolError):
        commands.chunks(b"a", size=0)


def test_chunks_are_not_sent_where_they_are_not_offered() -> None:
    pair = connect(RELAY, "offers=PIPELINING")
    pair.say(pair.client.hello())
    pair.say(commands.mail("a@b.test"), commands.rcpt("bob@alpha.test"))
    with pytest.raises(LocalProtocolError, match="CHUNKING"):
        pair.client.send(commands.chunks(b"a\r\n")[0])


def test_an_endless_chunk_is_not_kept() -> None:
    pair = ready(options="offers=all size=100")
    pair.say(commands.mail("a@b.test"), commands.rcpt("bob@alpha.test"))
    server = pair.policy.server
    server.receive_data(b"BDAT 99999999999\r\n")
    for _ in range(50):
        server.receive_data(b"x" * 1000)
        assert server.next_event() is None
        assert (server.unread, server.chunked) == (0, 0)


@pytest.mark.parametrize("reply", [b"354 go\r\n", b"299-x\r\n250 y\r\n"])
def test_a_reply_that_fits_no_chunk_ends_the_session(reply: bytes) -> None:
    client = SmtpClient(hostname="c.example")
    for said, command in ((b"220 hi\r\n", None), (b"250-x\r\n250 CHUNKING\r\n", client.hello())):
        if command is not None:
            client.send(command)
        client.receive_data(said)
        client.next_event()
    for command in (commands.mail("a@b.test"), commands.rcpt("c@d.test")):
        client.send(command)
        client.receive_data(b"250 ok\r\n")
        client.next_event()
    client.send(commands.chunks(b"x\r\ny\r\n", size=3)[0])
    client.receive_data(reply)
    with pytest.raises(RemoteProtocolError):
        client.next_event()
    assert client.closed
