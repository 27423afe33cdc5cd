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
_NOTHING: Record = (None,) * VALUES
"""Stands for the cause of a record that has none."""


def value(record: Record, field: str) -> Any:
    """Return the value of `field` in `record`. Raises KeyError if its kind has no such field."""
    kind: Kind = record[KIND]
    position = kind.index(field)
    if position is None:
        raise KeyError(f"{kind.name} has no field {field!r}")
    return kind.name if position == KIND else record[position]


class Trace:
    """Writes records in memory, to a sink, to both or to neither.

    `sink` is called with each record as it is written; without `keep` the memory stays flat. `heard` is whether anybody
    will see a record; if not, what is dear to describe need not be described.
    """

    __slots__ = ("_env", "_keep", "_sink", "_take", "count", "heard", "records")

    def __init__(self, env: Environment, *, keep: bool = True, sink: Callable[[Record], None] | None = None) -> None:
        self._env = env
        self._keep = keep
        self.count = 0
        self.records = Records()
        self.sink = sink

    @property
    def sink(self) -> Callable[[Record], None] | None:
        """What is called with each record, or None."""
        return self._sink

    @sink.setter
    def sink(self, sink: Callable[[Record], None] | None) -> None:
        self._sink = sink
        self.heard = self._keep or sink is not None
        takers: list[Callable[[Record], None]] = [self.records.append] if self._keep else []
        takers += [] if sink is None else [sink]
        self._take = takers[0] if len(takers) == 1 else lambda record: [take(record) for take in takers]

    def write(
        self,
        kind: Kind,
        values: tuple[Any, ...] = (),
        at: str | None = None,
        frm: str | None = None,
        to: str | None = None,
        session: int | None = None,
        letter: int | None = None,
        stage: str | None = None,
        cause: Record | None = _AMBIENT,
        also: Iterable[Record | int | None] = (),
        origin: str | None = None,
        *,
        leaf: bool = False,
    ) -> Record:
        """Write one record and return it; it becomes the ambient cause unless it is a `leaf`.

        `values` are the fields of `kind` in their declared order. Letter and stage are the cause's unless given.
        `also` takes records or their n; None is passed over. Where nobody hears, a record that would only hand on the
        letter and stage of its cause is not made, and the cause is given instead. Give all but the first two by name;
        they are not keyword-only because Python would look up each that is missing, for every record.
        """
        env, cause_n = self._env, None
        self.count = n = self.count + 1
        if cause is _AMBIENT:
            cause = env.cause
        if cause is not None:
            if not self.heard and stage is None and origin is None and (letter is None or letter == cause[LETTER]):
                if not leaf:
                    env.cause = cause
                return cause
            cause_n = cause[N]
            letter = cause[LETTER] if letter is None else letter
            stage = cause[STAGE] if stage is None else stage
        noted = _numbers(also) if also else ()
        # Joined, because unpacking would build a list first.
        record = (n, env.now, kind, at, frm, to, session, letter, stage, cause_n, noted, origin) + values  # noqa: RUF005
        if not leaf:
            env.cause = record
        self._take(record)
        if not n % BLOCK:
            self.records.settle()
        return record

    def write_next(
        self,
        kind: Kind,
        values: tuple[Any, ...],
        at: str,
        frm: str | None = None,
        to: str | None = None,
        session: int | None = None,
    ) -> Record:
        """Do what `write` does for most records, in less time; only where somebody hears."""
        self._env.cause = record = self.write_leaf(kind, values, at, frm, to, session)
        return record

    def write_leaf(
        self,
        kind: Kind,
        values: tuple[Any, ...],
        at: str,
        frm: str | None = None,
        to: str | None = None,
        session: int | None = None,
    ) -> Record:
        """Do what `write` does for most leaves, in less time; only where somebody hears."""
        env = self._env
        cause = env.cause or _NOTHING
        self.count = n = self.count + 1
        common = (n, env.now, kind, at, frm, to, session, cause[LETTER], cause[STAGE], cause[N], (), None)
        record = common + values
        self._take(record)
        if not n % BLOCK:
            self.records.settle()
        return record

    def write_leaves(self, kind: Kind, rows: Iterable[tuple[Any, ...]], *, at: str, letter: int | None = None) -> None:
        """Write one leaf for each of `rows`, which are values as `write` takes them; nothing where nobody hears."""
        if not self.heard:
            return
        env, first = self._env, self.count + 1
        cause = env.cause or _NOTHING
        letter = cause[LETTER] if letter is None else letter
        common = env.now, kind, at, None, None, None, letter, cause[STAGE], cause[N], (), None
        for self.count, values in enumerate(rows, first):
            self._take((self.count, *common, *values))
        self.records.settle()

    def __len__(self) -> int:
        return self.count


def _numbers(also: Iterable[Record | int | None]) -> tuple[int, ...]:
    return tuple([one if type(one) is int else one[N] for one in also if one is not None])  # type: ignore[index]
