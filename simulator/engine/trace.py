"""The trace: an ordered list of records, each with the record that caused it.

Everything that is shown, graded or exported is derived from it, so nothing in it is ever changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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

    `sink` is called with each record as it is written; without `keep` the memory stays flat. `heard` is whether anybody
    will see a record; if not, what is dear to describe need not be described.
    """

    __slots__ = ("_env", "_keep", "_sink", "count", "heard", "records")

    def __init__(self, env: Environment, *, keep: bool = True, sink: Callable[[Record], None] | None = None) -> None:
        self._env = env
        self._keep = keep
        self.sink = sink
        self.count = 0
        self.records = Records()

    @property
    def sink(self) -> Callable[[Record], None] | None:
        """What is called with each record, or None."""
        return self._sink

    @sink.setter
    def sink(self, sink: Callable[[Record], None] | None) -> None:
        self._sink = sink
        self.heard = self._keep or sink is not None

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
            if not self.heard and letter is None and stage is None and origin is None:
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
        if self._keep:
            self.records.append(record)
            if not n % BLOCK:
                self.records.settle()
        if self._sink is not None:
            self._sink(record)
        return record

    def write_leaves(self, kind: Kind, rows: Sequence[tuple[Any, ...]], *, at: str, letter: int | None = None) -> None:
        """Write one leaf for each of `rows`, which are values as `write` takes them; all have the ambient cause."""
        if not self.heard:
            return
        env, first = self._env, self.count + 1
        cause = env.cause
        cause_n, stage = (None, None) if cause is None else (cause[N], cause[STAGE])
        if letter is None and cause is not None:
            letter = cause[LETTER]
        same = env.now, kind, at, None, None, None, letter, stage, cause_n, (), None
        made = [(n, *same, *values) for n, values in enumerate(rows, first)]
        self.count += len(made)
        if self._keep:
            self.records.extend(made)
        if self._sink is not None:
            for record in made:
                self._sink(record)

    def __len__(self) -> int:
        return self.count


def _numbers(also: Iterable[Record | int | None]) -> tuple[int, ...]:
    return tuple([one if type(one) is int else one[N] for one in also if one is not None])  # type: ignore[index]
