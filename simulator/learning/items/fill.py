"""fill: a gap in what was really said; the transcript comes from the run, with the key taken out."""

from __future__ import annotations

import re
from typing import ClassVar

from simulator.engine.query import parse, shown
from simulator.engine.trace import KIND, SESSION, N
from simulator.export.transcript import transcript
from simulator.learning.items.base import Item, Problem, Question
from simulator.learning.items.text import TextShape, _Text
from simulator.learning.worlds import Found, Worlds
from simulator.records.describe import describe
from simulator.safe import safe_text
from simulator.scenario.fields import Filled
from simulator.text import _

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FILL", "GAP", "FillShape"]

GAP = "____"
_LINES = 8
_AROUND = 3


class FillShape(TextShape):
    """`lines`: a query whose records (or values) are shown; `transcript`: a query whose session is shown around it."""

    lines: Filled | None = None
    transcript: Filled | None = None


class _Fill(_Text):
    name: ClassVar = "fill"
    shape: ClassVar = FillShape

    def how(self, item: Item) -> str:
        return _("Type what stands in the gap {gap}.").format(gap=GAP)

    def question(self, item: Item, worlds: Worlds, seed: int) -> Question:
        lines = with_gap(_lines(item, worlds), self.found(item, worlds).values)
        return Question(id=item.id, type=item.type, ask=item.ask, how=self.how(item), lines=lines)

    def problems(self, item: Item, found: Found, worlds: Worlds) -> Iterator[Problem]:
        yield from super().problems(item, found, worlds)
        lines = _lines(item, worlds)
        if not lines:
            about = item.lines or item.transcript or ""
            yield Problem("MF112", "nothing was said that could have a gap", "ask for lines that are there", about)
        elif len(found.values) == 1 and found.values[0] in " ".join(with_gap(lines, found.values)):
            yield Problem("MF114", f"{found.values[0]} can be read beside the gap", "show fewer lines", "")


def _lines(item: Item, worlds: Worlds) -> tuple[str, ...]:
    records = worlds.run(item.scenario).records
    if item.lines is not None:
        query = parse(item.lines)
        found = query.ask(records)
        if query.aggregate is not None:
            values = found.value if isinstance(found.value, tuple) else (found.value,)
            return tuple(safe_text(shown(value)) for value in values if value is not None)[:_LINES]
        return tuple(describe(record) for record in found.records[:_LINES])
    hit = next(iter(parse(item.transcript or "").hits(records)), None)
    if hit is None or hit[SESSION] is None:
        return ()
    said = [line for line in transcript(records, hit[SESSION]) if line.side in "CS"]
    place = next((place for place, line in enumerate(said) if line.n >= hit[N]), len(said) - 1)
    if hit[KIND].name.endswith((".command", ".reply")):
        place = max(0, place - 1)
    return tuple(str(line) for line in said[max(0, place - _AROUND) : place + _AROUND + 1])


def with_gap(lines: tuple[str, ...], values: tuple[str, ...]) -> tuple[str, ...]:
    """The lines with the value taken out wherever it stands as a word; a gap after them where it stands nowhere."""
    if len(values) != 1 or not values[0]:
        return lines
    word = re.compile(rf"(?<![\w.-]){re.escape(values[0])}(?![\w-])")
    made = tuple(word.sub(GAP, line) for line in lines)
    return made if made != lines else (*lines, GAP)


FILL = _Fill()
