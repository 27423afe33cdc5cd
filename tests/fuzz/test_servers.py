"""Servers of POP3, IMAP, spamd and DNS: no input breaks them, fills them, or comes back as a control octet."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator import limits
from simulator.errors import ProtocolError
from simulator.protocol.dns.authority import Authority
from simulator.protocol.dns.front import Front
from simulator.protocol.dns.message import question
from simulator.protocol.dns.wire import StreamReader, make_query, parse, to_stream
from simulator.protocol.dns.zone import parse_zone
from simulator.protocol.spamd import Reply, SpamdServer
from tests.fuzz.mutation import Mutator, cut, kept_of, rounds
from tests.protocol.dns.worlds import ALPHA_TEST, with_big
from tests.protocol.imap.dialogue import Session as ImapSession
from tests.protocol.pop3.dialogue import Session as Pop3Session

PROTOCOLS = Path(__file__).parents[1] / "protocol"
UNPRINTABLE = re.compile(rb"[^\r\n -~]|\r(?!\n)|(?<!\r)\n")
LITERAL = re.compile(rb"\{(\d+)\}\r\n")


def words_of_clients(protocol: str) -> list[bytes]:
    """What the clients of all dialogues of a protocol say, one stream a dialogue."""
    streams = []
    for file in sorted((PROTOCOLS / protocol / "dialogues").glob("*.txt")):
        lines = [line[3:] for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("C: ")]
        streams.append("".join(line.replace("\\r", "\r") + "\r\n" for line in lines).encode())
    return [stream for stream in streams if stream]


POP3 = Mutator(
    words_of_clients("pop3"),
    [
        b"USER bob@alpha.test\r\n",
        b'PASS bob "p w\\ \r\n',
        b"STLS\r\n",
        b"AUTH PLAIN\r\n",
        b"AUTH CRAM-MD5\r\n",
        b"*\r\n",
        b"RETR 1\r\n",
        b"TOP 1 99999999999\r\n",
        b"DELE 2\r\n",
        b"UIDL\r\n",
        b"QUIT\r\n",
        b"LIST -1\r\n",
        b"x" * 300,
    ],
)
LOGIN = b'a LOGIN "bob@alpha.test" "bob \\"pw\\\\"\r\nb SELECT INBOX\r\n'
IMAP = Mutator(
    [*words_of_clients("imap"), *(LOGIN + stream for stream in words_of_clients("imap")), LOGIN],
    [
        b"{3+}\r\nabc",
        b"{3}\r\nabc",
        b"{99999999999}\r\n",
        b"{0+}\r\n",
        b"{-1}\r\n",
        b"((((",
        b"))",
        b"BODY[1.2.MIME]<0.9>",
        b"UID ",
        b"1:*",
        b"*:*",
        b"4294967296",
        b"0",
        b"$",
        b"OR ALL NOT ",
        b"&BB8-",
        b"&",
        b"DONE\r\n",
        b"IDLE\r\n",
        b"\r\nz FETCH 1:* (FLAGS BODY[])\r\n",
        b"\r\nz SEARCH ",
        b"HEADER.FIELDS (",
        b"%",
        b"* ",
        b"~",
        b"]",
        b"y" * 9000,
    ],
)


def pop3(chunks: list[bytes]) -> tuple[bytes, list[Any]]:
    """What a POP3 server says to a stream, and its events."""
    session = Pop3Session(apop=True, mechanisms=("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256"))
    for chunk in chunks:
        session.feed(chunk)
    return session.output, session.events


def imap(chunks: list[bytes]) -> tuple[bytes, list[Any]]:
    """What an IMAP server says to a stream, and its events."""
    session = ImapSession()
    for chunk in chunks:
        session.feed(chunk)
    return session.output, list(session.events)


def refusals(said: bytes) -> list[bytes]:
    """The lines of an IMAP server that say NO or BAD, literals taken out."""
    text, at = b"", 0
    for mark in LITERAL.finditer(said):
        if mark.start() >= at:
            text += said[at : mark.end()]
            at = mark.end() + int(mark[1])
    text += said[at:]
    return [line for line in text.split(b"\r\n") if re.match(rb"\S+ (NO|BAD|BYE) ", line)]


def test_no_mutation_breaks_a_pop3_session(long: bool) -> None:
    for octets, chance in POP3.inputs(rounds(long, 3000)):
        said, events = pop3([octets])
        assert pop3(cut(octets, chance)) == (said, events), octets
        answers = [line for line in said.split(b"\r\n") if line.startswith(b"-ERR")]
        assert not any(UNPRINTABLE.search(line) for line in answers), octets


def test_no_mutation_breaks_an_imap_session(long: bool) -> None:
    for octets, chance in IMAP.inputs(rounds(long, 2000)):
        said, events = imap([octets])
        assert imap(cut(octets, chance)) == (said, events), octets
        assert not any(UNPRINTABLE.search(line) for line in refusals(said)), octets


def spamd(chunks: list[bytes]) -> tuple[bytes, list[Any], str]:
    """What a spamd server says to a stream, its requests, and its error."""
    server, events, error = SpamdServer(), [], ""
    for chunk in [*chunks, b""]:
        try:
            server.receive_data(chunk) if chunk else server.receive_end()
            event = server.next_event()
        except ProtocolError as broken:
            error = type(broken).__name__
            break
        if event is not None:
            events.append(event)
        if event is not None and event.reply is None:
            server.reply(Reply(spam=True, score=157, threshold=50, content=b"GTUBE"))
    return server.data_to_send(), events, error


LETTER = b"Subject: hi\r\n\r\nHello\r\n"
SPAMD = Mutator(
    [
        b"SYMBOLS SPAMC/1.5\r\nContent-length: 23\r\nUser: bob\r\n\r\n" + LETTER,
        b"PING SPAMC/1.2\r\n\r\n",
        b"PROCESS SPAMC/1.5\r\nContent-length: 23\r\n\r\n" + LETTER,
        b"REPORT SPAMC/1.3\r\n\r\n" + LETTER,
        b"TELL SPAMC/1.5\r\nMessage-class: spam\r\nSet: local\r\nContent-length: 23\r\n\r\n" + LETTER,
    ],
    [b"Content-length: 99999999999999999999\r\n", b"Content-length: -1\r\n", b"SPAMC/9.9", b"Compress: zlib\r\n"],
)


def test_no_mutation_breaks_a_spamd_server(long: bool) -> None:
    for octets, chance in SPAMD.inputs(rounds(long, 5000)):
        said, events, error = spamd([octets])
        assert spamd(cut(octets, chance)) == (said, events, error), octets
        if b"EX_OK" not in said:
            assert UNPRINTABLE.search(said) is None, octets


AUTHORITY = Authority([parse_zone(with_big(ALPHA_TEST), "alpha.test")])
_ASKED = [("alpha.test", "MX"), ("mx1.alpha.test", "A"), ("nowhere.alpha.test", "TXT"), ("x.wild.alpha.test", "A")]
QUERIES = [make_query(question(name, rtype), 4711, rd=rd) for name, rtype in _ASKED for rd in (True, False)]
_ANSWERS = [found[0] for found in map(AUTHORITY.respond, QUERIES) if found is not None]
_WIRE = [
    b"\xc0\x0c",
    b"\xc0\xff",
    b"\xff\xff",
    b"\0\0",
    b"\x3f",
    b"\0\x29",
    b"\0\xff",
    b"\0\xfc",
    b"\x40a",
    b"\1a" * 130,
]
DNS = Mutator([*QUERIES, *_ANSWERS], _WIRE)


def test_no_mutation_breaks_a_name_server(long: bool) -> None:
    front = Front()
    for octets, chance in DNS.inputs(rounds(long, 6000)):
        transport = chance.choice(["udp", "tcp"])
        front.read(octets, transport)  # type: ignore[arg-type]
        answered = AUTHORITY.respond(octets, transport)  # type: ignore[arg-type]
        if answered is not None:
            assert answered[0][:2] == octets[:2] and answered[0][2] & 0x80
            assert len(answered[0]) <= (limits.DNS_TCP_OCTETS if transport == "tcp" else 4096)
            parse(answered[0])


def test_dns_over_tcp_is_the_same_in_any_chunks(long: bool) -> None:
    def read(chunks: list[bytes]) -> list[bytes]:
        reader, found = StreamReader(), []
        for chunk in chunks:
            reader.receive_data(chunk)
            while (message := reader.next_message()) is not None:
                found.append(message)
        return found

    for octets, chance in DNS.inputs(rounds(long, 2000), seed=2):
        stream = to_stream(octets) * 2 + octets
        assert read(cut(stream, chance)) == read([stream])


# What is kept


def _pop3_feed() -> Callable[[bytes], object]:
    session = Pop3Session()

    def feed(octets: bytes) -> object:
        session.feed(octets)
        session.take()
        session.events.clear()
        return session.server.closed

    return feed


def _imap_feed(first: bytes = b"") -> Callable[[bytes], object]:
    session = ImapSession()
    session.feed(first)

    def feed(octets: bytes) -> object:
        session.feed(octets)
        session.take()
        session.events.clear()
        return session.server.closed

    return feed


def _spamd_feed() -> Callable[[bytes], object]:
    server = SpamdServer()

    def feed(octets: bytes) -> object:
        try:
            server.receive_data(octets)
            return server.next_event() is not None or server.closing
        except ProtocolError:
            return True

    return feed


PEERS = {
    "pop3": _pop3_feed,
    "imap": _imap_feed,
    "imap, logged in": lambda: _imap_feed(LOGIN),
    "imap, literal": lambda: _imap_feed(LOGIN + b"c APPEND INBOX {9999999999+}\r\n"),
    "imap, authenticate": lambda: _imap_feed(b"c AUTHENTICATE PLAIN\r\n"),
    "imap, idle": lambda: _imap_feed(LOGIN + b"c IDLE\r\n"),
    "spamd": _spamd_feed,
}


@pytest.mark.parametrize("piece", [b"x", b"x " * 50, b"\r\n", b"a NOOP {1+}\r\n", b"(", b"\0", b'"'])
@pytest.mark.parametrize("peer", PEERS)
def test_whatever_a_client_says_without_end_little_of_it_is_kept(peer: str, piece: bytes) -> None:
    assert kept_of(PEERS[peer](), piece, 3_000_000) < 600_000
