"""Octets of DNS messages: reading, writing with name compression and truncation, patching id and TTLs in place.

Own framing around dnspython's names and rdata, so that the order of records is ours (its `to_wire` shuffles
unless told not to), truncation can stop inside a set, and a ready answer is patched instead of made anew.
Source: RFC 1035, 4.1; RFC 2181, 5.2 and 9; RFC 6891, 6.1; RFC 1035, 4.2.2 (length before a message over TCP).
"""

from __future__ import annotations

import io
import struct
from functools import lru_cache
from typing import TYPE_CHECKING

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype

from simulator.limits import DNS_EDNS_OCTETS, DNS_TCP_OCTETS, DNS_UDP_OCTETS
from simulator.protocol.dns.message import IN, OPT, QR, RD, TC, DnsFormatError, Edns, Message, Question, RRset

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_HEADER = struct.Struct("!HHHHHH")
_RECORD = struct.Struct("!HHIH")
_TYPE_AND_CLASS = struct.Struct("!HH")
_U16 = struct.Struct("!H")
_U32 = struct.Struct("!I")
_OPT_OCTETS = 11
_IN = dns.rdataclass.IN
LONGEST_TTL = 0x7FFF_FFFF


def make_query(asked: Question, ident: int, *, rd: bool, payload: int = DNS_EDNS_OCTETS) -> bytes:
    """A query with EDNS that offers `payload` octets (0: without EDNS); the id is the caller's random number."""
    return _U16.pack(ident) + query_tail(asked.name.labels, asked.type, RD if rd else 0, payload)


@lru_cache(maxsize=4096)
def query_tail(labels: tuple[bytes, ...], rtype: int, flags: int, payload: int = DNS_EDNS_OCTETS) -> bytes:
    """A query but for its id. By labels, not by name: names in another case are equal, and their octets are not."""
    edns = Edns(payload=payload) if payload else None
    asked = Question(dns.name.Name(labels), rtype)
    return render(Message(id=0, flags=flags, rcode=0, question=asked, edns=edns))[2:]


def matches(query: bytes, answer: bytes) -> bool:
    """Whether an answer belongs to a query: id, QR, opcode, name, type and class (RFC 5452, 9.1).

    Address and port are the caller's: it listens on the port that asked and knows whom it asked.
    """
    if len(answer) < 12 or not answer.startswith(query[:2]) or (answer[2] ^ query[2]) & 0xF8 != 0x80:
        return False
    try:
        if answer[4:6] == b"\0\1" and answer.startswith(_asked_octets(query[2:]), 12):
            return True  # to the letter; the rest is for servers that write the name in another case
        if answer[4:6] == b"\0\0":  # FORMERR and kin come without a question
            return answer[3] & 0x0F != 0
        asked, answered = _first_question(query), _first_question(answer)
    except DnsFormatError:
        return False
    return asked == answered and asked is not None


@lru_cache(maxsize=4096)
def _asked_octets(tail: bytes) -> bytes:
    """The question of a query of ours, from the octets after its id."""
    return tail[10 : skip_name(tail, 10) + 4]


def _first_question(octets: bytes) -> Question | None:
    end = skip_name(octets, 12) + 4
    if end > len(octets) or octets[4:6] != b"\0\1":
        return None
    return _question(octets[12:end])


@lru_cache(maxsize=4096)
def _question(octets: bytes) -> Question:
    """A question from its octets; dnspython's parser is asked once for each."""
    try:
        name, used = dns.name.from_wire(octets, 0)
        return Question(name, *_TYPE_AND_CLASS.unpack_from(octets, used))
    except (dns.exception.DNSException, ValueError, struct.error) as error:
        raise DnsFormatError(f"Not a question of DNS: {error or type(error).__name__}.") from error


def parse(octets: bytes) -> Message:
    """A message from its octets; DnsFormatError if they are none, or if octets are left over."""
    if len(octets) < 12:
        raise DnsFormatError(f"A DNS message has 12 octets at least; these are {len(octets)}.")
    ident, flags, *counts = _HEADER.unpack_from(octets)
    asked, sections = _body(octets, counts)
    edns, upper = _only_opt(sections)
    return Message(
        id=ident,
        flags=flags & ~0x000F,
        rcode=upper << 4 | flags & 0x000F,
        question=asked,
        answer=sections[0].sets(),
        authority=sections[1].sets(),
        additional=sections[2].sets(),
        edns=edns,
        size=len(octets),
    )


def _body(octets: bytes, counts: list[int]) -> tuple[Question | None, list[_Section]]:
    try:
        asked, at = _questions(octets, counts[0])
        sections = []
        for count in counts[1:]:
            section, at = _section(octets, at, count)
            sections.append(section)
    except (dns.exception.DNSException, ValueError, struct.error) as error:
        raise DnsFormatError(f"Not a DNS message: {error or type(error).__name__}.") from error
    if at < len(octets):
        raise DnsFormatError(f"{len(octets) - at} octets follow the DNS message.")
    return asked, sections


def _questions(octets: bytes, count: int) -> tuple[Question | None, int]:
    if count == 0:
        return None, 12
    if count > 1:
        raise DnsFormatError("More than one question in a DNS message.")
    name, used = dns.name.from_wire(octets, 12)
    at = 12 + used
    return Question(name, *_TYPE_AND_CLASS.unpack_from(octets, at)), at + 4


class _Section:
    """Records of one section, gathered into sets in order of first appearance."""

    __slots__ = ("groups", "opts")

    def __init__(self) -> None:
        self.groups: dict[tuple[dns.name.Name, int], tuple[list[int], list[dns.rdata.Rdata]]] = {}
        self.opts: list[tuple[Edns, int]] = []

    def add(self, key: tuple[dns.name.Name, int], ttl: int, rdata: dns.rdata.Rdata) -> None:
        ttls, rdatas = self.groups.setdefault(key, ([], []))
        ttls.append(ttl if ttl <= LONGEST_TTL else 0)  # RFC 2181, 8
        if rdata not in rdatas:
            rdatas.append(rdata)

    def sets(self) -> tuple[RRset, ...]:
        return tuple(
            RRset(name=name, type=rtype, ttl=min(ttls), rdatas=tuple(rdatas))
            for (name, rtype), (ttls, rdatas) in self.groups.items()
        )


def _section(octets: bytes, at: int, count: int) -> tuple[_Section, int]:
    section = _Section()
    for _ in range(count):
        name, used = dns.name.from_wire(octets, at)
        rtype, rdclass, ttl, length = _RECORD.unpack_from(octets, at + used)
        at += used + _RECORD.size
        if at + length > len(octets):
            raise DnsFormatError("A record runs beyond the end of the DNS message.")
        if rtype == OPT:
            section.opts.append(_opt(name, octets[at : at + length], rdclass, ttl))
        elif rdclass == IN:
            rdata = dns.rdata.from_wire(_IN, dns.rdatatype.RdataType.make(rtype), octets, at, length)
            section.add((name, rtype), ttl, rdata)
        at += length
    return section, at


def _opt(name: dns.name.Name, octets: bytes, payload: int, ttl: int) -> tuple[Edns, int]:
    if name != dns.name.root:
        raise DnsFormatError("An OPT record below the root.")
    options = []
    at = 0
    while at < len(octets):
        code, length = struct.unpack_from("!HH", octets, at)
        if at + 4 + length > len(octets):
            raise DnsFormatError("An EDNS option is cut short.")
        options.append((code, octets[at + 4 : at + 4 + length]))
        at += 4 + length
    edns = Edns(payload=payload, version=ttl >> 16 & 0xFF, flags=ttl & 0xFFFF, options=tuple(options))
    return edns, ttl >> 24


def _only_opt(sections: list[_Section]) -> tuple[Edns | None, int]:
    """The OPT record and the upper bits of the rcode; one at most, in the additional section (RFC 6891, 6.1.1)."""
    if sections[0].opts or sections[1].opts or len(sections[2].opts) > 1:
        raise DnsFormatError("More than one OPT record, or one outside the additional section.")
    return sections[2].opts[0] if sections[2].opts else (None, 0)


def render(message: Message, limit: int = DNS_TCP_OCTETS) -> bytes:
    """The octets of a message, `limit` at most: what must go in and does not fit sets TC (RFC 2181, 9).

    Answers are cut record by record, as BIND does; additional records that do not fit are left out without TC.
    """
    out = io.BytesIO()
    out.write(bytes(12))
    compress: dict[dns.name.Name, int] = {}
    if message.question is not None:
        message.question.name.to_wire(out, compress)
        out.write(struct.pack("!HH", message.question.type, message.question.rdclass))
    room = limit - (_opt_octets(message.edns) if message.edns else 0)
    counts = [0, 0, 0]
    whole = True
    for at, section in enumerate((message.answer, message.authority, message.additional)):
        for record in _records(section) if whole else ():
            whole = _write_record(out, compress, record, room)
            if not whole:
                break
            counts[at] += 1
        required = at < 2
        if not whole and required:
            return _finish(out, message, counts, TC)
    return _finish(out, message, counts, 0)


def _records(section: Iterable[RRset]) -> Iterator[tuple[RRset, dns.rdata.Rdata]]:
    return ((rrset, rdata) for rrset in section for rdata in rrset.rdatas)


def _write_record(
    out: io.BytesIO, compress: dict[dns.name.Name, int], record: tuple[RRset, dns.rdata.Rdata], room: int
) -> bool:
    """Write one record; if it ends beyond `room`, take it back and say False (nothing may be written after that)."""
    rrset, rdata = record
    start = out.tell()
    rrset.name.to_wire(out, compress)
    head = out.tell()
    out.write(_RECORD.pack(rrset.type, IN, rrset.ttl, 0))
    rdata.to_wire(out, compress)
    end = out.tell()
    if end > room:
        out.seek(start)
        out.truncate()
        return False
    out.seek(head + 8)
    out.write(_U16.pack(end - head - 10))
    out.seek(end)
    return True


def _opt_octets(edns: Edns) -> int:
    return _OPT_OCTETS + sum(4 + len(octets) for _, octets in edns.options)


def _finish(out: io.BytesIO, message: Message, counts: list[int], truncated: int) -> bytes:
    edns = message.edns
    if edns is not None:
        options = b"".join(struct.pack("!HH", code, len(octets)) + octets for code, octets in edns.options)
        ttl = message.rcode >> 4 << 24 | edns.version << 16 | edns.flags
        out.write(b"\0" + _RECORD.pack(OPT, edns.payload, ttl, len(options)) + options)
    questions = 0 if message.question is None else 1
    flags = message.flags & ~0x000F | truncated | message.rcode & 0x000F
    octets = out.getvalue()
    counts[2] += edns is not None
    return _HEADER.pack(message.id, flags, questions, *counts) + octets[12:]


def error_reply(query: bytes, rcode: int) -> bytes | None:
    """A bare header that answers octets which could not be read; None if even that would be wrong (RFC 1035, 4.1.1)."""
    if len(query) < 12 or query[2] & 0x80:
        return None
    flags = QR | _U16.unpack_from(query, 2)[0] & 0x7900 | rcode
    return _HEADER.pack(_U16.unpack_from(query)[0], flags, 0, 0, 0, 0)


def udp_limit(edns: Edns | None) -> int:
    """Octets that may go to this asker in one datagram (RFC 6891, 6.2.3 to 6.2.5)."""
    return DNS_UDP_OCTETS if edns is None else max(DNS_UDP_OCTETS, min(edns.payload, DNS_EDNS_OCTETS))


def skip_name(octets: bytes, at: int) -> int:
    """The place after the name that starts at `at`; compression pointers are not followed."""
    try:
        while (length := octets[at]) != 0:
            if length >= 0xC0:
                return at + 2
            at += 1 + length
    except IndexError:
        raise DnsFormatError("A name runs beyond the end of the DNS message.") from None
    return at + 1


def ttl_places(octets: bytes) -> tuple[int, ...]:
    """Where in a whole message that can be read each TTL stands, in record order."""
    _, _, questions, *counts = _HEADER.unpack_from(octets)
    at = 12
    for _ in range(questions):
        at = skip_name(octets, at) + 4
    places = []
    for _ in range(sum(counts)):
        at = skip_name(octets, at)
        rtype, _, _, length = _RECORD.unpack_from(octets, at)
        if rtype != OPT:
            places.append(at + 4)
        at += 10 + length
    return tuple(places)


def around_ttls(octets: bytes) -> tuple[bytes, ...]:
    """What stands before, between and after the TTLs of a whole message, but for its id: `ttl.join(pieces)` is its tail
    again if they all are `ttl`."""
    ends = [*ttl_places(octets), len(octets)]
    return tuple([octets[at:end] for at, end in zip([2, *(end + 4 for end in ends)], ends, strict=False)])


def with_ttls(octets: bytes, places: Iterable[int], ttls: Iterable[int]) -> bytes:
    """A message with other TTLs in seconds, one for each place of `ttl_places`."""
    out = bytearray(octets)
    for at, ttl in zip(places, ttls, strict=False):
        _U32.pack_into(out, at, ttl)
    return bytes(out)


def to_stream(octets: bytes) -> bytes:
    """A message as it goes over TCP: two octets of length before it (RFC 1035, 4.2.2)."""
    return _U16.pack(len(octets)) + octets


class StreamReader:
    """Cuts the octets of a TCP connection back into messages, however they were chunked."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = b""

    def receive_data(self, octets: bytes) -> None:
        """Take more octets."""
        self._held += octets

    def next_message(self) -> bytes | None:
        """The next whole message, or None until more octets come."""
        if len(self._held) < 2:
            return None
        end = 2 + _U16.unpack_from(self._held)[0]
        if len(self._held) < end:
            return None
        message, self._held = self._held[2:end], self._held[end:]
        return message
