"""locate: put the cursor on the event; the answer is its number in the trace."""

from __future__ import annotations

import re
from typing import ClassVar, Final

from simulator.errors import MailflowError
from simulator.learning.items.base import Answer, AnswerError, Item, ItemType, Problem
from simulator.learning.shapes import AnswerFrom, ItemShape, WrongShape
from simulator.learning.worlds import Found, Worlds
from simulator.scenario.fields import Filled
from simulator.scenario.finding import parse_link
from simulator.text import _

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LOCATE", "LocateShape"]

_EVENT: Final = re.compile(r"(?:e|е|n|event|событие)?\s*#?(\d+)", re.IGNORECASE)


class LocateShape(ItemShape):
    """The key is `| first n` or `| list n`; `accept` are queries for further events that are right too."""

    answer_from: AnswerFrom
    accept: tuple[Filled, ...] = ()
    wrong: tuple[WrongShape, ...] = ()


class _Locate(ItemType):
    name: ClassVar = "locate"
    shape: ClassVar = LocateShape

    def how(self, item: Item) -> str:
        return _("Put the cursor on the event, or type its number, such as e31.")

    def found(self, item: Item, worlds: Worlds) -> Found:
        found = super().found(item, worlds)
        more = [one for query in item.accept for one in worlds.ask(item.scenario, f"{query} | list n").values]
        records = worlds.run(item.scenario).records
        shown = tuple(records[int(one) - 1] for one in found.values if one.isdigit() and int(one) <= len(records))
        return Found((*found.values, *more), False, shown, found.query)

    def problems(self, item: Item, found: Found, worlds: Worlds) -> Iterator[Problem]:
        if not found.values or not all(one.isdigit() for one in found.values):
            yield Problem("MF115", "the key has to be the number of an event", "use | first n", "answer-from")
            return
        for wrong in item.wrong:
            numbers = worlds.ask(item.scenario, f"{wrong.on} | list n").values if wrong.on else wrong.equals
            if set(numbers) & set(found.values):
                yield Problem("MF114", f"the wrong answer {wrong.name} is right here", "name another one", wrong.name)
            elif not numbers:
                yield Problem("MF116", f"{wrong.name} happens nowhere in this world", "ask for one that does", "")

    def read(self, item: Item, text: str, seed: int, worlds: Worlds) -> Answer:
        records = worlds.run(item.scenario).records
        found = _EVENT.fullmatch(text.strip())
        if found is None and "#" in text:
            try:
                return (str(worlds.record_at(item.scenario, parse_link(text.strip()))[0]),)
            except MailflowError as error:
                raise AnswerError(str(error)) from None
        number = int(found[1]) if found is not None else 0
        if not 1 <= number <= len(records):
            message = _("{text} is no event; type a number from 1 to {n}, such as e31.")
            raise AnswerError(message.format(text=text.strip() or '""', n=len(records)))
        return (str(number),)

    def right(self, item: Item, found: Found, answer: Answer, worlds: Worlds) -> bool:
        return answer[0] in found.values

    def words(self, item: Item, answer: Answer) -> str:
        return f"e{answer[0]}"

    def solution(self, item: Item, found: Found) -> Answer:
        return found.values[:1]

    def general(self, item: Item, found: Found, answer: Answer) -> str:
        first = found.records[0] if found.records else None
        if first is None:
            return ""
        earlier = int(answer[0]) < first[0]
        return _("It happens later.") if earlier else _("It happens earlier.")


LOCATE = _Locate()
