"""choice: one of several answers; yes and no are the two answers of a query that asks whether."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from simulator.learning.items.base import Answer, Item, ItemType, picked
from simulator.learning.shapes import AnswerFrom, ItemShape, OptionShape
from simulator.learning.worlds import Worlds
from simulator.scenario.fields import Filled
from simulator.text import _

__all__ = ["CHOICE", "ChoiceShape"]


class ChoiceShape(ItemShape):
    """One of several answers."""

    options: Annotated[list[OptionShape], Field(min_length=2)]
    answer_from: AnswerFrom | None = None
    answer: Filled | None = None


class _Choice(ItemType):
    name: ClassVar = "choice"
    shape: ClassVar = ChoiceShape

    def how(self, item: Item) -> str:
        return _("Choose one: type its letter.")

    def read(self, item: Item, text: str, seed: int, worlds: Worlds) -> Answer:
        return (picked(text, self.choices(item, seed)),)


CHOICE = _Choice()
