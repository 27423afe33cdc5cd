"""A walk over the recorded events of a run: the cursor, the fog, the folds, the filter and the marks.

The stepping screen and plain mode share it, so a step means the same in both. "Back" is a cursor over records that do
not change; what the world looked like is folded from the trace.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from typing import Any

from ..engine.kinds import Record
from ..engine.query import Query, parse, shown
from ..engine.trace import FROM, KIND, SESSION, TO, VALUES, T
from ..errors import MailflowError
from ..records.describe import describe
from ..records.folds import History
from ..records.moment import Moment
from ..text import _, language
from .index import Index, Pair

__all__ = ["Walk"]

_TELLING = (
    "verb",
    "do",
    "do",
    "code",
    "status",
    "qname",
    "qtype",
    "mailbox",
    "queue_id",
    "recipient",
    "name",
    "port",
    "result",
    "user",
)
"""Fields that make a query for one event readable."""


class Walk:
    """Where a person stands in a run.

    `name` is the scenario as links name it (`first-letter`, `first-letter?seed=7`). All positions are ordinals `n`.
    """

    def __init__(self, run: Any, *, cursor: int | None = None, name: str | None = None) -> None:
        self.run = run
        self.scenario = run.scenario
        self.records: Sequence[Record] = run.records
        self.name = name or self.scenario.id
        hosts = self.scenario.hosts
        self._resolvers = [host.id for host in hosts if host.kind == "resolver"]
        self.index = Index(self.records, self._resolvers)
        self.fog = True
        self.barrier: int | None = None
        self.filter: Query | None = None
        self.filter_text = ""
        self.marks: list[int] = []
        self.opened: set[int] = set()
        self._base = self.index.rows
        self._flat = list(self._base)
        self.rows = self._flat
        self._history = History(self.records)
        self._moment: Moment | None = None
        self.reached = 0
        self.cursor = 0
        if not self.records:
            raise MailflowError(_("nothing happens in this scenario; give it a timeline"))
        self.go(cursor or self.start())

    def renew(self, records: Sequence[Record]) -> None:
        """Take a longer trace of the same run; the cursor, the filter, the marks and what is unfolded stay."""
        self.records = records
        self.index = Index(records, self._resolvers)
        self._base = self.index.rows
        self._flat = list(self._base)
        self._history = History(records)
        self._moment = None
        text, opened = self.filter_text if self.filter is not None else None, sorted(self.opened)
        self.filter, self.opened, self.rows = None, set(), self._flat
        for n in opened:
            self.toggle_fold(n)
        if text is not None:
            self.set_filter(text)

    def start(self) -> int:
        """Return where a walk begins: the first event that is no setting up of the world."""
        return next((n for n in self._base if self.records[n - 1][KIND].name != "world"), self._base[0])

    @property
    def record(self) -> Record:
        """The record under the cursor."""
        return self.records[self.cursor - 1]

    @property
    def total(self) -> int:
        """How many records the run has."""
        return len(self.records)

    # Rows

    def position(self, n: int | None = None) -> int:
        """Return the position in `rows` of event `n` (default: the cursor) or of the last row before it."""
        return max(0, bisect_right(self.rows, self.cursor if n is None else n) - 1)

    def upto(self, n: int | None = None) -> int:
        """Return the last event that belongs to the row of `n`: what is folded under it has happened with it."""
        n = self.cursor if n is None else n
        after = bisect_right(self._flat, n)
        if after == 0 or self._flat[after - 1] != n:
            return n
        last = self._flat[after] - 1 if after < len(self._flat) else self.total
        return last if self.barrier is None else max(n, min(last, self.barrier - 1))

    def visible(self) -> int:
        """Return how many rows the fog leaves visible."""
        return bisect_right(self.rows, self.reached) if self.fog else len(self.rows)

    def folded(self, n: int) -> int:
        """Return how many events are folded under the row `n`."""
        if self.filter is not None or n in self.opened:
            return 0
        position = bisect_left(self._base, n)
        if position >= len(self._base) or self._base[position] != n:
            return 0
        after = self._base[position + 1] if position + 1 < len(self._base) else self.total + 1
        return after - n - 1

    def toggle_fold(self, n: int) -> bool:
        """Unfold the row `n`, or fold it again. Return whether there was anything to fold."""
        if n in self.opened:
            self.opened.discard(n)
            after = bisect_right(self._base, n)
            end = self._base[after] if after < len(self._base) else self.total + 1
            start = bisect_right(self._flat, n)
            del self._flat[start : bisect_left(self._flat, end)]
            return True
        count = self.folded(n)
        if not count:
            return False
        at = bisect_right(self._flat, n)
        self._flat[at:at] = range(n + 1, n + count + 1)
        self.opened.add(n)
        return True

    # Moving

    def go(self, n: int) -> None:
        """Put the cursor on event `n`, unfold what hides it, and lift the fog up to there."""
        n = self._before_the_barrier(min(max(1, n), self.total))
        if self.filter is not None and not self._is_row(self.rows, n):
            self.set_filter(None)
        if self.filter is None and not self._is_row(self._flat, n):
            self.toggle_fold(self._base[bisect_right(self._base, n) - 1])
        self.cursor = n
        self.reached = max(self.reached, self.upto())

    def _before_the_barrier(self, n: int) -> int:
        """Return `n`, or the last row before what a question still hides."""
        if self.barrier is None or n < self.barrier:
            return n
        return self._flat[max(0, bisect_left(self._flat, self.barrier) - 1)]

    @staticmethod
    def _is_row(rows: list[int], n: int) -> bool:
        position = bisect_left(rows, n)
        return position < len(rows) and rows[position] == n

    def step(self, rows: int) -> bool:
        """Move by that many rows; return whether it moved."""
        if not self.rows:
            return False
        here = bisect_right(self.rows, self.cursor) - 1
        if rows < 0 and here < 0:
            return False
        if rows < 0 and self.rows[here] < self.cursor:
            here += 1
        there = min(max(0, here + rows), len(self.rows) - 1)
        before = self.cursor
        self.go(self.rows[there])
        return self.cursor != before

    def stage_step(self, forward: int) -> bool:
        """Go to the next stage (1) or to where this or the one before began (-1); return whether it moved."""
        stages, before = self.index.stages, self.cursor
        if forward > 0:
            after = bisect_right(stages, before)
            target = stages[after] if after < len(stages) else self._base[-1]
        else:
            earlier = bisect_left(stages, before)
            target = stages[earlier - 1] if earlier else self._base[0]
        self.go(target)
        return self.cursor != before

    def first(self) -> None:
        """Go to the first row."""
        if self.rows:
            self.go(self.rows[0])

    def last(self) -> None:
        """Go to the last row that was reached."""
        if self.visible():
            self.go(self.rows[self.visible() - 1])

    # Filter, fog, marks

    def set_filter(self, text: str | None) -> None:
        """Show only what a query finds; None or blank shows all. The text is kept. Raises QueryError."""
        query = parse(text) if text and text.strip() else None
        self.filter = query
        if query is None:
            self.rows = self._flat
            if self.cursor and not self._is_row(self._flat, self.cursor):
                self.go(self.cursor)
            return
        self.filter_text = query.text
        matches = query.matcher()
        self.rows = [n for n, record in enumerate(self.records, start=1) if matches(record)]

    def toggle_fog(self) -> bool:
        """Lift the fog or let it down again; return whether it is there now. A question that is open keeps it."""
        self.fog = not self.fog or self.barrier is not None
        return self.fog

    def toggle_mark(self) -> bool:
        """Mark the event, or take the mark away; return whether it is marked now."""
        if self.cursor in self.marks:
            self.marks.remove(self.cursor)
            return False
        insort(self.marks, self.cursor)
        return True

    def next_mark(self) -> bool:
        """Go to the next mark, round the end; return whether there is one."""
        if self.marks:
            self.go(self.marks[bisect_right(self.marks, self.cursor) % len(self.marks)])
        return bool(self.marks)

    # What is known of the event

    def moment(self) -> Moment:
        """Return the world as it is after the row under the cursor."""
        n = self.upto()
        if self._moment is None or self._moment.n != n:
            self._moment = self._history.at(n)
        return self._moment

    def pair(self) -> Pair | None:
        """Return who speaks."""
        return self.index.pair(self.cursor)

    def session_records(self, session: int) -> list[Record]:
        """Return the records of a session."""
        return [self.records[n - 1] for n in self.index.sessions.get(session, ())]

    def title(self) -> str:
        """Return the scenario's title in the language that is spoken now."""
        return str(self.scenario.text_of("title", language()) or self.scenario.title)

    def link(self, n: int | None = None) -> str:
        """Return the deep link to event `n`: `first-letter#smtp.reply/2`."""
        n = self.cursor if n is None else n
        return f"{self.name}#{self.records[n - 1][KIND].name}/{self.index.ordinal(n)}"

    def query(self) -> str:
        """Return a query that finds the event and its like."""
        record = self.record
        terms = [("from", record[FROM]), ("to", record[TO])]
        terms += [
            (field.name, record[VALUES + at])
            for at, field in enumerate(record[KIND].fields)
            if field.name in _TELLING or (field.name, record[KIND].name) == ("id", "stage")
        ]
        return " ".join(
            [record[KIND].name, *(f"{name}={_word(shown(value))}" for name, value in terms if value not in (None, ""))]
        )

    def text(self, n: int | None = None) -> str:
        """Return one line about event `n`, with its time and hosts."""
        record = self.record if n is None else self.records[n - 1]
        hosts = f"{record[FROM]} > {record[TO]}" if record[FROM] and record[TO] else record[FROM] or record[3] or ""
        return (
            f"{self.clock(record[T])}  {hosts}: {describe(record)}"
            if hosts
            else f"{self.clock(record[T])}  {describe(record)}"
        )

    def clock(self, t: int, *, digits: int = 3) -> str:
        """Return the time that the world's clocks show at `t` µs after the start: `18:30:02.310`."""
        micros = (self.scenario.start_us + self.scenario.offset_minutes * 60_000_000 + t) % 86_400_000_000
        seconds, rest = divmod(micros, 1_000_000)
        text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        return f"{text}.{rest // 1000:03d}" if digits else text

    def is_open(self, n: int) -> bool:
        """Tell whether event `n` is out of the fog."""
        return not self.fog or n <= self.reached

    def session_of(self, n: int) -> int | None:
        """Return the session that event `n` itself belongs to."""
        found: int | None = self.records[n - 1][SESSION]
        return found


def _word(text: str) -> str:
    text = text.replace('"', "")
    return f'"{text}"' if any(sign in text for sign in " |=~<>!") or not text else text
