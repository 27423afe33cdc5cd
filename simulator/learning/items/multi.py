"""multi: every answer that is right; the key is a list."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from simulator.learning.items.base import Answer, AnswerError, Item, ItemType, Verdict, picked, same, words_of
from simulator.learning.shapes import AnswerFrom, ItemShape, OptionShape
from simulator.learning.worlds import Found, Worlds
from simulator.scenario.fields import Filled
from simulator.text import _, ngettext

__all__ = ["MULTI", "MultiShape"]


class MultiShape(ItemShape):
    """Several answers, each right or wrong."""

    options: Annotated[list[OptionShape], Field(min_length=2)]
    answer_from: AnswerFrom | None = None
    answer: list[Filled] | None = None


class _Multi(ItemType):
    name: ClassVar = "multi"
    shape: ClassVar = MultiShape
    many: ClassVar = True

    def how(self, item: Item) -> str:
        return _("Choose all that are right: type their letters, such as a c.")

    def read(self, item: Item, text: str, seed: int, worlds: Worlds) -> Answer:
        choices = self.choices(item, seed)
        chosen = {picked(word, choices) for word in words_of(text)}
        if not chosen:
            raise AnswerError(_("Nothing was typed. {how}").format(how=self.how(item)))
        return tuple(option.id for option in item.options if option.id in chosen)

    def right(self, item: Item, found: Found, answer: Answer, worlds: Worlds) -> bool:
        return set(answer) == set(self.solution(item, found))

    def solution(self, item: Item, found: Found) -> Answer:
        keys = [option.id for option in item.options if any(same(option.id, value) for value in found.values)]
        return tuple(keys)

    def verdict(self, item: Item, found: Found, answer: Answer, worlds: Worlds) -> Verdict:
        named = super().verdict(item, found, answer, worlds)
        key = self.solution(item, found)
        chosen = [option for option in item.options if option.id in answer and option.id not in key]
        if not chosen:
            return Verdict(self.general(item, found, answer)) if set(answer) != set(key) else named
        myth = next((option.myth for option in chosen if option.myth), None)
        return Verdict(" ".join(option.why.strip() for option in chosen), myth)

    def general(self, item: Item, found: Found, answer: Answer) -> str:
        missing = len(set(self.solution(item, found)) - set(answer))
        return ngettext("{n} more is right.", "{n} more are right.", missing).format(n=missing)


MULTI = _Multi()
