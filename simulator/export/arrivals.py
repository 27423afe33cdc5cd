"""What a trace tells about the way between two hosts: when octets arrived, which were lost, which side hung up.

A capture needs it for acknowledgements. A record says when octets were put on a link; the first thing that they brought
about at their receiver happened when they arrived. A chunk that brought nothing about took the least time seen.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..engine.base_kinds import TCP_CLOSE, TCP_CONNECT, TCP_DATA, TCP_LOST
from ..engine.kinds import Record
from ..engine.topology import DEFAULT_LATENCY, LOOPBACK_LATENCY
from ..engine.trace import AT, CAUSE, FROM, KIND, SESSION, TO, N, T, value

__all__ = ["Arrivals"]

_SENT = (TCP_DATA, TCP_CLOSE, TCP_CONNECT)
_AFTER_ALL = float("inf")


class Arrivals:
    """Made from a whole trace; all times are in µs."""

    __slots__ = ("_by_n", "_heard", "_hung_up", "_least", "_lost", "_openers")

    def __init__(self, records: Iterable[Record]) -> None:
        self._by_n: dict[int, Record] = {}
        self._heard: dict[int, Record] = {}
        self._least: dict[tuple[str, str], int] = {}
        self._lost: set[int] = set()
        self._openers: dict[int, str] = {}
        self._hung_up: dict[int, bool] = {}
        latest: dict[int, int] = {}
        for record in records:
            self._by_n[record[N]] = record
            self._hear(record, latest.get(record[SESSION], 0))
            if record[KIND] in _SENT:
                latest[record[SESSION]] = record[N]
            if record[KIND] is TCP_CONNECT:
                self._openers[record[SESSION]] = record[FROM]
            elif record[KIND] is TCP_CLOSE:
                self._hung_up[record[N]] = self._by_opener(record)

    def _hear(self, record: Record, before: int) -> None:
        """Note what a record says about the one that caused it; `before` is what its session sent last."""
        cause = self._by_n.get(record[CAUSE] or 0)
        if record[KIND] is TCP_LOST:
            mine = cause is not None and cause[KIND] in _SENT and cause[SESSION] == record[SESSION]
            self._lost.add(record[CAUSE] if mine else before)
        elif cause is not None and cause[KIND] in _SENT and record[AT] == cause[TO] and cause[N] not in self._heard:
            self._heard[cause[N]] = record
            self._took(cause, record[T] - cause[T])
        if record[KIND] is TCP_CONNECT and cause is not None and value(record, "result") in ("connected", "refused"):
            self._took(record, (record[T] - cause[T]) // 2)  # a round trip, and perhaps some waiting before it

    def _took(self, record: Record, delay: int) -> None:
        pair = _pair(record)
        self._least[pair] = min(delay, self._least.get(pair, delay))

    def _by_opener(self, close: Record) -> bool:
        """Whether the opener hung up; on a loopback both sides are one host, and what made it hang up decides."""
        if close[FROM] != close[TO] and close[TO] is not None:
            return bool(close[FROM] == self._openers.get(close[SESSION]))
        record: Record | None = close
        while record is not None:
            record = self._by_n.get(record[CAUSE] or 0)
            if record is None or record[SESSION] != close[SESSION]:
                continue
            if record[KIND] is TCP_DATA:
                return bool(value(record, "direction") == "<")
            if record[KIND] is TCP_CLOSE:
                return not self._hung_up[record[N]]
        return True

    def cause(self, record: Record) -> Record | None:
        """The record that caused this one, if the trace has it."""
        return self._by_n.get(record[CAUSE] or 0)

    def closed_by_opener(self, close: Record) -> bool:
        """Whether a tcp.close is the doing of the side that opened the connection."""
        return self._hung_up[close[N]]

    def is_lost(self, record: Record) -> bool:
        """Whether nobody took these octets."""
        return record[N] in self._lost

    def least(self, record: Record) -> int:
        """The least delay seen between the hosts of a record; an ordinary path's where none was seen."""
        otherwise = LOOPBACK_LATENCY if record[FROM] == record[TO] else DEFAULT_LATENCY
        return self._least.get(_pair(record), otherwise)

    def arrival(self, record: Record) -> tuple[int, float]:
        """When what a record sent arrived, and its place in that µs: before what it brought about."""
        heard = self._heard.get(record[N])
        if heard is not None:
            return heard[T], heard[N] - 0.5
        return record[T] + self.least(record), _AFTER_ALL


def _pair(record: Record) -> tuple[str, str]:
    a, b = record[FROM] or "", record[TO] or ""
    return (a, b) if a <= b else (b, a)
