"""predict: say what comes next, then let the world move; the answer is locked in, so there is one try."""

from __future__ import annotations

from typing import ClassVar

from simulator.learning.items.base import Answer, AnswerError, Item, Problem, Question, picked
from simulator.learning.items.number import read_number
from simulator.learning.items.text import TextShape, _Text
from simulator.learning.shapes import OptionShape
from simulator.learning.worlds import Found, Worlds, hits
from simulator.scenario.fields import Filled
from simulator.text import _

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PREDICT", "PredictShape"]


class PredictShape(TextShape):
    """`stop-before` is the record before which the world stands; with `options` one is chosen, else typed."""

    stop_before: Filled
    options: list[OptionShape] | None = None


class _Predict(_Text):
    name: ClassVar = "predict"
    shape: ClassVar = PredictShape
    one_try: ClassVar = True

    def how(self, item: Item) -> str:
        if item.options:
            return _("Choose one: type its letter. Then the world moves on.")
        return _("Type what will come. Then the world moves on.")

    def question(self, item: Item, worlds: Worlds, seed: int) -> Question:
        stop = next(iter(hits(worlds.run(item.scenario).records, item.stop_before or "")), None)
        return Question(
            id=item.id, type=item.type, ask=item.ask, how=self.how(item), choices=self.choices(item, seed), stop=stop
        )

    def read(self, item: Item, text: str, seed: int, worlds: Worlds) -> Answer:
        if item.options:
            return (picked(text, self.choices(item, seed)),)
        if not text.strip():
            raise AnswerError(_("Nothing was typed. {how}").format(how=self.how(item)))
        if self.found(item, worlds).one.isdigit():
            return (read_number(text),)
        return (text.strip(),)

    def problems(self, item: Item, found: Found, worlds: Worlds) -> Iterator[Problem]:
        yield from super().problems(item, found, worlds)
        stop = next(iter(hits(worlds.run(item.scenario).records, item.stop_before or "")), None)
        if stop is None:
            message = "there is nothing to stop before: no such event in this world"
            yield Problem("MF112", message, "ask for an event that happens", item.stop_before or "")
        elif any(record[0] < stop[0] for record in found.records):
            message = "the answer can be seen before the world stops"
            yield Problem("MF112", message, "stop before the event that answers", item.stop_before or "")


PREDICT = _Predict()
