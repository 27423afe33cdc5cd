"""type: speak the protocol to a server of the simulated world; what is judged is what came of it.

Any dialogue that leaves the same answer in the world as the model one is right, whatever its detours were.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import WithJsonSchema

from simulator.engine.query import parse, shown
from simulator.errors import UsageError
from simulator.learning.dialogue import Dialogue
from simulator.learning.items.base import Answer, AnswerError, Item, ItemType, Problem, Question, Verdict, Wrong
from simulator.learning.shapes import ItemShape
from simulator.learning.worlds import Found, Worlds
from simulator.scenario.fields import Duration, Filled, Name, read
from simulator.scenario.values import number
from simulator.text import _

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["TYPE", "TypeShape", "open_dialogue"]

Port = Annotated[int, read(lambda text: number(text, least=1, most=65535)), WithJsonSchema({"type": "integer"})]
_LINES = 200


class TypeShape(ItemShape):
    """`command` is a model dialogue, a line a line; `answer-from` is asked of the records that a dialogue leaves.

    `at` is the moment of the scenario at which the student comes.
    """

    host: Name
    server: Name
    port: Port = 25
    at: Duration = 0
    command: Filled
    answer_from: Filled


def open_dialogue(item: Item, worlds: Worlds) -> Dialogue:
    """Connect to the server that an item speaks to. Raises UsageError for a host that is not there."""
    scenario = worlds.scenario(item.scenario)
    for name in (item.host, item.server):
        if name not in [host.id for host in scenario.hosts]:
            raise UsageError(f"{item.id}: {item.scenario} has no host {name}; mailflow validate --full lists them")
    return Dialogue(scenario, host=item.host, server=item.server, port=item.port, at_us=item.at_us)


class _Type(ItemType):
    name: ClassVar = "type"
    shape: ClassVar = TypeShape

    def how(self, item: Item) -> str:
        return _("Type what the client says, line by line; the server answers. QUIT ends it.")

    def question(self, item: Item, worlds: Worlds, seed: int) -> Question:
        greeting = open_dialogue(item, worlds).greeting
        lines = (f"$ telnet {item.server} {item.port}", *(f"S: {line}" for line in greeting))
        return Question(id=item.id, type=item.type, ask=item.ask, how=self.how(item), lines=lines)

    def found(self, item: Item, worlds: Worlds) -> Found:
        return _asked(item, tuple(item.command.splitlines()), worlds)

    def problems(self, item: Item, found: Found, worlds: Worlds) -> Iterator[Problem]:
        yield from super().problems(item, found, worlds)
        if found.values == _asked(item, ("QUIT",), worlds).values:
            message = "the answer is the same for whoever says QUIT at once"
            yield Problem("MF114", message, "ask for something that the dialogue brings about", "answer-from")

    def read(self, item: Item, text: str, seed: int, worlds: Worlds) -> Answer:
        lines = tuple(text.splitlines())
        if not any(line.strip() for line in lines):
            raise AnswerError(_("Nothing was typed. {how}").format(how=self.how(item)))
        if len(lines) > _LINES:
            raise AnswerError(_("That is too long for a letter by hand; {n} lines will do.").format(n=_LINES))
        return lines

    def right(self, item: Item, found: Found, answer: Answer, worlds: Worlds) -> bool:
        return _asked(item, answer, worlds).values == found.values

    def verdict(self, item: Item, found: Found, answer: Answer, worlds: Worlds) -> Verdict:
        spoken = _said(item, answer, worlds)
        refused = next((one for one in spoken.spoken if not one.good), None)
        if refused is not None:
            return Verdict(
                _("The server refused “{line}”: {answer}").format(
                    line=refused.line, answer=" ".join(refused.answer) or _("it had hung up")
                )
            )
        if spoken.content:
            return Verdict(_("The letter has no end: the server still waits for a line with a single dot."))
        return Verdict(_("Every line was taken, but something is missing: {verbs} could still have been said.").format(
            verbs=", ".join(verb for verb in spoken.legal if verb != "QUIT")
        ))  # fmt: skip

    def wrong_answer(self, item: Item, wrong: Wrong, worlds: Worlds) -> Answer | None:
        return wrong.equals or None

    def words(self, item: Item, answer: Answer) -> str:
        return " / ".join(answer)

    def solution(self, item: Item, found: Found) -> Answer:
        return tuple(item.command.splitlines())


def _said(item: Item, lines: Answer, worlds: Worlds) -> Dialogue:
    dialogue = open_dialogue(item, worlds)
    for line in lines:
        if not dialogue.over:
            dialogue.say(line)
    return dialogue


def _asked(item: Item, lines: Answer, worlds: Worlds) -> Found:
    """What the key's query finds among the records that a dialogue leaves."""
    query = parse(str(item.key))
    answer = query.ask(_said(item, lines, worlds).finish())
    value = answer.value
    if isinstance(value, tuple):
        return Found(tuple(map(shown, value)), True, (), query.text)
    return Found(() if value is None else (shown(value),), False, (), query.text)


TYPE = _Type()
