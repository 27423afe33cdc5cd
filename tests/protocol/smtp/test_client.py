"""The client sends nothing illegal, nothing that was not offered, and believes no endless reply."""

import pytest

from simulator import limits
from simulator.errors import LocalProtocolError, RemoteProtocolError
from simulator.protocol.smtp import LMTP, SUBMISSION, SmtpClient, State, commands

HELLO = b"250-mail.alpha.test\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250-STARTTLS\r\n250 8BITMIME\r\n"


def greeted(hello: bytes = HELLO, **configuration: object) -> SmtpClient:
    client = SmtpClient(hostname="c.example", **configuration)  # type: ignore[arg-type]
    client.receive_data(b"220 mail.alpha.test ESMTP\r\n")
    assert client.next_event() is not None
    client.send(client.hello())
    client.receive_data(hello)
    assert client.next_event() is not None
    client.data_to_send()
    return client


@pytest.mark.parametrize(
    "address",
    [
        "a@b.test\r\nRCPT TO:<evil@b.test>",
        "a@b.test>\r\nDATA",
        "a@b.test> SIZE=1",
        "<a@b.test>",
        "a\n@b.test",
        "a@b.test\r",
        'a"@b.test',
        "a b@c.test",
        "a@b..test",
        "a@-b.test",
        "@b.test",
        "a@",
        "почта@b.test",
        '"\r\nQUIT\r\n"@b.test',
        "a@[300.1.1.1]",
        "x" * 65 + "@b.test",
        "a@" + "b" * 300,
    ],
)
def test_no_address_can_carry_a_command(address: str) -> None:
    for build in (commands.mail, commands.rcpt):
        with pytest.raises(LocalProtocolError):
            build(address)


@pytest.mark.parametrize("word", ["", "a b", "a\r\nQUIT", "a>b", "é", "a\x00"])
def test_no_other_word_can_carry_a_command(word: str) -> None:
    for build in (commands.ehlo, commands.helo, commands.lhlo, commands.vrfy, commands.auth):
        with pytest.raises(LocalProtocolError):
            build(word)


@pytest.mark.parametrize("line", ["NOOP\r\nQUIT", "", "FOO", "NOOP \x1b"])
def test_a_typed_line_is_one_line_and_a_command(line: str) -> None:
    with pytest.raises(LocalProtocolError):
        commands.raw(line)
    assert commands.raw("noop hello").octets == b"noop hello\r\n"


@pytest.mark.parametrize("octets", [b"a\nb\r\n", b"a\rb\r\n", b"\n.\r\n", b"a\r", b"x" * 999 + b"\r\n"])
def test_content_with_a_bare_newline_or_an_overlong_line_is_never_sent(octets: bytes) -> None:
    with pytest.raises(LocalProtocolError):
        commands.content(octets)


def test_content_is_stuffed_and_ended() -> None:
    assert commands.content(b".a\r\n..\r\nb").octets == b"..a\r\n...\r\nb\r\n.\r\n"
    assert commands.content(b"").octets == b".\r\n"


def test_nonsense_in_the_parameters_of_mail_is_refused() -> None:
    for build in (
        lambda: commands.mail("", size=-1),
        lambda: commands.mail("", body="X\r\nY"),
        lambda: commands.rcpt(""),
    ):
        with pytest.raises(LocalProtocolError):
            build()
    assert commands.mail("", size=5, body="8BITMIME").octets == b"MAIL FROM:<> SIZE=5 BODY=8BITMIME\r\n"


def test_what_the_peer_does_not_offer_is_not_used() -> None:
    client = greeted(b"250 mail.alpha.test\r\n")
    for command in (
        commands.mail("a@b.test", size=5),
        commands.mail("a@b.test", body="8BITMIME"),
        commands.starttls(),
        commands.auth_plain("a", "b"),
    ):
        with pytest.raises(LocalProtocolError, match="does not offer"):
            client.send(command)
    assert client.data_to_send() == b""
    assert client.size_limit is None


def test_eight_bit_content_needs_a_peer_that_takes_it() -> None:
    client = greeted(b"250 mail.alpha.test\r\n")
    for command, reply in (
        (commands.mail("a@b.test"), b"250"),
        (commands.rcpt("c@d.test"), b"250"),
        (commands.data(), b"354"),
    ):
        client.send(command)
        client.receive_data(reply + b" ok\r\n")
        assert client.next_event() is not None
    with pytest.raises(LocalProtocolError, match="8BITMIME"):
        client.send(commands.content("é\r\n".encode()))
    client.send(commands.content(b"e\r\n"))


def test_a_password_does_not_go_in_clear() -> None:
    hello = b"250-x\r\n250 AUTH PLAIN\r\n"
    client = greeted(hello, face=SUBMISSION)
    with pytest.raises(LocalProtocolError, match="in clear"):
        client.send(commands.auth_plain("alice", "pw"))
    assert client.data_to_send() == b""
    greeted(hello, face=SUBMISSION, auth_in_clear=True).send(commands.auth_plain("alice", "pw"))


def test_without_pipelining_each_command_waits_for_its_reply() -> None:
    client = greeted(b"250 mail.alpha.test\r\n")
    client.send(commands.mail("a@b.test"))
    assert client.legal_now() == ()
    with pytest.raises(LocalProtocolError, match="must wait for the reply to MAIL"):
        client.send(commands.rcpt("c@d.test"))


def test_a_group_ends_with_data_and_a_refused_mail_takes_the_rest_with_it() -> None:
    client = greeted()
    for command in (commands.mail("a@b.test"), commands.rcpt("c@d.test"), commands.data()):
        client.send(command)
    with pytest.raises(LocalProtocolError, match="must wait for the reply to DATA"):
        client.send(commands.noop())
    assert client.data_to_send() == b"MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n"
    client.receive_data(b"550 no\r\n503 no\r\n503 no\r\n")
    verbs = [event.verb for event in iter(client.next_event, None)]
    assert verbs == ["MAIL", "RCPT", "DATA"]
    assert client.state is State.READY
    assert "MAIL" in client.legal_now()


def test_a_peer_that_says_354_after_refusing_everybody_gets_empty_content() -> None:
    client = greeted()
    for command in (commands.mail("a@b.test"), commands.rcpt("c@d.test"), commands.data()):
        client.send(command)
    client.receive_data(b"250 ok\r\n550 no\r\n")
    assert client.next_event() is not None
    assert client.next_event() is not None
    client.receive_data(b"354 go\r\n")
    assert client.next_event() is not None
    assert client.legal_now() == ("DATA-END",)
    client.data_to_send()
    client.send(commands.content(b""))
    assert client.data_to_send() == b".\r\n"
    client.receive_data(b"554 no valid recipients\r\n")
    assert client.next_event() is not None
    assert client.state is State.READY


@pytest.mark.parametrize(
    "octets",
    [
        b"hello\r\n",
        b"25\r\n",
        b"2500 x\r\n",
        b"150 x\r\n",
        b"999 x\r\n",
        b"250-a\r\n550 b\r\n",
        b"250 ok\n",
        b"250 a\rb\r\n",
        b"354 go on\r\n",
        b"250-" + b"x" * limits.REPLY_LINE_ACCEPTED_OCTETS + b"\r\n",
        b"250-x\r\n" * (limits.REPLY_LINES + 1),
        b"250 ok\r\n250 and one that nobody asked for\r\n",
    ],
)
def test_what_is_no_reply_ends_the_session(octets: bytes) -> None:
    client = greeted()
    client.send(commands.noop())
    client.receive_data(octets)
    with pytest.raises(RemoteProtocolError):
        list(iter(client.next_event, None))
    assert client.closed
    assert client.next_event() is None
    with pytest.raises(LocalProtocolError):
        client.send(commands.noop())


def test_421_ends_the_session_asked_or_not() -> None:
    for asked in (True, False):
        client = greeted()
        if asked:
            client.send(commands.noop())
        client.receive_data(b"421 4.4.2 mail.alpha.test Error: timeout exceeded\r\n")
        event = client.next_event()
        assert event is not None
        assert event.verb == ("NOOP" if asked else "")
        assert client.closed


def test_commands_without_a_reply_can_be_named() -> None:
    client = greeted()
    client.send(commands.mail("a@b.test"))
    client.send(commands.rcpt("c@d.test"))
    client.receive_data(b"421 4.3.2 closing\r\n")
    assert client.next_event() is not None
    assert [command.verb for command in client.unanswered] == ["RCPT"]


def test_lmtp_answers_name_their_recipients() -> None:
    client = greeted(face=LMTP)
    client.send(commands.mail("a@b.test"))
    for name in ("x@d.test", "y@d.test", "z@d.test"):
        client.send(commands.rcpt(name))
    client.send(commands.data())
    client.receive_data(b"250 ok\r\n250 ok\r\n550 no\r\n250 ok\r\n354 go\r\n")
    assert len(list(iter(client.next_event, None))) == 5
    client.send(commands.content(b"x\r\n"))
    assert "QUIT" in client.legal_now()  # content may begin a group: RFC 2920, 3.1
    client.receive_data(b"250 2.0.0 saved\r\n")
    event = client.next_event()
    assert event is not None
    assert (str(event.recipient), client.state) == ("x@d.test", State.DATA)
    client.receive_data(b"452 4.2.2 full\r\n")
    event = client.next_event()
    assert event is not None
    assert (str(event.recipient), event.reply.transient, client.state) == ("z@d.test", True, State.READY)

    client.send(commands.mail("a@b.test"))
    client.send(commands.rcpt("w@d.test"))
    client.send(commands.data())
    client.receive_data(b"250 ok\r\n250 ok\r\n354 go\r\n")
    assert len(list(iter(client.next_event, None))) == 3
    client.send(commands.content(b"x\r\n"))
    client.receive_data(b"250 saved\r\n")
    event = client.next_event()
    assert event is not None
    assert (str(event.recipient), client.state) == ("w@d.test", State.READY)


def test_lmtp_content_for_nobody_is_answered_by_nobody() -> None:
    client = greeted(face=LMTP)
    for command in (commands.mail("a@b.test"), commands.rcpt("c@d.test"), commands.data()):
        client.send(command)
    client.receive_data(b"250 ok\r\n550 no\r\n354 go\r\n")
    assert len(list(iter(client.next_event, None))) == 3
    client.send(commands.content(b""))
    assert client.state is State.READY
    client.send(commands.noop())


def test_a_server_that_says_goodbye_unasked_has_closed() -> None:
    client = greeted()
    client.send(commands.noop())
    client.receive_data(b"221 2.7.0 Error: I can break rules, too. Goodbye.\r\n")
    assert client.next_event() is not None
    assert client.closed


def test_helo_takes_the_extensions_away() -> None:
    client = greeted()
    assert "PIPELINING" in client.extensions
    client.send(commands.helo("c.example"))
    client.receive_data(b"250 mail.alpha.test\r\n")
    assert client.next_event() is not None
    assert client.extensions == {}


def test_a_group_may_grow_while_its_first_replies_come_in() -> None:
    client = greeted()
    client.send(commands.mail("a@b.test"))
    client.send(commands.rcpt("c@d.test"))
    client.receive_data(b"250 ok\r\n")
    assert client.next_event() is not None
    assert client.state is State.MAIL
    client.send(commands.data())


def test_tls_makes_the_client_forget_what_was_said_in_clear() -> None:
    client = greeted()
    client.send(commands.starttls())
    client.receive_data(b"220 2.0.0 Ready\r\n250-evil\r\n250 AUTH PLAIN\r\n")
    event = client.next_event()
    assert event is not None
    assert client.state is State.HANDSHAKE
    assert client.next_event() is None
    client.tls_started()
    assert (client.tls, client.extensions, client.state) == (True, {}, State.GREETED)
    assert client.next_event() is None
    client.send(client.hello())


def test_a_challenge_must_be_answered_or_given_up() -> None:
    client = greeted(b"250-x\r\n250 AUTH PLAIN\r\n", auth_in_clear=True)
    client.send(commands.auth("PLAIN"))
    client.receive_data(b"334 \r\n")
    assert client.next_event() is not None
    assert client.legal_now() == ("AUTH-RESPONSE",)
    with pytest.raises(LocalProtocolError):
        client.send(commands.noop())
    client.send(commands.auth_cancel())
    client.receive_data(b"501 5.7.0 aborted\r\n")
    event = client.next_event()
    assert event is not None
    assert (event.verb, client.authenticated) == ("AUTH", False)
    assert "AUTH" in client.legal_now()


def test_the_size_limit_of_the_peer_is_known() -> None:
    assert greeted().size_limit == 1000
    assert greeted(b"250-x\r\n250 SIZE 0\r\n").size_limit is None
    assert greeted(b"250-x\r\n250 SIZE many\r\n").size_limit is None
