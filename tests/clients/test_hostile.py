"""No server can hang our clients, fill their memory, break them with an untyped error, or have a password in clear."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from simulator.errors import ProtocolError, RemoteProtocolError
from simulator.limits import MESSAGE_OCTETS
from simulator.nodes.connecting import Access
from simulator.protocol.imap.client import ImapClient
from simulator.protocol.pop3 import Pop3Client
from simulator.protocol.smtp import SUBMISSION, SmtpClient, commands
from tests.clients.hostile import DRIPS, FLOOD, Hostile, ends, hostile_world
from tests.nodes.mail_world import SECOND, MailWorld

Answers = Callable[[bytes], bytes]


def fetched(server_port: int, **how: Any) -> tuple[MailWorld, Hostile]:
    """Let Boris fetch from such a server; he is told that it did not work, and has no letter."""
    world, server = hostile_world(server_port, implicit=True, **how)
    world.do("fetch", SECOND)
    ends(world, server)
    assert world.ask("mua.notice | count") == 1
    return world, server


def imap(**answers: bytes) -> Answers:
    """Answers by verb; `TAG` in them stands for the client's tag; others are OK."""

    def answer(line: bytes) -> bytes:
        tag, _, rest = line.partition(b" ")
        verb = rest.split(b" ")[0].upper().decode("latin-1")
        said = answers.get(verb, b"* OK [UIDVALIDITY 7] x\r\nTAG OK done\r\n")
        return said.replace(b"TAG", tag)

    return answer


# Dripping and endless


@pytest.mark.parametrize("drip", DRIPS)
@pytest.mark.parametrize("port", [993, 995])
def test_a_dripping_server_holds_no_reader(port: int, drip: bytes) -> None:
    fetched(port, drip=drip)


@pytest.mark.parametrize("drip", [b"* BYE x\r\n", b"* 1 EXISTS\r\n", b"* OK still here\r\n", b"+ go on\r\n"])
@pytest.mark.parametrize("verb", ["LOGIN", "SELECT", "FETCH"])
def test_a_server_that_talks_on_instead_of_answering_holds_no_reader(verb: str, drip: bytes) -> None:
    fetched(993, greeting=b"* OK hi\r\n", answer=imap(**{verb: b""}), drip=drip)


@pytest.mark.parametrize(
    "greeting", [FLOOD, b"* OK " + FLOOD, b"* OK {99999999999}\r\n", b"+OK " + FLOOD, b"\r\n" * 90_000]
)
@pytest.mark.parametrize("port", [993, 995])
def test_a_flood_in_place_of_a_greeting_ends_the_reading(port: int, greeting: bytes) -> None:
    _, server = fetched(port, greeting=greeting)
    assert b"battery" not in server.heard_sealed


# Wrong answers


@pytest.mark.parametrize(
    "answers",
    [
        {"LOGIN": b"zz OK done\r\n"},
        {"LOGIN": b"TAG OK done\r\nTAG OK done\r\n", "SELECT": b""},
        {"LOGIN": b"TAG MAYBE\r\n"},
        {"LOGIN": b"* PREAUTH x\r\n* BYE x\r\n"},
        {"LOGIN": b"+ more\r\n"},
        {"LOGIN": b"TAG NO no\r\n"},
        {"SELECT": b"TAG OK no uidvalidity\r\n"},
        {"SELECT": b"* OK [UIDVALIDITY 99999999999999999999999] x\r\nTAG OK x\r\n", "FETCH": b"TAG OK x\r\nTAG OK x\r\n"},
        {"FETCH": b"* 1 FETCH (UID 1 FLAGS ()\r\n"},
        {"FETCH": b"* 1 FETCH (UID 1 BODY[] {99999999999}\r\n"},
        {"FETCH": b"* 1 FETCH " + b"(" * 40_000 + b"\r\n"},
        {"FETCH": b"* 1 FETCH (UID 4294967295 FLAGS ())\r\nTAG OK x\r\n", "UID": b"TAG BAD x\r\n"},
        {"FETCH": b"* 1 FETCH (UID 1 FLAGS ())\r\nTAG OK x\r\n", "UID": b"* 1 FETCH (UID 1 BODY[] {20000000}\r\n" + FLOOD},
        {"FETCH": (b"* OK " + b"x" * 8000 + b"\r\n") * 1600},
        {"FETCH": b"\xff\xfe\0\r\n"},
    ],
)  # fmt: skip
def test_an_imap_server_that_answers_wrongly_is_left(answers: dict[str, bytes]) -> None:
    world, _ = fetched(993, greeting=b"* OK hi\r\n", answer=imap(**answers))
    assert not world.programs["pc-boris"].box.keys("INBOX")


@pytest.mark.parametrize(
    "answers",
    [
        {b"USER": b"+MAYBE\r\n"},
        {b"USER": b"+OK\r\n+OK\r\n", b"PASS": b"+OK\r\n", b"STAT": b""},
        {b"STAT": b"+OK\r\nUNASKED\r\n"},
        {b"UIDL": b"+OK\r\n1 a\r\nnonsense\r\n.\r\n"},
        {b"UIDL": b"+OK\r\n1 " + b"a" * 500 + b"\r\n.\r\n"},
        {b"UIDL": b"+OK\r\n99999999999999 a\r\n.\r\n"},
        {b"UIDL": b"+OK\r\n" + b"1 a\r\n" * 3_000_000},
        {b"UIDL": b"+OK\r\n1 a\r\n.\r\n", b"RETR": b"+OK\r\n" + b"x" * (MESSAGE_OCTETS + 200_000)},
        {b"UIDL": b"+OK\r\n1 a\r\n.\r\n", b"RETR": b"-ERR\r\n"},
        {b"UIDL": b"+OK\r\n1 a\r\n.\r\n", b"RETR": b"+OK\r\nno end\r\n..\r\n"},
    ],
)  # fmt: skip
def test_a_pop3_server_that_answers_wrongly_is_left(answers: dict[bytes, bytes]) -> None:
    def answer(line: bytes) -> bytes:
        return answers.get(line.split(b" ")[0], b"+OK\r\n")

    world, _ = fetched(995, greeting=b"+OK hi\r\n", answer=answer)
    assert not world.programs["pc-boris"].box.keys("INBOX")


# Passwords and TLS


def submitted(answer: Answers, **how: Any) -> tuple[MailWorld, Hostile]:
    """Let Anna's program submit through such a server on port 587; she is told that it did not work."""
    world, server = hostile_world(587, greeting=b"220 hi\r\n", answer=answer, **how)
    world.programs["pc-anna"].sends_via = Access("submission", "mx.beta.example", 587)
    world.send("boris@beta.example")
    ends(world, server)
    assert world.ask("mua.notice | count") == 1
    assert b"AUTH" not in server.heard and b"MAIL" not in server.heard
    return world, server


HELLO = b"250-hi\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n"


@pytest.mark.parametrize(
    "starttls",
    [
        b"454 no\r\n",
        b"250 ok\r\n",
        b"220 go\r\n220 go\r\n",
        b"220 go\r\n250-x\r\n250 AUTH PLAIN\r\n235 ok\r\n",
        b"",
        b"220-x\r\n",
    ],
)
@pytest.mark.parametrize("hello", [HELLO, b"250 AUTH PLAIN LOGIN\r\n", b"500 what\r\n"])
def test_no_password_goes_in_clear_whatever_becomes_of_starttls(hello: bytes, starttls: bytes) -> None:
    submitted(lambda line: starttls if line == b"STARTTLS" else hello)


def test_what_was_injected_before_the_handshake_is_not_heard_after_it() -> None:
    def answer(line: bytes) -> bytes:
        if line == b"STARTTLS":
            return b"220 go\r\n250-injected\r\n250 AUTH PLAIN\r\n"
        said.append(line)
        return HELLO if len(said) == 1 else b""

    said: list[bytes] = []
    _, server = submitted(answer, starts_tls=True)
    assert server.heard_sealed.startswith(b"EHLO ") and server.heard_sealed.count(b"\r\n") == 1


@pytest.mark.parametrize("challenge", [b"334 \r\n", b"334 !!!\r\n", b"334 eA==\r\n", b"334 " + b"A" * 3000 + b"\r\n"])
@pytest.mark.parametrize("mechanism", [b"PLAIN", b"LOGIN", b"CRAM-MD5", b"SCRAM-SHA-256"])
def test_a_server_that_challenges_for_ever_is_left(mechanism: bytes, challenge: bytes) -> None:
    hello = b"250-hi\r\n250-STARTTLS\r\n250 AUTH " + mechanism + b"\r\n"

    def answer(line: bytes) -> bytes:
        if line == b"STARTTLS":
            return b"220 go\r\n"
        return hello if line.startswith(b"EHLO") else challenge

    _, server = submitted(answer, starts_tls=True)
    assert server.heard_sealed.count(b"\r\n") < 10


def test_a_scram_server_that_does_not_know_the_password_is_not_believed() -> None:
    hello = b"250-hi\r\n250-STARTTLS\r\n250 AUTH SCRAM-SHA-256\r\n"

    def answer(line: bytes) -> bytes:
        if line == b"STARTTLS":
            return b"220 go\r\n"
        return hello if line.startswith(b"EHLO") else b"235 welcome\r\n"

    _, server = submitted(answer, starts_tls=True)
    assert b"MAIL" not in server.heard_sealed and b"horse" not in server.heard_sealed


@pytest.mark.parametrize(
    "junk",
    [b"220 no tls here\r\n", b"\x16\x03\x01\xff\xff" + b"\0" * 70_000, b"\x15\x03\x03\0\x02\x02\x28", b"\0" * 400_000],
)
@pytest.mark.parametrize("port", [993, 995])
def test_what_is_no_handshake_ends_the_reading(port: int, junk: bytes) -> None:
    world, server = hostile_world(port, greeting=junk)
    world.do("fetch", SECOND)
    ends(world, server)
    assert world.ask("mua.notice | count") == 1
    assert b"battery" not in server.heard


@pytest.mark.parametrize("drip", [b"\x16", b"\x16\x03\x03\0\x01\0"])
def test_a_handshake_that_drips_is_given_up(drip: bytes) -> None:
    world, server = hostile_world(993, drip=drip)
    world.do("fetch", SECOND)
    ends(world, server)


# The cores, where no node uses them yet


def test_an_imap_client_believes_nothing_that_came_in_clear_behind_starttls() -> None:
    client = ImapClient()
    client.receive_data(b"* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] hi\r\n")
    client.next_event()
    client.send("STARTTLS")
    client.receive_data(b"a1 OK go\r\n* CAPABILITY IMAP4rev1\r\na2 OK logged in\r\n")
    with pytest.raises(RemoteProtocolError):
        client.next_event()


def test_a_pop3_client_believes_nothing_that_came_in_clear_behind_stls() -> None:
    client = Pop3Client()
    client.receive_data(b"+OK hi\r\n")
    client.next_event()
    client.send("STLS")
    client.receive_data(b"+OK go\r\n+OK logged in\r\n")
    with pytest.raises(RemoteProtocolError):
        client.next_event()


def test_an_smtp_client_forgets_what_came_in_clear_behind_starttls() -> None:
    client = SmtpClient(hostname="c.example", face=SUBMISSION)
    client.receive_data(b"220 hi\r\n")
    client.next_event()
    client.send(client.hello())
    client.receive_data(HELLO)
    client.next_event()
    client.send(commands.starttls())
    client.receive_data(b"220 go\r\n250 AUTH PLAIN\r\n")
    assert client.next_event() is not None and client.next_event() is None
    client.tls_started()
    assert client.mechanisms == () and client.next_event() is None


@pytest.mark.parametrize("preauth", [b"* PREAUTH welcome\r\n"])
def test_a_preauth_greeting_does_not_hide_that_tls_is_missing(preauth: bytes) -> None:
    client = ImapClient()
    client.receive_data(preauth)
    client.next_event()
    with pytest.raises(ProtocolError):
        client.send("STARTTLS")
