"""explain: say it in your own words, then compare with what a good answer says and mark it yourself."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from simulator.learning.items.base import Answer, Choice, Item, ItemType
from simulator.learning.shapes import AnswerFrom, ItemShape, RubricShape
from simulator.learning.worlds import Found, Worlds
from simulator.scenario.fields import Filled
from simulator.text import _

__all__ = ["EXPLAIN", "ExplainShape"]


class ExplainShape(ItemShape):
    """`rubric`: what a good answer says; `model`: such an answer. `answer-from` shows an observation beside it."""

    rubric: Annotated[list[RubricShape], Field(min_length=2)]
    model: Filled
    answer_from: AnswerFrom | None = None


class _Explain(ItemType):
    name: ClassVar = "explain"
    shape: ClassVar = ExplainShape
    keyed: ClassVar = False
    one_try: ClassVar = True

    def how(self, item: Item) -> str:
        return _("Write one or two sentences; then mark yourself.")

    def choices(self, item: Item, seed: int) -> tuple[Choice, ...]:
        return ()

    def found(self, item: Item, worlds: Worlds) -> Found:
        return super().found(item, worlds) if item.key is not None else Found((), False, (), "")

    def right(self, item: Item, found: Found, answer: Answer, worlds: Worlds) -> bool:
        """After the text stand the ids of what it said; all of them is right."""
        return {one.id for one in item.rubric} <= set(answer[1:])

    def words(self, item: Item, answer: Answer) -> str:
        return answer[0]

    def solution(self, item: Item, found: Found) -> Answer:
        return (item.model, *(one.id for one in item.rubric))


EXPLAIN = _Explain()
