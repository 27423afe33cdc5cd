"""The story behind "why": the chain of causes of one event, down to the line of the scenario, as landmarks.

A delivery's raw chain has more than a hundred links; a person wants about twenty: what was decided, refused, waited for
and stored. The rest is folded unless everything is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simulator.engine.kinds import Record
from simulator.engine.trace import ALSO, CAUSE, KIND, ORIGIN, N, T, value
from simulator.records.describe import describe
from simulator.text import _

__all__ = ["StoryLine", "chain", "is_landmark", "why"]

_LANDMARKS = frozenset(
    {
        "action", "alias.expand", "auth.login", "deliver", "device.expunge", "device.flags", "fault", "filter.spam",
        "mailbox.append", "mailbox.expunge", "mailbox.flags", "mua.notice", "note", "queue.attempt", "queue.defer",
        "queue.enter", "queue.expire", "queue.fail", "route", "stage", "tls.failed", "world",
    }
)  # fmt: skip
_TOLD_BY_OTHERS = frozenset({"mailbox.append"})
"""Landmarks that say nothing new right after `deliver`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryLine:
    """One line: the record's `n`, its time in µs, kind, text (safe to show), `depth` of the branch, origin or ""."""

    n: int
    t: int
    kind: str
    text: str
    depth: int = 0
    origin: str = ""


def why(
    records: Sequence[Record], n: int, *, everything: bool = False, say: Callable[[str], str] = _
) -> tuple[StoryLine, ...]:
    """Tell why the record with ordinal `n` happened: itself first, then its causes, then what they depended on.

    Raises IndexError if there is no such record.
    """
    if not 1 <= n <= len(records):
        raise IndexError(f"the trace has {len(records)} events; there is no event {n}")
    told: set[int] = set()
    lines: list[StoryLine] = []
    branches: list[tuple[int, int]] = [(n, 0)]
    while branches:
        start, depth = branches.pop()
        found = _branch(records, start, depth, told, everything=everything)
        shown = [record for record in found if everything or record[N] == n or is_landmark(record)]
        lines += [_line(record, depth, say) for record in shown]
        branches += [(also, depth + 1) for record in reversed(shown) for also in reversed(record[ALSO])]
    return tuple(_without_repeats(lines)) if not everything else tuple(lines)


def chain(records: Sequence[Record], n: int) -> tuple[Record, ...]:
    """Return the record and all its causes, the nearest first."""
    found: list[Record] = []
    current: int | None = n
    while current is not None:
        found.append(records[current - 1])
        current = records[current - 1][CAUSE]
    return tuple(found)


def is_landmark(record: Record) -> bool:
    """Tell whether a story names the record: decisions, refusals, what was stored, and whatever it depended on."""
    name = record[KIND].name
    if name in _LANDMARKS:
        return True
    if name in ("smtp.reply", "lmtp.reply"):
        return bool(value(record, "code") >= 400)
    if name == "tcp.connect":
        return bool(value(record, "result") != "connected")
    if name == "dns.answer":
        failed = value(record, "rcode") != "NOERROR"
        return failed or bool(value(record, "qtype") == "MX" and value(record, "count"))
    return False


def _branch(records: Sequence[Record], start: int, depth: int, told: set[int], *, everything: bool) -> list[Record]:
    """Follow causes from `start` until a record that was told already."""
    found: list[Record] = []
    current: int | None = start
    while current is not None and current not in told:
        told.add(current)
        record = records[current - 1]
        found.append(record)
        if depth and not everything and record[KIND].name in _SHORT:
            break
        current = record[CAUSE]
    return found


_SHORT = frozenset({"world", "fault", "dns.cache"})
"""Where a branch ends: that this was set up, broken or remembered is explanation enough."""


def _line(record: Record, depth: int, say: Callable[[str], str]) -> StoryLine:
    return StoryLine(
        n=record[N],
        t=record[T],
        kind=record[KIND].name,
        text=describe(record, say),
        depth=depth,
        origin=record[ORIGIN] or "",
    )


def _without_repeats(lines: list[StoryLine]) -> list[StoryLine]:
    """Drop a line that only repeats its neighbour: the entry of a mailbox right before its delivery."""
    kept: list[StoryLine] = []
    for position, line in enumerate(lines):
        after = lines[position + 1].kind if position + 1 < len(lines) else ""
        if position and line.kind in _TOLD_BY_OTHERS and after == "deliver":
            continue
        kept.append(line)
    return kept
