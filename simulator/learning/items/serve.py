"""serve: be the server; a client of the run speaks, and each of its lines wants a reply. The reverse of `type`."""

from __future__ import annotations

from typing import ClassVar

from simulator.engine.query import parse
from simulator.engine.trace import SESSION
from simulator.errors import UsageError
from simulator.learning.items.base import Answer, AnswerError, Item, ItemType, Question, Verdict
from simulator.learning.serving import Serving, turns_of
from simulator.learning.shapes import AnswerFrom, ItemShape
from simulator.learning.worlds import Found, Worlds
from simulator.scenario.fields import Filled
from simulator.text import _

__all__ = ["SERVE", "ServeShape", "open_serving"]


class ServeShape(ItemShape):
    """`transcript` is a query: the session of its first hit is the one in which the learner answers."""

    transcript: Filled
    answer_from: AnswerFrom


def open_serving(item: Item, worlds: Worlds) -> Serving:
    """Begin the session. Raises UsageError if the query finds none."""
    records = worlds.run(item.scenario).records
    hit = next((record for record in parse(item.transcript or "").hits(records) if record[SESSION]), None)
    if hit is None:
        raise UsageError(f"{item.id}: {item.transcript} finds no session; ask for one that takes place")
    return Serving(turns_of(records, hit[SESSION]))


class _Serve(ItemType):
    name: ClassVar = "serve"
    shape: ClassVar = ServeShape
    many: ClassVar = True

    def how(self, item: Item) -> str:
        return _("Type what the server answers to each line, such as 250 Ok. 250-... announces one line more.")

    def question(self, item: Item, worlds: Worlds, seed: int) -> Question:
        first = open_serving(item, worlds).turn
        lines = () if first is None else tuple(f"C: {line}" for line in first.said)
        return Question(id=item.id, type=item.type, ask=item.ask, how=self.how(item), lines=lines)

    def read(self, item: Item, text: str, seed: int, worlds: Worlds) -> Answer:
        """One reply a line; lines with a hyphen after the code belong to the next one."""
        made: list[str] = []
        goes_on = False
        for line in filter(str.strip, text.splitlines()):
            made[-1:] = [f"{made[-1]}\n{line}"] if goes_on else [*made[-1:], line]
            goes_on = line[3:4] == "-"
        if not made:
            raise AnswerError(_("Nothing was typed. {how}").format(how=self.how(item)))
        return tuple(made)

    def right(self, item: Item, found: Found, answer: Answer, worlds: Worlds) -> bool:
        return _served(item, answer, worlds).good

    def verdict(self, item: Item, found: Found, answer: Answer, worlds: Worlds) -> Verdict:
        serving = _served(item, answer, worlds)
        last = serving.given[-1]
        if last.good and serving.turn is not None:
            said = " ".join(serving.turn.said)
            return Verdict(_("The client still waits for a reply to: {line}").format(line=said))
        return Verdict(last.remark)

    def words(self, item: Item, answer: Answer) -> str:
        return " / ".join(one.replace("\n", " / ") for one in answer)


def _served(item: Item, answer: Answer, worlds: Worlds) -> Serving:
    serving = open_serving(item, worlds)
    for text in answer:
        if serving.turn is not None:
            serving.answer(text)
    return serving


SERVE = _Serve()
