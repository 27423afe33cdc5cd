"""The trace: an ordered list of records, each with the record that caused it.

Everything that is shown, graded or exported is derived from it, so nothing in it is ever changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from simulator.engine.kinds import COMMON, Kind, Record
from simulator.engine.memory import BLOCK, Records

if TYPE_CHECKING:
    from simulator.engine.environment import Environment

__all__ = [
    "ALSO",
    "AT",
    "CAUSE",
    "FROM",
    "KIND",
    "LETTER",
    "ORIGIN",
    "SESSION",
    "STAGE",
    "TO",
    "VALUES",
    "N",
    "Record",
    "T",
    "Trace",
    "value",
]  # fmt: skip

N, T, KIND, AT, FROM, TO, SESSION, LETTER, STAGE, CAUSE, ALSO, ORIGIN = range(len(COMMON))
VALUES = len(COMMON)


class _Ambient:
    """Stands for "the cause that the environment keeps"."""


_AMBIENT: Any = _Ambient()


def value(record: Record, field: str) -> Any:
    """Return the value of `field` in `record`. Raises KeyError if its kind has no such field."""
    kind: Kind = record[KIND]
    position = kind.index(field)
    if position is None:
        raise KeyError(f"{kind.name} has no field {field!r}")
    return kind.name if position == KIND else record[position]


class Trace:
    """Writes records in memory, to a sink, to both or to neither.

    `sink` is called with each record as it is written; without `keep` the memory stays flat.
    """

    __slots__ = ("_env", "_keep", "count", "records", "sink")

    def __init__(self, env: Environment, *, keep: bool = True, sink: Callable[[Record], None] | None = None) -> None:
        self._env = env
        self._keep = keep
        self.sink = sink
        self.count = 0
        self.records = Records()

    def write(
        self,
        kind: Kind,
        values: tuple[Any, ...] = (),
        *,
        at: str | None = None,
        frm: str | None = None,
        to: str | None = None,
        session: int | None = None,
        letter: int | None = None,
        stage: str | None = None,
        cause: Record | None = _AMBIENT,
        also: Iterable[Record | int | None] = (),
        origin: str | None = None,
        leaf: bool = False,
    ) -> Record:
        """Write one record and return it; it becomes the ambient cause unless it is a `leaf`.

        `values` are the fields of `kind` in their declared order. Letter and stage are the cause's unless given.
        `also` takes records or their n; None is passed over.
        """
        env = self._env
        if cause is _AMBIENT:
            cause = env.cause
        cause_n = None
        if cause is not None:
            cause_n = cause[N]
            letter = cause[LETTER] if letter is None else letter
            stage = cause[STAGE] if stage is None else stage
        noted = tuple([one if type(one) is int else one[N] for one in also if one is not None]) if also else ()  # type: ignore[index]
        self.count = n = self.count + 1
        record = (n, env._now, kind, at, frm, to, session, letter, stage, cause_n, noted, origin, *values)
        if not leaf:
            env.cause = record
        if self._keep:
            records = self.records
            records.append(record)
            if not n % BLOCK:
                records.settle()
        if self.sink is not None:
            self.sink(record)
        return record

    @property
    def heard(self) -> bool:
        """Whether anybody will see a record; if not, what is dear to describe need not be described."""
        return self._keep or self.sink is not None

    def __len__(self) -> int:
        return self.count
