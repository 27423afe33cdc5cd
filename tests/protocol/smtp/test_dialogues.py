"""Each dialogue in `dialogues/` is played as it stands, octet by octet, and in odd chunks."""

from pathlib import Path

import pytest

from simulator import limits
from simulator.errors import LocalProtocolError
from simulator.protocol.smtp import Content, SmtpServer, State, replies, reply
from tests.protocol.smtp.runner import DIALOGUES, Policy, play, serve, server_for

FILES = sorted(DIALOGUES.glob("*.txt"))


@pytest.mark.parametrize("chunk", [None, 1, 7], ids=["whole", "by-octet", "by-seven"])
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_server_answers_as_written(file: Path, chunk: int | None) -> None:
    play(file.read_text(encoding="utf-8"), chunk=chunk)


def test_the_letter_arrives_unstuffed_with_its_envelope() -> None:
    policy = play((DIALOGUES / "full-transaction.txt").read_text(encoding="utf-8"))
    sender, recipients, octets = policy.letters[0]
    assert (sender, recipients) == ("carol@beta.test", ("bob@alpha.test",))
    assert octets.endswith(b"\r\n\r\nHello Bob\r\n.leading dot\r\n")


def test_nothing_smuggled_arrives() -> None:
    assert play((DIALOGUES / "smuggling.txt").read_text(encoding="utf-8")).letters == []


def test_the_runner_notices_a_wrong_reply() -> None:
    with pytest.raises(AssertionError):
        play("S: 220 mail.alpha.test ESMTP\nC: QUIT\nS: 250 2.0.0 Ok\n")


def in_data(options: str = "") -> tuple[Policy, bytes]:
    server = server_for(options)
    policy = Policy(server)
    said = serve(server, policy, b"EHLO c\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<bob@alpha.test>\r\nDATA\r\n")
    return policy, said


def test_a_text_line_of_a_thousand_octets_passes_and_one_more_does_not() -> None:
    accepted = b"250 2.0.0 Ok: queued as 7C88E25C169\r\n"
    policy, _ = in_data()
    assert serve(policy.server, policy, b"first\r\n" + b"." * 999 + b"\r\n.\r\n") == accepted
    assert len(policy.letters[0][2]) == len(b"first\r\n") + limits.TEXT_LINE_OCTETS
    policy, _ = in_data()
    assert (
        serve(policy.server, policy, b"first\r\n" + b"x" * 999 + b"\r\n.\r\n") == b"500 5.5.2 Error: line too long\r\n"
    )


def test_a_command_line_over_its_limit_is_refused_once_and_the_next_is_served() -> None:
    server = server_for()
    policy = Policy(server)
    serve(server, policy, b"EHLO c\r\n")
    assert serve(server, policy, b"NOOP " + b"x" * 100_000 + b"\r\nNOOP\r\n", chunk=1000) == (
        b"500 5.5.2 Error: line too long\r\n250 2.0.0 Ok\r\n"
    )


def test_a_response_to_auth_may_be_long_but_not_endless() -> None:
    server = server_for("face=submissions auth=PLAIN")
    policy = Policy(server)
    serve(server, policy, b"EHLO c\r\n")
    assert serve(server, policy, b"AUTH PLAIN\r\n" + b"A" * 12_000 + b"\r\n").startswith(b"334 \r\n535 5.7.8")
    long = b"AUTH PLAIN\r\n" + b"A" * 13_000 + b"\r\nNOOP\r\n"
    assert serve(server, policy, long) == (
        b"334 \r\n500 5.5.6 Authentication exchange line is too long\r\n250 2.0.0 Ok\r\n"
    )


def test_errors_are_forgiven_when_a_letter_is_accepted() -> None:
    policy, _ = in_data("errors=2")
    server = policy.server
    serve(server, policy, b"hello\r\n.\r\nFOO\r\n")
    assert server.errors == 1
    serve(server, policy, b"MAIL FROM:<a@b.test>\r\nRCPT TO:<bob@alpha.test>\r\nDATA\r\nx\r\n.\r\n")
    assert server.errors == 0


def test_what_comes_in_clear_behind_starttls_is_never_a_command() -> None:
    server = server_for("face=submission tls auth=PLAIN")
    policy = Policy(server)
    said = serve(server, policy, b"EHLO c\r\nSTARTTLS\r\nEHLO evil\r\nNOOP\r\n")
    assert said.endswith(b"220 2.0.0 Ready to start TLS\r\n")
    server.receive_data(b"NOOP\r\n")
    server.tls_started()
    assert server.client_name == ""
    assert server.next_event() is None
    assert serve(server, policy, b"NOOP\r\n") == b"250 2.0.0 Ok\r\n"


def test_a_long_line_is_allowed_only_while_a_response_is_owed() -> None:
    server = server_for("face=submissions auth=PLAIN")
    policy = Policy(server)
    serve(server, policy, b"EHLO c\r\nAUTH PLAIN\r\n*\r\n")
    assert serve(server, policy, b"NOOP " + b"x" * 2000 + b"\r\n") == b"500 5.5.2 Error: line too long\r\n"


def test_after_too_many_errors_even_a_line_that_cannot_be_read_ends_the_session() -> None:
    server = server_for("errors=1")
    policy = Policy(server)
    assert serve(server, policy, b"a\rb\r\nc\rd\r\n").endswith(b"421 4.7.0 mail.alpha.test Error: too many errors\r\n")
    assert server.closed


def test_what_comes_after_the_end_is_not_kept() -> None:
    server = server_for()
    policy = Policy(server)
    serve(server, policy, b"QUIT\r\nNOOP\r\n")
    server.receive_data(b"NOOP\r\n")
    assert (server.unread, server.next_event()) == (0, None)


def test_a_refusal_repeats_nothing_unprintable_even_in_its_text() -> None:
    server = server_for("offers=PIPELINING")
    server.receive_data(b"EHLO c\r\nMAIL FROM:<a@b.test> \x9b=1\r\n")
    assert server.next_event() is not None
    event = server.next_event()
    assert event is not None
    assert event.reply == reply(555, "5.5.4", "Unsupported option: ?=1")


def test_lmtp_replies_given_in_any_order_go_out_in_the_order_of_the_recipients() -> None:
    policy, _ = in_data("face=lmtp")
    server = policy.server
    for round_ in range(2):
        server.receive_data(
            b"LHLO c\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<bob@alpha.test>\r\nRCPT TO:<erin@alpha.test>\r\nDATA\r\nx\r\n.\r\n"
        )
        while not isinstance(event := server.next_event(), Content):
            assert event is not None
            if event.reply is None:
                policy.answer(event)
        server.data_to_send()
        with pytest.raises(LocalProtocolError):
            server.reply(replies.OK)
        with pytest.raises(LocalProtocolError):
            server.reply_all([replies.OK])
        server.reply_for(1, reply(452, "4.2.2", f"second {round_}"))
        for taken in (1, 2, -1):
            with pytest.raises(LocalProtocolError):
                server.reply_for(taken, replies.OK)
        assert server.state is State.DATA
        server.reply_for(0, reply(250, "2.0.0", f"first {round_}"))
        assert server.data_to_send() == f"250 2.0.0 first {round_}\r\n452 4.2.2 second {round_}\r\n".encode()
        assert server.state is State.READY


@pytest.mark.parametrize(("code", "next_line"), [(554, b"503 5.5.1"), (521, b"503 5.5.1"), (421, b"")])
def test_a_greeting_may_refuse_all_mail(code: int, next_line: bytes) -> None:
    server = SmtpServer(hostname="h")
    server.greet(replies.NO_MAIL_HERE if code == 521 else reply(code, "", "no"))
    server.data_to_send()
    policy = Policy(server)
    assert serve(server, policy, b"EHLO c\r\n").startswith(next_line)
    assert serve(server, policy, b"QUIT\r\n") == (b"221 2.0.0 Bye\r\n" if code != 421 else b"")
    assert server.closed


def test_a_session_in_utf_8_says_so_in_the_trace_field() -> None:
    for options, word in (("offers=all", "UTF8SMTP"), ("face=lmtp offers=all", "UTF8LMTP")):
        server = server_for(options)
        hello = b"LHLO c\r\n" if server.face.reply_each else b"EHLO c\r\n"
        serve(server, Policy(server), hello + b"MAIL FROM:<a@b.test> SMTPUTF8\r\n")
        assert server.protocol == word


def test_policy_has_the_words_for_each_refusal_of_a_recipient() -> None:
    assert str(replies.mailbox_full("a@b.test", for_good=False)).startswith("452 4.2.2 <a@b.test>: ")
    assert str(replies.mailbox_full("a@b.test", for_good=True)).startswith("552 5.2.2 <a@b.test>: ")
    assert str(replies.null_mx("a@b.test")).startswith("556 5.1.10 <a@b.test>: ")
    assert replies.AUTH_TROUBLE.code == 454
