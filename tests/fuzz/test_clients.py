"""Clients of IMAP, POP3, spamd and DNS: whatever a server says, an event or a typed error, and little kept."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from simulator.errors import ProtocolError
from simulator.limits import DNS_REFERRALS
from simulator.protocol.dns import stub
from simulator.protocol.dns.cache import Cache
from simulator.protocol.dns.message import question
from simulator.protocol.dns.resolver import Answered, Ask, Resolver, Unanswered
from simulator.protocol.dns.wire import make_query, matches, parse
from simulator.protocol.imap.client import ImapClient
from simulator.protocol.pop3 import Pop3Client
from simulator.protocol.sasl import client_exchange, server_exchange
from simulator.protocol.spamd import SpamdClient
from tests.fuzz.mutation import Mutator, cut, kept_of, rounds
from tests.fuzz.test_servers import AUTHORITY, DNS

SCRIPT = ("LOGIN", "SELECT", "FETCH", "SEARCH", "IDLE", "LOGOUT")
IMAP_SAYS = Mutator(
    [
        (
            b"* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n* CAPABILITY IMAP4rev1\r\na1 OK [CAPABILITY IMAP4rev1 UIDPLUS] in\r\n"
            b"* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* FLAGS (\\Seen \\*)\r\na2 OK [READ-WRITE] done\r\n"
            b"* 1 FETCH (UID 7 FLAGS (\\Seen) RFC822.SIZE 13 BODY[] {13}\r\n a1 OK x\r\n) \x00)\r\n* 2 EXPUNGE\r\n"
            b'* 1 FETCH (ENVELOPE ("d" NIL (("n" NIL "a" "b")) NIL NIL NIL NIL NIL NIL "<i>") BODYSTRUCTURE '
            b'("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "7BIT" 5 1 NIL NIL NIL NIL))\r\na3 OK done\r\n'
            b"* SEARCH 1 2 3\r\na4 OK done\r\n+ idling\r\n* 3 EXISTS\r\na5 OK done\r\n* BYE x\r\na6 OK bye\r\n"
        ),
        b'* PREAUTH hi\r\na1 BAD no\r\na2 NO [TRYCREATE] no\r\n* LIST (\\Sent) "." "Sent"\r\n* STATUS x (MESSAGES 1)\r\n',
        b'* OK x\r\n* QUOTA "r" (STORAGE 1 2)\r\n* NAMESPACE (("" ".")) NIL NIL\r\n* ID ("name" "x")\r\na1 OK x\r\n',
    ],
    [
        b"{5}\r\nabcde",
        b"{99999999999}\r\n",
        b"(" * 500,
        b"NIL",
        b"a1 OK x\r\n",
        b"+ x\r\n",
        b"* BYE\r\n",
        b"4294967296",
    ],
)
POP3_SAYS = Mutator(
    [
        b"+OK hi <1.2@x>\r\n+OK\r\n+OK in\r\n+OK 2 300\r\n+OK\r\n1 a\r\n2 b\r\n.\r\n+OK\r\nSubject: x\r\n\r\n..dot\r\n.\r\n+OK bye\r\n",
        b"+OK hi\r\n-ERR [AUTH] no\r\n-ERR [IN-USE] no\r\n+OK\r\n+OK\r\n.\r\n",
    ],
    [b"+OK\r\n", b"-ERR\r\n", b"+ \r\n", b".\r\n", b"..\r\n", b"1 " + b"y" * 80 + b"\r\n", b"z" * 5000],
)
SPAMD_SAYS = Mutator(
    [
        b"SPAMD/1.1 0 EX_OK\r\nContent-length: 5\r\nSpam: True ; 15.7 / 5.0\r\n\r\nGTUBE",
        b"SPAMD/1.5 0 PONG\r\n",
        b"SPAMD/1.0 76 Bad header line: x\r\n",
    ],
    [b"Content-length: 999999999999\r\n", b"Spam: ", b"nan", b"inf", b"-", b"9" * 400, b"; "],
)


def _imap_step(client: ImapClient, verb: str) -> None:
    actions: dict[str, Callable[[], object]] = {
        "LOGIN": lambda: client.login("a", 'b"\\'),
        "SELECT": lambda: client.select("INBOX"),
        "FETCH": lambda: client.fetch("1:*", "(UID FLAGS ENVELOPE BODYSTRUCTURE BODY[])"),
        "SEARCH": lambda: client.send("SEARCH"),
        "IDLE": lambda: client.send("IDLE"),
        "LOGOUT": client.logout,
    }
    try:
        actions[verb]()
    except ProtocolError:
        return


def imap(chunks: list[bytes]) -> tuple[list[Any], str, bytes]:
    """The events of a client that goes through its script, its error, and what it said."""
    client, events, script = ImapClient(), list[Any](), list(SCRIPT)
    said = b""
    try:
        for chunk in chunks:
            client.receive_data(chunk)
            while (event := client.next_event()) is not None:
                events.append(event)
                said += client.data_to_send()
                if script and type(event).__name__ in ("Greeting", "Completed"):
                    _imap_step(client, script.pop(0))
    except ProtocolError as error:
        return events, type(error).__name__, said
    return events, "", said + client.data_to_send()


def pop3(chunks: list[bytes]) -> tuple[list[Any], str, bytes]:
    """The same of POP3."""
    client, events = Pop3Client(), list[Any]()
    script = [("USER", "a"), ("PASS", "b"), ("STAT", ""), ("UIDL", ""), ("RETR", "1"), ("QUIT", "")]
    said = b""
    try:
        for chunk in chunks:
            client.receive_data(chunk)
            while (event := client.next_event()) is not None:
                events.append(event)
                if script and script[0][0] in client.legal_now():
                    client.send(*script.pop(0))
                elif not script:
                    return events, "over", said
                said += client.data_to_send()
    except ProtocolError as error:
        return events, type(error).__name__, said
    return events, "", said


def spamd(chunks: list[bytes]) -> tuple[Any, str]:
    """The reply or the error of a spamd client."""
    client = SpamdClient()
    client.send("SYMBOLS", b"Subject: x\r\n\r\n")
    try:
        for chunk in chunks:
            client.receive_data(chunk)
            if (reply := client.next_event()) is not None:
                return reply, ""
        client.receive_end()
        return client.next_event(), ""
    except ProtocolError as error:
        return None, type(error).__name__


@pytest.mark.parametrize(("hear", "says"), [(imap, IMAP_SAYS), (pop3, POP3_SAYS), (spamd, SPAMD_SAYS)])
def test_no_words_of_a_server_break_a_client(hear: Callable[[list[bytes]], Any], says: Mutator, long: bool) -> None:
    for octets, chance in says.inputs(rounds(long, 4000)):
        assert hear(cut(octets, chance)) == hear([octets]), octets


def test_no_answer_breaks_a_stub_resolver(long: bool) -> None:
    asked = question("alpha.test", "MX")
    query = make_query(asked, 4711, rd=True)
    for octets, _ in DNS.inputs(rounds(long, 5000), seed=3):
        if matches(query, octets):
            assert stub.result_of(asked, query, octets).status in (
                "ok",
                "nodata",
                "nxdomain",
                "error",
                "format",
                "servfail",
            )
        try:
            parse(octets)
        except ProtocolError:
            continue


def test_no_answers_keep_a_resolver_asking_for_ever(long: bool) -> None:
    for number in range(rounds(long, 3000) // 10):
        chance = random.Random(number)
        work = Resolver((("a.root", "198.51.100.1"),), Cache()).resolve(question("x.alpha.test", "MX"), 0)
        asked, outcome, ended = 0, None, False
        while not ended and asked < 50 * DNS_REFERRALS:
            try:
                ask = work.send(outcome)  # type: ignore[arg-type]
            except StopIteration:
                ended = True
            else:
                asked += 1
                outcome = _hostile_outcome(ask, asked, chance)
        assert ended, number


def _hostile_outcome(ask: Ask, now: int, chance: random.Random) -> Answered | Unanswered:
    """What came back: the true answer, or another one, changed, that still belongs to the question."""
    query = make_query(ask.question, 1, rd=False)
    answered = AUTHORITY.respond(query)
    octets = answered[0] if answered is not None and chance.random() < 0.8 else chance.choice(DNS.seeds)
    for _ in range(10):
        changed = DNS.changed(octets, chance)
        if matches(query, changed):
            return Answered(changed, now)
    return Unanswered(now)


MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256")
SASL = Mutator(
    [b"\0a@b\0pw", b"<1.2@x>", b"r=abcXYZ,s=QUJD,i=4096", b"v=AAAA", b"n,,n=a,r=abc", b"Username:", b"e=other-error"],
    [b"i=99999999999", b"i=0", b"r=", b",,", b"\0\0"],
)


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_no_challenge_or_response_breaks_an_exchange(mechanism: str, long: bool) -> None:
    for octets, chance in SASL.inputs(rounds(long, 1500)):
        client = client_exchange(mechanism, "a@b", "pw", nonce="abc")
        client.initial()
        for _ in range(4):
            try:
                client.step(octets)
            except ProtocolError:
                break
        else:
            raise AssertionError("an exchange without end")
        if mechanism in ("PLAIN", "LOGIN"):
            server = server_exchange(mechanism)
            try:
                server.start(octets if chance.random() < 0.5 else None)
                server.step(octets)
            except ProtocolError:
                continue


# What is kept


def _feed(client: Any) -> Callable[[bytes], object]:
    def feed(octets: bytes) -> object:
        try:
            client.receive_data(octets)
            while client.next_event() is not None:
                pass
        except ProtocolError:
            return True
        return False

    return feed


@pytest.mark.parametrize("piece", [b"x", b"\r\n", b"* 1 EXISTS\r\n", b"+OK\r\n", b"(", b"SPAMD/1.1 0 EX_OK\r\n"])
@pytest.mark.parametrize("client", [ImapClient, Pop3Client, SpamdClient])
def test_whatever_a_server_says_without_end_little_of_it_is_kept(client: Any, piece: bytes) -> None:
    made = client()
    if client is SpamdClient:
        made.send("PING")
    assert kept_of(_feed(made), piece, 3_000_000) < 600_000
