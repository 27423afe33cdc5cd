"""One connection of the trace as TCP segments: handshake, numbers, acknowledgements and the end.

The simulator moves chunks; whoever opens the capture expects what a real stack would have sent for them. Each packet
stands at the time at which its sender sent it, and acknowledges what had arrived there by then. RFC 9293, 3.4 to 3.6.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from ..engine.base_kinds import TCP_CLOSE, TCP_DATA
from ..engine.kinds import Record
from ..engine.trace import KIND, SESSION, N, T, value
from ..engine.transport import CONNECT_TIMEOUT
from .arrivals import Arrivals
from .packets import ACK, FIN, PSH, RST, SYN, Segment, Wire, mss

__all__ = ["Ends", "Sent", "on_the_wire", "segments"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """The two ends of a connection; the first opened it."""

    source: str
    source_port: int
    address: str
    port: int


@dataclass(frozen=True, slots=True)
class Sent:
    """One packet: when it left (µs), its octets from the IP header on, its record, and whether it only acknowledges."""

    t: int
    octets: bytes
    record: Record
    only_acknowledges: bool = False


@dataclass(slots=True, kw_only=True)
class _Side:
    """One end: the number it sends next, the one it expects, the one it acknowledged last."""

    wire: Wire
    port: int
    to_port: int
    next: int
    expects: int = 0
    acknowledged: int = 0
    heard: Record | None = None
    gone: bool = False


@dataclass(order=True, slots=True, kw_only=True)
class _Event:
    """A record's octets leave or arrive; `place` orders what happens in the same µs."""

    t: int
    place: float
    arrives: bool
    record: Record = field(compare=False)
    by_opener: bool = field(compare=False)


def on_the_wire(record: Record) -> bytes:
    """The octets of a tcp.data record as a listener sees them: sealed where TLS sealed them and the trace has it."""
    sealed: bytes = value(record, "sealed")
    octets: bytes = value(record, "octets")
    return sealed or octets


def segments(records: Sequence[Record], ends: Ends, arrivals: Arrivals) -> Iterator[Sent]:
    """Give the packets of one connection in the order of their times.

    `records` are those of the session, the first its tcp.connect. Raises ValueError for addresses of two versions.
    """
    connect = records[0]
    talk = _Talk(connect, ends)
    yield from talk.opening(connect, arrivals)
    if value(connect, "result") == "connected":
        yield from talk.run(_events(records[1:], arrivals))


def _events(records: Sequence[Record], arrivals: Arrivals) -> list[_Event]:
    """What left and what arrived, in the order in which it happened; each direction keeps its own order."""
    events: list[_Event] = []
    last = {True: (0, 0.0), False: (0, 0.0)}
    broken: set[bool] = set()
    for record in records:
        if record[KIND] is TCP_DATA:
            by_opener = value(record, "direction") == ">"
        elif record[KIND] is TCP_CLOSE and value(record, "how") != "down":  # a host that fails says nothing
            by_opener = arrivals.closed_by_opener(record)
        else:
            continue
        events.append(_Event(t=record[T], place=record[N], arrives=False, record=record, by_opener=by_opener))
        if arrivals.is_lost(record):
            broken.add(by_opener)  # what comes behind a hole is not acknowledged either
        if by_opener not in broken:
            last[by_opener] = t, place = max(arrivals.arrival(record), last[by_opener])
            events.append(_Event(t=t, place=place, arrives=True, record=record, by_opener=by_opener))
    return sorted(events)


class _Talk:
    """Both ends of one connection while its packets are made."""

    def __init__(self, connect: Record, ends: Ends) -> None:
        self._most = mss(ends.source)
        self._opener = _Side(
            wire=Wire(ends.source, ends.address),
            port=ends.source_port,
            to_port=ends.port,
            next=_first_number(connect, ">"),
        )
        self._answerer = _Side(
            wire=Wire(ends.address, ends.source),
            port=ends.port,
            to_port=ends.source_port,
            next=_first_number(connect, "<"),
        )
        self._end_of: dict[int, int] = {}
        """The number behind the octets of each record that was sent."""

    def opening(self, connect: Record, arrivals: Arrivals) -> Iterator[Sent]:
        """SYN, and what came of it; the record was written when the opener knew."""
        opener, answerer = self._opener, self._answerer
        t, delay, result = connect[T], arrivals.least(connect), value(connect, "result")
        answered = result in ("connected", "refused")
        yield self._packet(opener, max(0, t - (2 * delay if answered else CONNECT_TIMEOUT)), connect, SYN)
        opener.next += 1
        answerer.expects = answerer.acknowledged = opener.next
        if not answered:
            return
        yield self._packet(answerer, max(0, t - delay), connect, ACK | (SYN if result == "connected" else RST))
        if result == "connected":
            answerer.next += 1
            opener.expects = answerer.next
            yield self._packet(opener, t, connect, ACK)

    def run(self, events: Sequence[_Event]) -> Iterator[Sent]:
        """Give the packets of all that was said; what arrives is acknowledged in the same µs, with an answer if one."""
        t = 0
        for event in events:
            if event.t > t:
                yield from self._acknowledge(t)
                t = event.t
            if event.arrives:
                self._arrive(event)
            else:
                yield from self._send(event)
        yield from self._acknowledge(t)

    def _arrive(self, event: _Event) -> None:
        side = self._answerer if event.by_opener else self._opener
        side.expects = self._end_of[event.record[N]]
        side.heard = event.record
        if event.record[KIND] is TCP_CLOSE and value(event.record, "how") == "reset":
            side.gone = True

    def _acknowledge(self, t: int) -> Iterator[Sent]:
        for side in (self._opener, self._answerer):
            if side.heard is not None and side.expects != side.acknowledged and not side.gone:
                yield self._packet(side, t, side.heard, ACK, alone=True)

    def _send(self, event: _Event) -> Iterator[Sent]:
        side, record = self._opener if event.by_opener else self._answerer, event.record
        if record[KIND] is TCP_DATA:
            yield from self._say(side, record, on_the_wire(record))
        else:
            reset = value(record, "how") == "reset"
            yield self._packet(side, record[T], record, ACK | (RST if reset else FIN))
            side.next += not reset
            side.gone = side.gone or reset
        self._end_of[record[N]] = side.next

    def _say(self, side: _Side, record: Record, octets: bytes) -> Iterator[Sent]:
        for start in range(0, len(octets), self._most):
            part = octets[start : start + self._most]
            flags = ACK | (PSH if start + self._most >= len(octets) else 0)
            yield self._packet(side, record[T], record, flags, part)
            side.next += len(part)

    def _packet(
        self, side: _Side, t: int, record: Record, flags: int, octets: bytes = b"", *, alone: bool = False
    ) -> Sent:
        if flags & ACK:
            side.acknowledged = side.expects
        segment = Segment(
            source_port=side.port,
            port=side.to_port,
            sequence=side.next,
            acknowledges=side.expects if flags & ACK else 0,
            flags=flags,
            octets=octets,
        )
        return Sent(t, side.wire.tcp(segment), record, alone)


def _first_number(connect: Record, side: str) -> int:
    """An initial sequence number that is the same whenever the trace is exported."""
    return int.from_bytes(sha256(f"{connect[SESSION]} {connect[N]} {side}".encode()).digest()[:4], "big")
