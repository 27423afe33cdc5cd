"""dig: ask the DNS of the simulated world; what is judged is the asking, so any command that finds it is right."""

from __future__ import annotations

from typing import ClassVar

from simulator.engine.query import parse, shown
from simulator.errors import UsageError
from simulator.learning.items.base import Answer, AnswerError, Item, ItemType, Wrong
from simulator.learning.shapes import ItemShape, WrongShape
from simulator.learning.shell import dig
from simulator.learning.worlds import Found, Worlds
from simulator.scenario.fields import Filled, Name
from simulator.text import _

__all__ = ["DIG", "DigShape"]


class DigShape(ItemShape):
    """`command` is a model solution; `answer-from` is asked of the records that a command leaves."""

    command: Filled
    host: Name | None = None
    answer_from: Filled
    wrong: tuple[WrongShape, ...] = ()


class _Dig(ItemType):
    name: ClassVar = "dig"
    shape: ClassVar = DigShape

    def how(self, item: Item) -> str:
        return _("Type a dig command, such as dig beta.example MX.")

    def found(self, item: Item, worlds: Worlds) -> Found:
        return _asked(item, item.command, worlds)

    def read(self, item: Item, text: str, seed: int, worlds: Worlds) -> Answer:
        try:
            dig(worlds.scenario(item.scenario), text, host=item.host)
        except UsageError as error:
            raise AnswerError(str(error)) from None
        return (" ".join(text.split()),)

    def right(self, item: Item, found: Found, answer: Answer, worlds: Worlds) -> bool:
        return _asked(item, answer[0], worlds).values == found.values

    def wrong_answer(self, item: Item, wrong: Wrong, worlds: Worlds) -> Answer | None:
        return wrong.equals or None

    def solution(self, item: Item, found: Found) -> Answer:
        return (item.command,)


def _asked(item: Item, command: str, worlds: Worlds) -> Found:
    """What the key's query finds among the records of one command."""
    asked = dig(worlds.scenario(item.scenario), command, host=item.host)
    query = parse(str(item.key))
    answer = query.ask(asked.records)
    value = answer.value
    if isinstance(value, tuple):
        return Found(tuple(map(shown, value)), True, (), query.text)
    return Found(() if value is None else (shown(value),), False, (), query.text)


DIG = _Dig()
