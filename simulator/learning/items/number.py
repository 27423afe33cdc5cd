"""number: a count or a size, exact or within a tolerance."""

from __future__ import annotations

import re
from typing import ClassVar, Final

from simulator.learning.items.base import Answer, AnswerError, Item, ItemType
from simulator.learning.shapes import AnswerFrom, ItemShape, Number, WrongShape
from simulator.learning.worlds import Found, Worlds
from simulator.scenario.fields import Filled, Text
from simulator.text import _

__all__ = ["NUMBER", "NumberShape", "read_number"]

_NUMBER: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?")


class NumberShape(ItemShape):
    """A number; `unit` is shown beside the answer."""

    answer_from: AnswerFrom | None = None
    answer: Filled | None = None
    tolerance: Number = 0
    unit: Text = ""
    wrong: tuple[WrongShape, ...] = ()


def read_number(text: str) -> str:
    """What was typed as a number, digits without spaces between them. Raises AnswerError."""
    word = re.sub(r"(?<=\d)[\s_'](?=\d)", "", text.strip())
    found = _NUMBER.match(word)
    if found is None or re.search(r"\d", word[found.end() :]):
        raise AnswerError(_("{text} is not a number; type one such as 3.").format(text=text.strip() or '""'))
    number = found[0].replace(",", ".").removeprefix("+")
    return f"{float(number):g}" if "." in number else str(int(number))


class _Number(ItemType):
    name: ClassVar = "number"
    shape: ClassVar = NumberShape

    def how(self, item: Item) -> str:
        return _("Type a number.")

    def read(self, item: Item, text: str, seed: int, worlds: Worlds) -> Answer:
        return (read_number(text),)

    def right(self, item: Item, found: Found, answer: Answer, worlds: Worlds) -> bool:
        if not item.tolerance:
            return super().right(item, found, answer, worlds)
        return abs(float(answer[0]) - float(found.one)) <= item.tolerance

    def general(self, item: Item, found: Found, answer: Answer) -> str:
        more = float(found.one) > float(answer[0])
        return _("It is more than that.") if more else _("It is less than that.")

    def words(self, item: Item, answer: Answer) -> str:
        return f"{answer[0]} {item.unit}".strip()


NUMBER = _Number()
