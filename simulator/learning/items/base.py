"""What an item of a quiz is, and what each type of item decides about it.

One class a type, each in its own module: it gives the shape in the file, the key out of the run, the reading of an
answer, whether it is right, and what is said about a wrong one. An answer is a tuple of texts in every type, so that
progress, feedback and screens need not know the types.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, TypeVar

from simulator.engine.kinds import Record
from simulator.engine.randomness import stream
from simulator.errors import MailflowError
from simulator.learning.shapes import ItemShape
from simulator.learning.worlds import Ask, Found, Worlds
from simulator.scenario.expectations import compare
from simulator.scenario.labmodel import Hint
from simulator.scenario.tree import Node
from simulator.text import _

__all__ = [
    "Answer", "AnswerError", "Choice", "Item", "ItemType", "Option", "Problem", "Question", "Row", "Verdict", "Wrong",
    "fields_of", "letters", "picked", "same", "shuffled", "words_of",
]  # fmt: skip

Answer = tuple[str, ...]
"""An answer in one form for all types: one text, several, or pairs written `left=right`."""

T = TypeVar("T")
LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


class AnswerError(MailflowError):
    """What was typed is no answer to this question; it costs no try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One answer to choose from."""

    id: str
    text: str
    why: str = ""
    myth: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing to put in order or to match; `key` is its own query, where it has one."""

    id: str
    text: str
    key: Ask | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A wrong answer that is known by its value (`equals`) or by a query (`query`; `on`: any event it finds)."""

    why: str
    myth: str | None = None
    equals: Answer = ()
    query: str | None = None
    on: str | None = None

    @property
    def name(self) -> str:
        """How messages call it."""
        return ", ".join(self.equals) or self.query or self.on or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question; texts are in the language that was asked for. What a type does not use is empty."""

    id: str
    type: str
    ask: str
    skill: str
    scenario: str
    key: Ask | None = None
    written: Answer = ()
    show: str | None = None
    because: str = ""
    hints: tuple[Hint, ...] = ()
    options: tuple[Option, ...] = ()
    rows: tuple[Row, ...] = ()
    wrong: tuple[Wrong, ...] = ()
    rubric: tuple[Hint, ...] = ()
    accept: tuple[str, ...] = ()
    tolerance: int = 0
    unit: str = ""
    stop_before: str | None = None
    lines: str | None = None
    transcript: str | None = None
    host: str = ""
    server: str = ""
    port: int = 25
    at_us: int = 0
    command: str = ""
    model: str = ""
    node: Node | None = field(default=None, compare=False, repr=False)

    def text_of(self, option_id: str) -> str:
        """The text of an option or row, or the id itself."""
        named: dict[str, str] = {row.id: row.text for row in self.rows} | {one.id: one.text for one in self.options}
        return named.get(option_id, option_id)


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose as it is shown: `label` is what is typed for it."""

    label: str
    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question as it is shown.

    how         in one sentence, how to answer
    choices     options, or the right column of a match; rows that want an order
    rows        the left column of a match
    lines       the transcript with its gap
    stop        the record before which the world stands until the answer is locked in (predict), or None
    """

    id: str
    type: str
    ask: str
    how: str
    choices: tuple[Choice, ...] = ()
    rows: tuple[Choice, ...] = ()
    lines: tuple[str, ...] = ()
    unit: str = ""
    stop: Record | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why an answer is wrong, and the misconception behind it."""

    why: str = ""
    myth: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """What a run shows to be wrong with an item: rule, message, what to do, and the words to point at."""

    rule: str
    message: str
    hint: str
    about: str = ""


class ItemType:
    """One type of item; the defaults are those of a type with one value as its key."""

    name: ClassVar[str]
    shape: ClassVar[type[ItemShape]]
    many: ClassVar[bool] = False
    keyed: ClassVar[bool] = True
    one_try: ClassVar[bool] = False

    # the key

    def found(self, item: Item, worlds: Worlds) -> Found:
        """What the world says, or the written key. Raises QueryError, and ScenarioError of the world itself."""
        if item.key is None:
            return Found(item.written, self.many, (), "")
        return worlds.ask(item.scenario, item.key)

    def problems(self, item: Item, found: Found, worlds: Worlds) -> Iterator[Problem]:
        """What is wrong with the item in this world."""
        if self.keyed and (not found.values or found.many is not self.many):
            yield self._no_value(found)
            return
        if item.options and self.keyed:
            yield from self._options(item, found)
        yield from self._named(item, found, worlds)

    def _no_value(self, found: Found) -> Problem:
        wanted = "a list" if self.many else "exactly one value"
        had = "none" if not found.values else f"{len(found.values)}: {found.text}"
        hint = "use | list or | unique" if self.many else "use | first, | last or | count"
        return Problem("MF115", f"the key wants {wanted}, and the world gives {had}", hint, "answer-from")

    def _options(self, item: Item, found: Found) -> Iterator[Problem]:
        known = [option.id for option in item.options]
        lost = [value for value in found.values if not any(same(value, option) for option in known)]
        for value in lost:
            message = f"the world answers {value}, which is none of the options"
            yield Problem("MF113", message, f"options are {', '.join(known)}", "answer-from")
        if lost:
            return
        for option in item.options:
            if not option.why and not any(same(option.id, value) for value in found.values):
                yield Problem("MF105", f"{option.id} is wrong and does not say why", "write why: below it", option.id)

    def _named(self, item: Item, found: Found, worlds: Worlds) -> Iterator[Problem]:
        for wrong in item.wrong:
            answer = self.wrong_answer(item, wrong, worlds)
            if answer is None:
                yield Problem("MF116", f"the wrong answer {wrong.name} is not in this world", "ask for one that is", "")
            elif self.right(item, found, answer, worlds):
                yield Problem("MF114", f"the wrong answer {wrong.name} is right here", "name another one", wrong.name)
            elif self.verdict(item, found, answer, worlds).why != wrong.why:
                message = f"the wrong answer {wrong.name} is answered with the words of another"
                yield Problem("MF116", message, "let no two name the same answer", wrong.name)

    def wrong_answer(self, item: Item, wrong: Wrong, worlds: Worlds) -> Answer | None:
        """A wrong answer that is known, as an answer; None where the world has none."""
        if wrong.equals:
            return wrong.equals
        query = wrong.query if wrong.query is not None else f"{wrong.on} | first n"
        return worlds.ask(item.scenario, query).values or None

    # asking and answering

    def question(self, item: Item, worlds: Worlds, seed: int) -> Question:
        """The question as it is shown."""
        return Question(
            id=item.id, type=item.type, ask=item.ask, how=self.how(item), choices=self.choices(item, seed),
            unit=item.unit,
        )  # fmt: skip

    def how(self, item: Item) -> str:
        """How to answer, in one sentence."""
        return _("Type the answer.")

    def choices(self, item: Item, seed: int) -> tuple[Choice, ...]:
        """The options in the order of the seed."""
        return letters(shuffled(item.options, seed, item.id))

    def read(self, item: Item, text: str, seed: int, worlds: Worlds) -> Answer:
        """What was typed, as an answer. Raises AnswerError, which costs no try."""
        if not text.strip():
            raise AnswerError(_("Nothing was typed. {how}").format(how=self.how(item)))
        return (text.strip(),)

    def right(self, item: Item, found: Found, answer: Answer, worlds: Worlds) -> bool:
        """Whether an answer is right."""
        return len(answer) == len(found.values) and all(map(same, answer, found.values))

    def verdict(self, item: Item, found: Found, answer: Answer, worlds: Worlds) -> Verdict:
        """Why an answer is wrong: its own words where it is known, else what can be said of any."""
        for wrong in item.wrong:
            if self._is(item, wrong, answer, worlds):
                return Verdict(wrong.why, wrong.myth)
        for option in item.options:
            if answer == (option.id,):
                return Verdict(option.why, option.myth)
        return Verdict(self.general(item, found, answer))

    def _is(self, item: Item, wrong: Wrong, answer: Answer, worlds: Worlds) -> bool:
        if wrong.equals:
            return len(answer) == len(wrong.equals) and all(map(same, answer, wrong.equals))
        if wrong.on is not None:
            return answer[0] in worlds.ask(item.scenario, f"{wrong.on} | list n").values
        return wrong.query is not None and answer == worlds.ask(item.scenario, wrong.query).values

    def general(self, item: Item, found: Found, answer: Answer) -> str:
        """What can be said about any wrong answer without giving the key away."""
        return ""

    def words(self, item: Item, answer: Answer) -> str:
        """An answer in words for people."""
        return ", ".join(item.text_of(one) for one in answer)

    def solution(self, item: Item, found: Found) -> Answer:
        """The right answer."""
        return found.values


# What several types need


def same(left: str, right: str) -> bool:
    """Whether two values are equal, as numbers when both are."""
    return compare("equals", left, right)


def shuffled(things: Sequence[T], seed: int, name: str) -> tuple[T, ...]:
    """The things in the order that the seed gives."""
    chance, left = stream(seed, f"quiz/{name}"), list(things)
    return tuple(left.pop(chance.randrange(len(left))) for _one in range(len(things)))


def letters(things: Sequence[Option | Row]) -> tuple[Choice, ...]:
    """The things with the letters a, b, c to choose them by."""
    return tuple(Choice(LETTERS[place], one.id, one.text) for place, one in enumerate(things[: len(LETTERS)]))


def picked(text: str, choices: Sequence[Choice]) -> str:
    """The choice that a letter (in any case, on either layout) or the word itself means. Raises AnswerError."""
    word = text.strip().strip("().").casefold()
    for one in choices:
        if word in (one.label, one.id.casefold(), one.text.casefold(), _RUSSIAN.get(one.label)):
            return one.id
    known = ", ".join(one.label for one in choices)
    raise AnswerError(_("{word} is none of the answers; type one of {known}.").format(word=text.strip(), known=known))


def words_of(text: str) -> list[str]:
    """What was typed, cut at commas and spaces."""
    return [word for word in re.split(r"[\s,;]+", text.strip()) if word]


_RUSSIAN: Final[dict[str, str]] = dict(zip("abcdefghijklmnopqrstuvwxyz", "фисвуапршолдьтщзйкыегмцчня", strict=True))
"""The letter on the same key of the Russian layout."""


def fields_of(shape: Any, name: str, otherwise: Any) -> Any:
    """A value of a shape, or another where the type has no such key."""
    found = getattr(shape, name, None)
    return otherwise if found is None else found
