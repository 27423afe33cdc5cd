"""The parameters of MAIL and RCPT: written and read alike, refused where they are not offered or malformed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import LocalProtocolError
from simulator.protocol.smtp import MailOptions, RecipientOptions, Reply, commands, parse_mailbox
from simulator.protocol.smtp.options import MAIL, RCPT, read, write_mail, write_rcpt
from simulator.protocol.smtp.paths import Path, to_ascii
from simulator.protocol.smtp.xtext import decode_xtext, encode_xtext

OFFERED = frozenset({"SIZE", "8BITMIME", "SMTPUTF8", "DSN", "AUTH"})
TEXT = st.text(min_size=1, max_size=20).filter(str.isprintable)


@given(TEXT)
def test_xtext_is_undone(text: str) -> None:
    written = encode_xtext(text)
    assert written.isascii()
    assert decode_xtext(written) == text


@pytest.mark.parametrize("text", ["", "+", "+2", "+2b", "a b", "a=b", "+00", "+0A", "+FF", "é"])
def test_what_is_no_xtext_is_refused(text: str) -> None:
    assert decode_xtext(text) is None


@given(
    st.builds(
        MailOptions,
        size=st.none() | st.integers(0, 10**19),
        body=st.sampled_from(["", "7BIT", "8BITMIME"]),
        utf8=st.booleans(),
        ret=st.sampled_from(["", "FULL", "HDRS"]),
        envid=st.just("") | st.text("ab+= я", min_size=1, max_size=8),
        auth=st.none() | st.just("") | st.just("a=b@c.test"),
    )
)
def test_options_of_mail_are_read_as_written(options: MailOptions) -> None:
    text, needs = write_mail(options)
    found = read(text, MailOptions(), MAIL, frozenset(needs))
    assert not isinstance(found, Reply)
    assert found[0] == options


@given(
    st.builds(
        RecipientOptions,
        notify=st.sampled_from([(), ("NEVER",), ("SUCCESS",), ("DELAY", "FAILURE"), ("SUCCESS", "FAILURE", "DELAY")]),
        orcpt=st.just("") | st.text("ab+= я", min_size=1, max_size=8).map("rfc822;".__add__),
    )
)
def test_options_of_rcpt_are_read_as_written(options: RecipientOptions) -> None:
    text, needs = write_rcpt(options)
    found = read(text, RecipientOptions(), RCPT, frozenset(needs))
    assert not isinstance(found, Reply)
    assert found[0] == options


@pytest.mark.parametrize(
    "options",
    [
        MailOptions(size=-1), MailOptions(body="X\r\nY"), MailOptions(ret="ALL"), MailOptions(envid="x" * 101),
        MailOptions(envid="a\r\nb"), MailOptions(body="BINARYMIME"),
    ],
)  # fmt: skip
def test_nonsense_in_the_options_of_mail_is_never_sent(options: MailOptions) -> None:
    with pytest.raises(LocalProtocolError):
        commands.mail("a@b.test", options=options)


@pytest.mark.parametrize(
    "options",
    [
        RecipientOptions(notify=("NEVER", "DELAY")), RecipientOptions(notify=("X",)), RecipientOptions(orcpt="a@b.test"),
        RecipientOptions(orcpt="rfc822;a\r\nb"), RecipientOptions(orcpt="rfc822;" + "x" * 500),
        RecipientOptions(notify=("DELAY\r\nQUIT",)),
    ],
)  # fmt: skip
def test_nonsense_in_the_options_of_rcpt_is_never_sent(options: RecipientOptions) -> None:
    with pytest.raises(LocalProtocolError):
        commands.rcpt("a@b.test", options=options)


def test_commands_name_what_the_peer_must_offer() -> None:
    assert commands.mail("a@b.test", size=5, body="8BITMIME").needs == ("SIZE", "8BITMIME")
    assert commands.mail("п@b.test", options=MailOptions(utf8=True, ret="FULL", envid="x")).needs == ("SMTPUTF8", "DSN")
    assert commands.rcpt("п@b.test", utf8=True).needs == ("SMTPUTF8",)
    assert commands.rcpt("a@b.test", utf8=True).needs == ()
    assert (
        commands.mail("п@b.test", options=MailOptions(utf8=True)).octets == "MAIL FROM:<п@b.test> SMTPUTF8\r\n".encode()
    )
    for build in (lambda: commands.mail("п@b.test"), lambda: commands.rcpt("п@b.test")):
        with pytest.raises(LocalProtocolError):
            build()


@pytest.mark.parametrize(
    "text", ["почта@бета.test", "a.п@b.test", '"п п"@b.test', "用户@例え.テスト", "a@bücher.test", "п"]
)
def test_addresses_outside_ascii_are_read_only_where_allowed(text: str) -> None:
    path = parse_mailbox(text, utf8=True)
    assert path is not None
    assert str(path) == text
    assert parse_mailbox(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "п\u2028@b.test", "п\u0085@b.test", "п\ud800@b.test", "п@-b.test", "п @b.test", "п@b..test", "п" * 33 + "@b.test",
        "п@" + "б" * 200, "п@[192.0.2.1]", "\u202eп@b.test"[:1] + "@\u200f.test", "п\x00@b.test", "<п@b.test>",
    ],
)  # fmt: skip
def test_what_is_no_address_in_utf_8_is_none(text: str) -> None:
    assert parse_mailbox(text, utf8=True) is None


def test_a_domain_has_a_form_for_dns_and_a_local_part_has_none() -> None:
    assert to_ascii("Бета.TEST") == "xn--80abm6c.test"
    assert Path("a", "бета.test").downgraded() == Path("a", "xn--80abm6c.test")
    assert Path("a", "B.test").downgraded() == Path("a", "B.test")
    assert Path("п", "b.test").downgraded() is None
    assert to_ascii("a..ß") is None
    assert (Path("a", "бета.test").is_ascii, Path("a", "b").is_ascii) == (False, True)
