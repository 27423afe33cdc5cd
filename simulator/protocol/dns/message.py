"""DNS messages as values: questions, sets of records, whole messages, and the words for them in records and tables.

Values, so that the same message can be sent, cached, shown and compared; octets are made and read in `wire`.
Source: RFC 1035, 4.1 (messages), RFC 2181, 5 (sets of records), RFC 6891 (EDNS).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from typing import Final, Literal

import dns.exception
import dns.name
import dns.rdata
import dns.rdatatype
import dns.reversename

from simulator.errors import LocalProtocolError, RemoteProtocolError

QR: Final = 0x8000
AA: Final = 0x0400
TC: Final = 0x0200
RD: Final = 0x0100
RA: Final = 0x0080
AD: Final = 0x0020
CD: Final = 0x0010
OPCODE: Final = 0x7800

IN: Final = 1
A: Final = 1
NS: Final = 2
CNAME: Final = 5
SOA: Final = 6
PTR: Final = 12
MX: Final = 15
TXT: Final = 16
AAAA: Final = 28
SRV: Final = 33
OPT: Final = 41
ANY: Final = 255

Name = dns.name.Name
Transport = Literal["udp", "tcp"]


class Rcode(IntEnum):
    """Response codes that this simulator sends or understands (RFC 1035, 4.1.1; RFC 6891, 9)."""

    NOERROR = 0
    FORMERR = 1
    SERVFAIL = 2
    NXDOMAIN = 3
    NOTIMP = 4
    REFUSED = 5
    BADVERS = 16


class DnsFormatError(RemoteProtocolError):
    """Octets that are not a DNS message."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a name, a type and a class (RFC 1035, 4.1.2); names compare without regard to case.

    `qname` is the name as records write it (lower case, no final dot), `qtype` the type as a word.
    """

    name: Name
    type: int
    rdclass: int = IN
    qname: str = field(init=False, compare=False)
    qtype: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Find the words once; a question is recorded at each hop."""
        object.__setattr__(self, "qname", name_text(self.name))
        object.__setattr__(self, "qtype", type_text(self.type))


@dataclass(frozen=True, slots=True, kw_only=True)
class RRset:
    """All records of one name and type, in the order of the zone file; `ttl` in seconds (RFC 2181, 5)."""

    name: Name
    type: int
    ttl: int
    rdatas: tuple[dns.rdata.Rdata, ...]

    @property
    def key(self) -> tuple[Name, int]:
        """What makes two sets the same set."""
        return (self.name, self.type)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edns:
    """The OPT record: `payload` octets that its sender takes by UDP, and options as (code, octets) (RFC 6891, 6.1)."""

    payload: int
    version: int = 0
    flags: int = 0
    options: tuple[tuple[int, bytes], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One whole message; `rcode` includes the upper bits that EDNS carries, `size` is its length in octets."""

    id: int
    flags: int
    rcode: int
    question: Question | None
    answer: tuple[RRset, ...] = ()
    authority: tuple[RRset, ...] = ()
    additional: tuple[RRset, ...] = ()
    edns: Edns | None = None
    size: int = 0

    @property
    def opcode(self) -> int:
        """0 for a standard query."""
        return (self.flags & OPCODE) >> 11


def to_name(text: str) -> Name:
    """A full name from text, with or without the final dot; LocalProtocolError says what is wrong with it."""
    try:
        return _to_name(text)
    except (dns.exception.DNSException, UnicodeError) as error:
        raise LocalProtocolError(
            f'"{text}" cannot be a domain name: {error}. Write a name such as mx.beta.example.'
        ) from error


@lru_cache(maxsize=4096)
def _to_name(text: str) -> Name:
    if not text:
        raise dns.name.EmptyLabel
    return dns.name.from_text(text)


def to_type(text: str) -> int:
    """The number of a type given as a word in any case; LocalProtocolError for a word that is none."""
    try:
        return int(dns.rdatatype.from_text(text.upper()))
    except (dns.exception.DNSException, ValueError) as error:
        raise LocalProtocolError(
            f'"{text}" is not a record type; write A, AAAA, MX, TXT, PTR, NS, SOA or CNAME.'
        ) from error


@lru_cache(maxsize=4096)
def question(name: str, qtype: str) -> Question:
    """A question from words, as a person or a node asks it; LocalProtocolError for a name or type that cannot be."""
    return Question(to_name(name), to_type(qtype))


def reverse_name(address: str) -> str:
    """The name under in-addr.arpa or ip6.arpa that stands for an address (RFC 1035, 3.5; RFC 3596, 2.5)."""
    try:
        return str(dns.reversename.from_address(address))
    except (dns.exception.DNSException, ValueError) as error:
        raise LocalProtocolError(f'"{address}" is not an address; write one such as 192.0.2.25.') from error


@lru_cache(maxsize=8192)
def name_text(name: Name) -> str:
    """A name as records write it: lower case, without the final dot; "." for the root."""
    return name.to_text(omit_final_dot=True).lower()


@lru_cache(maxsize=256)
def type_text(number: int) -> str:
    """The word for a type."""
    return dns.rdatatype.to_text(dns.rdatatype.RdataType.make(number))


def rcode_text(number: int) -> str:
    """The word for a response code: "NXDOMAIN", "RCODE9"."""
    try:
        return Rcode(number).name
    except ValueError:
        return f"RCODE{number}"


def question_text(asked: Question) -> str:
    """A question in one line: "beta.example MX"."""
    return f"{asked.qname} {asked.qtype}"


def rrset_text(*rrsets: RRset) -> str:
    """What the sets say, in one line: "10 mx1.beta.example., 20 mx2.beta.example."; "" for no records."""
    return ", ".join(str(rdata) for rrset in rrsets for rdata in rrset.rdatas)


def least_ttl(rrsets: tuple[RRset, ...]) -> int:
    """The time in seconds for which all of the sets hold; 0 for none."""
    return min((rrset.ttl for rrset in rrsets), default=0)


@dataclass(slots=True, kw_only=True)
class Served:
    """What a server answered, for the record of it; `zone` is the origin it came from, None if from no zone.

    `count` is the number of answer records, `answer` their text, `ttl` their least TTL in seconds (that of the
    denial or referral if there are none); only the TTL changes when the answer is given again. Octets that could not
    be read leave all but `rcode` empty.
    """

    rcode: str
    qname: str = ""
    qtype: str = ""
    aa: bool = False
    tc: bool = False
    count: int = 0
    answer: str = ""
    ttl: int = 0
    zone: str | None = None

    @classmethod
    def of(cls, answer: Message, asked: Question, octets: bytes, zone: str | None = None) -> Served:
        """The summary of an answer and of the octets it became."""
        count = int.from_bytes(octets[6:8], "big")  # fewer than in the message, if it was cut
        texts = [str(rdata) for rrset in answer.answer for rdata in rrset.rdatas]
        return cls(
            qname=asked.qname,
            qtype=asked.qtype,
            rcode=rcode_text(answer.rcode),
            aa=bool(answer.flags & AA),
            tc=bool(octets[2] << 8 & TC),
            count=count,
            answer=", ".join(texts[:count]),
            ttl=least_ttl(answer.answer or answer.authority),
            zone=zone,
        )
