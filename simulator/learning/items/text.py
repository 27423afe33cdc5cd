"""text: a word or an address as it stands on the wire, in any accepted spelling."""

from __future__ import annotations

from typing import ClassVar

from simulator.learning.items.base import Answer, Item, ItemType, same
from simulator.learning.shapes import AnswerFrom, ItemShape, WrongShape
from simulator.learning.worlds import Found, Worlds
from simulator.scenario.fields import Filled, Texts
from simulator.text import _

__all__ = ["TEXT", "TextShape", "folded"]


class TextShape(ItemShape):
    """A text; `accept` are other spellings that are right too."""

    answer_from: AnswerFrom | None = None
    answer: Texts | None = None
    accept: tuple[Filled, ...] = ()
    wrong: tuple[WrongShape, ...] = ()


def folded(text: str) -> str:
    """A text without what does not count: case, doubled spaces, quotes and angle brackets around it, a final dot."""
    return " ".join(text.split()).strip("<>\"'«»").rstrip(".").casefold().replace("ё", "е")


class _Text(ItemType):
    name: ClassVar = "text"
    shape: ClassVar[type[ItemShape]] = TextShape

    def how(self, item: Item) -> str:
        return _("Type the word or address; case does not count.")

    def right(self, item: Item, found: Found, answer: Answer, worlds: Worlds) -> bool:
        given = folded(answer[0])
        return any(folded(one) == given or same(one, answer[0]) for one in (*found.values, *item.accept))


TEXT = _Text()
