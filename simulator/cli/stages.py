"""The way of each letter as a table: one row for each stage that a letter began on its way to a recipient.

A pure function of a trace; when a stage ended is when the last thing happened for its sake.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from simulator.engine.trace import AT, KIND, LETTER, STAGE, N, T, value
from simulator.records.describe import describe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.engine.kinds import Record

__all__ = ["StageRow", "as_object", "stage_rows"]

_RESULTS: Final[dict[str, tuple[str, ...]]] = {
    "compose": ("message.part",),
    "submission": ("queue.enter", "mua.notice", "smtp.reply", "tcp.connect"),
    "routing": ("route", "dns.answer"),
    "transfer": ("queue.sent", "queue.defer", "queue.fail", "smtp.reply", "tcp.connect"),
    "filtering": ("filter.spam",),
    "delivery": ("deliver", "queue.fail", "queue.defer", "lmtp.reply"),
    "retrieval": ("device.append", "pop3.reply", "imap.response"),
    "reading": ("message.part",),
}
"""What tells how a stage went, the most telling kind first."""

_REFUSALS: Final = ("queue.defer", "queue.fail", "queue.expire")
_TOLD_LATER: Final = frozenset({"queue.sent", "queue.defer", "queue.fail"})
"""What the sending server hears only when the receiving one has filtered and delivered: its transfer ends then."""

_AFTERWARDS: Final = frozenset({"tcp.close", "log.line"})
"""What still happens when a stage is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRow:
    """One stage: `start` and `duration` in µs, the host that acts, and a line that says how it went."""

    letter: int
    recipient: str
    stage: str
    start: int
    duration: int
    actor: str
    protocol: str
    result: str


def stage_rows(records: Sequence[Record]) -> list[StageRow]:
    """All stages in the order in which they began."""
    parts: dict[tuple[int, str], list[Record]] = {}
    for record in records:
        if record[STAGE] is not None and record[LETTER] is not None:
            parts.setdefault((record[LETTER], record[STAGE]), []).append(record)
    told = [record for record in records if record[KIND].name in _TOLD_LATER]
    return [_row(record, parts, told) for record in records if record[KIND].name == "stage"]


def _row(record: Record, parts: dict[tuple[int, str], list[Record]], told: list[Record]) -> StageRow:
    letter, name = record[LETTER], record[STAGE]
    recipient = value(record, "recipient")
    part = parts.get((letter, name), [record])
    if name == "transfer":
        later = [one for one in told if one[LETTER] == letter and one[AT] == record[AT] and one[STAGE] != name]
        part = sorted((*part, *later), key=lambda one: one[N])
    end = max((one[T] for one in part if one[KIND].name not in _AFTERWARDS), default=record[T])
    return StageRow(
        letter=letter,
        recipient=recipient or "",
        stage=name,
        start=record[T],
        duration=max(0, end - record[T]),
        actor=record[AT] or "",
        protocol=value(record, "protocol") or "",
        result=_result(name, recipient, part),
    )


def _result(name: str, recipient: str | None, part: list[Record]) -> str:
    """The last record of the most telling kind that is about this recipient."""
    about = [one for one in part if _recipient(one) in (None, recipient)]
    for kind in _RESULTS.get(name, ()):
        found = [one for one in about if one[KIND].name == kind]
        if found:
            refused = [one for one in about if one[KIND].name in _REFUSALS and one[T] >= found[-1][T]]
            return describe((refused or found)[-1])
    return ""


def _recipient(record: Record) -> Any:
    position = record[KIND].index("recipient")
    return None if position is None else record[position]


def as_object(row: StageRow) -> dict[str, Any]:
    """The row for a program."""
    return asdict(row)
