"""A stub resolver: a host's question to its resolver, and the typed result that programs decide by.

A generator like the recursive one, so that time-outs, retries and the step to TCP are the same over any transport.
Source: RFC 1034, 5.3.1 (stub resolvers); RFC 7766, 5 (TCP after TC); RFC 7505 (null MX); resolv.conf's time-outs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, Protocol

import dns.name
import dns.rdata

from simulator.limits import SECOND_US
from simulator.protocol.dns.message import (
    AA,
    CNAME,
    MX,
    NS,
    PTR,
    RA,
    RD,
    TC,
    TXT,
    DnsFormatError,
    Message,
    Name,
    Question,
    Rcode,
    RRset,
    name_text,
    rcode_text,
    type_text,
)
from simulator.protocol.dns.wire import LONGEST_TTL, around_ttls, parse, query_tail

if TYPE_CHECKING:
    from collections.abc import Generator

STUB_TIMEOUT_US: Final = 5 * SECOND_US
"""How long one attempt waits (resolv.conf: timeout)."""
STUB_ATTEMPTS: Final = 2
"""How often a resolver is asked (resolv.conf: attempts)."""

_CUT: Final = TC >> 8
"""The bit of TC in the third octet of a message."""

Status = Literal["ok", "nodata", "nxdomain", "servfail", "refused", "timeout", "error"]

_STATUS: Final[dict[int, Status]] = {Rcode.NXDOMAIN: "nxdomain", Rcode.SERVFAIL: "servfail", Rcode.REFUSED: "refused"}


class Record(NamedTuple):
    """One record of an answer: `text` as a zone file writes it, `values` for programs, `ttl` in seconds.

    Values: A, AAAA (address,); MX (preference, host); NS, PTR, CNAME (host,); TXT (whole text,); others (text,).
    Hosts are in lower case without the final dot; "" is the root, as in a null MX.
    """

    owner: str
    type: str
    ttl: int
    text: str
    values: tuple[int | str, ...]


_record: Callable[[tuple[str, str, int, str, tuple[int | str, ...]]], Record] = partial(tuple.__new__, Record)
"""Makes a `Record` of its five values, at a third of the price."""


@dataclass(slots=True)
class LookupResult:
    """What a look-up came to; never an exception, because "no such name" decides what a mail server does next.

    `records` is the whole answer section in order, aliases included; `octets` the answer as it came, b"" at a
    time-out. `question` is None if the name cannot be one. `server` and `elapsed_us` are set by who sent the query.
    """

    question: Question | None
    status: Status
    rcode: str = ""
    records: tuple[Record, ...] = ()
    query: bytes = b""
    octets: bytes = b""
    tcp: bool = False
    server: str = ""
    elapsed_us: int = 0

    @property
    def found(self) -> bool:
        """Whether there are records of the type that was asked for."""
        return self.status == "ok"

    @property
    def temporary(self) -> bool:
        """Whether asking again later may help; then mail waits instead of bouncing (RFC 5321, 5.1)."""
        return self.status in ("servfail", "refused", "timeout", "error")

    def of_type(self, qtype: str) -> tuple[Record, ...]:
        """The records of one type."""
        return tuple([record for record in self.records if record.type == qtype])

    @property
    def addresses(self) -> tuple[str, ...]:
        """All A and AAAA addresses, in the order of the answer."""
        return tuple([str(values[0]) for _, rtype, _, _, values in self.records if rtype in ("A", "AAAA")])

    @property
    def exchangers(self) -> tuple[tuple[int, str], ...]:
        """(preference, host) of the MX records, smallest preference first, equal ones in the order of the answer."""
        pairs = [(int(record.values[0]), str(record.values[1])) for record in self.records if record.type == "MX"]
        return tuple(sorted(pairs, key=itemgetter(0)))

    @property
    def null_mx(self) -> bool:
        """Whether the domain says that it takes no mail (RFC 7505, 3)."""
        return [record.values[1] for record in self.records if record.type == "MX"] == [""]

    @property
    def names(self) -> tuple[str, ...]:
        """The hosts of NS and PTR records."""
        return tuple([str(record.values[0]) for record in self.records if record.type in ("NS", "PTR")])

    @property
    def texts(self) -> tuple[str, ...]:
        """The TXT records, each with its strings joined (RFC 7208, 3.3)."""
        return tuple(str(record.values[0]) for record in self.of_type("TXT"))


class Send(NamedTuple):
    """Send these octets to the resolver and wait for the answer, over TCP if so said."""

    octets: bytes
    tcp: bool = False


class Sender(Protocol):
    """Makes of a query the step that sends it."""

    def __call__(self, octets: bytes, *, tcp: bool) -> Any: ...


def _as_it_is(result: LookupResult) -> LookupResult:
    return result


def lookup(
    asked: Question,
    next_id: Callable[[], int],
    send: Sender = Send,
    note: Callable[[LookupResult], LookupResult] = _as_it_is,
    *,
    attempts: int = STUB_ATTEMPTS,
    tcp: bool = False,
    rd: bool = True,
) -> Generator[Any, bytes | None, LookupResult]:
    """Ask one question. Yields what `send` makes of a query; send in the answer that `wire.matches`, or None if none
    came in time.

    `next_id` gives a random id (0 to 65535) for each query (RFC 5452, 4.3); `note` completes the result.
    """
    query, tail = b"", query_tail(asked.name.labels, asked.type, RD if rd else 0)
    for _ in range(attempts):
        query = next_id().to_bytes(2, "big") + tail
        octets = yield send(query, tcp=tcp)
        if octets is not None and octets[2] & _CUT and not tcp:
            tcp = True  # RFC 7766, 5
            query = next_id().to_bytes(2, "big") + tail
            octets = yield send(query, tcp=tcp)
        if octets is not None:
            result = result_of(asked, query, octets)
            result.tcp = tcp
            return note(result)
    return note(LookupResult(question=asked, status="timeout", query=query, tcp=tcp))


def result_of(asked: Question, query: bytes, octets: bytes) -> LookupResult:
    """The result that an answer stands for; octets that are no DNS message give status "error"."""
    key = (query[2:], asked.type)
    said = _latest.get(key)
    if said is None or said.tail != octets[2:]:
        try:
            said = _said(key, octets)
        except DnsFormatError:
            return LookupResult(question=asked, status="error", query=query, octets=octets)
    return LookupResult(asked, said.status, said.rcode, said.records, query, octets)


@dataclass(slots=True)
class _Said:
    """What an answer says: a pure function of `tail`, its octets after the id, and of the type that was asked for.

    `pieces` are what stands around its TTLs. Never changed; results share it.
    """

    tail: bytes
    pieces: tuple[bytes, ...]
    status: Status
    rcode: str
    records: tuple[Record, ...]

    def at_another_time(self, tail: bytes) -> _Said | None:
        """What another answer says if it differs in nothing but one TTL for all records; else None."""
        pieces = self.pieces
        at = len(pieces[0])
        octets = tail[at : at + 4]
        if octets.join(pieces) != tail:
            return None
        ttl = int.from_bytes(octets, "big")
        ttl = ttl if ttl <= LONGEST_TTL else 0
        records = tuple([_record((owner, rtype, ttl, text, values)) for owner, rtype, _, text, values in self.records])
        return _Said(tail, pieces, self.status, self.rcode, records)


_KEPT: Final = 4096
_latest: dict[tuple[bytes, int], _Said] = {}
"""The latest answer, by the query's octets after the id and the type: the next one is likely to say the same."""


def _said(key: tuple[bytes, int], octets: bytes) -> _Said:
    latest = _latest.get(key)
    said = latest and latest.at_another_time(octets[2:])
    if said is None:
        said = _read(octets, key[1])
    if len(_latest) >= _KEPT:
        _latest.clear()
    _latest[key] = said
    return said


def _read(octets: bytes, rtype: int) -> _Said:
    message = parse(octets)
    records = tuple(record for rrset in message.answer for record in _records(rrset))
    return _Said(
        tail=octets[2:],
        pieces=around_ttls(octets),
        status=_status(message, rtype, records),
        rcode=rcode_text(message.rcode),
        records=records,
    )


def _status(message: Message, rtype: int, records: tuple[Record, ...]) -> Status:
    if message.rcode != Rcode.NOERROR:
        return _STATUS.get(message.rcode, "error")
    wanted = type_text(rtype)
    if wanted == "ANY" or any(record.type == wanted for record in records):
        return "ok" if records else "nodata"
    return "nodata" if message.flags & (AA | RA) else "error"  # a referral answers nobody's question


def _records(rrset: RRset) -> tuple[Record, ...]:
    owner, rtype = name_text(rrset.name), type_text(rrset.type)
    return tuple(
        Record(owner=owner, type=rtype, ttl=rrset.ttl, text=str(rdata), values=_values(rrset.type, rdata))
        for rdata in rrset.rdatas
    )


def _values(rtype: int, rdata: dns.rdata.Rdata) -> tuple[int | str, ...]:
    """The fields that programs use, as dnspython's classes (not their base class) name them."""
    fields: Any = rdata
    if rtype == MX:
        return (int(fields.preference), _host(fields.exchange))
    if rtype in (NS, CNAME, PTR):
        return (_host(fields.target),)
    if rtype == TXT:
        return (b"".join(fields.strings).decode("utf-8", "backslashreplace"),)
    return (str(rdata),)


def _host(name: Name) -> str:
    return "" if name == dns.name.root else name_text(name)
