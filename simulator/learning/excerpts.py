"""What the fences of a lesson show: lines of the trace, a door into the world, a question, words of the glossary.

Each is worked out from the run, and what finds nothing is an error with its line, so no page can be empty or false.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from simulator.engine.kinds import Record
from simulator.engine.query import parse
from simulator.engine.trace import KIND, N, T
from simulator.errors import MailflowError, QueryError, UsageError
from simulator.learning.pages import Fence
from simulator.learning.worlds import Worlds
from simulator.records.describe import describe_parts
from simulator.safe import safe_text
from simulator.scenario.finding import Link, parse_link
from simulator.scenario.words import quoted, suggest
from simulator.text.glossary import Term
from simulator.text.glossary import find as find_term

__all__ = ["Excerpt", "ExcerptError", "Lines", "Prediction", "Step", "TraceLine", "Words", "excerpt"]

_LIMIT: Final = 6


class ExcerptError(MailflowError):
    """A fence that shows nothing; `line` counts within the fence from 0, `column` from 1."""

    def __init__(self, message: str, hint: str, *, line: int = 1, column: int = 1, width: int = 1) -> None:
        super().__init__(message)
        self.hint = hint
        self.line = line
        self.column = column
        self.width = width


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceLine:
    """One event: number, time in µs, who spoke to whom, what, a mark ("!" refused, "x" lost, ""), its deep link."""

    n: int
    t: int
    sender: str
    receiver: str
    text: str
    mark: str
    link: str

    def __str__(self) -> str:
        who = f"{self.sender} > {self.receiver}" if self.receiver and self.receiver != self.sender else self.sender
        return f"e{self.n:<4} {who:<24} {self.mark}{self.text}".rstrip()


@dataclass(frozen=True, slots=True)
class Lines:
    """trace: events, or the `value` of a query with an aggregate; `more` events were left out."""

    lines: tuple[TraceLine, ...]
    value: str
    more: int


@dataclass(frozen=True, slots=True)
class Step:
    """step: where Enter opens the world: scenario, record, its deep link, and a caption ("" if none is written)."""

    scenario: str
    line: TraceLine
    link: str
    caption: str


@dataclass(frozen=True, slots=True)
class Prediction:
    """predict: the item that is to be answered before going on."""

    item: str
    ask: str


@dataclass(frozen=True, slots=True)
class Words:
    """words: terms of the glossary."""

    terms: tuple[Term, ...]


Excerpt: TypeAlias = Lines | Step | Prediction | Words


def excerpt(fence: Fence, worlds: Worlds, scenario: str, asks: dict[str, str]) -> Excerpt:
    """What a fence shows; `asks` are the questions of the quiz by id. Raises ExcerptError, and errors of the world.

    trace    a query a line; options `limit=N` and `in=SCENARIO`
    step     a link such as `first-letter#deliver/1`, then a caption
    predict  the id of an item
    words    words of the glossary, by commas or lines
    """
    return _MAKERS[fence.word](fence, worlds, scenario, asks)


def _trace(fence: Fence, worlds: Worlds, scenario: str, asks: dict[str, str]) -> Excerpt:
    scenario, limit = _options(fence, scenario)
    records = worlds.run(scenario).records
    found: dict[int, Record] = {}
    values: list[str] = []
    for number, line in enumerate(fence.body, 1):
        if not line.strip():
            continue
        try:
            query = parse(line)
        except QueryError as error:
            message, _sep, hint = str(error).partition("; ")
            width = len(line[max(0, error.column - 1) :].split(" ")[0])
            raise ExcerptError(message, hint, line=number, column=error.column, width=width) from None
        answer = query.ask(records)
        if query.aggregate is not None:
            values.append(safe_text(answer.text))
        if not answer.records and query.aggregate not in ("count", "exists"):
            message = "this query finds nothing in the run of the lesson's scenario"
            raise ExcerptError(message, f"mailflow ask {scenario} tries it", line=number, width=len(line))
        found |= {} if query.aggregate is not None else {record[N]: record for record in answer.records}
    order = [found[n] for n in sorted(found)]
    lines = tuple(_line(worlds, scenario, record) for record in order[:limit])
    return Lines(lines, ", ".join(values), max(0, len(order) - limit))


def _options(fence: Fence, scenario: str) -> tuple[str, int]:
    limit = _LIMIT
    for option in fence.options:
        key, _sign, value = option.partition("=")
        if key == "limit" and value.isdigit() and int(value):
            limit = int(value)
        elif key == "in" and value:
            scenario = value
        else:
            raise ExcerptError(f"{quoted(option)} is no option of trace", "write limit=3 or in=SCENARIO", line=0)
    return scenario, limit


def _line(worlds: Worlds, scenario: str, record: Record) -> TraceLine:
    parts = describe_parts(record)
    return TraceLine(
        n=record[N], t=record[T], sender=parts.sender or "", receiver=parts.receiver or "", text=parts.label,
        mark=parts.mark, link=worlds.link(scenario, record),
    )  # fmt: skip


def _step(fence: Fence, worlds: Worlds, scenario: str, asks: dict[str, str]) -> Excerpt:
    written, _space, caption = fence.body[0].strip().partition(" ")
    more = " ".join(line.strip() for line in fence.body[1:])
    link = _link(written, scenario)
    kinds = {record[KIND].name for record in worlds.run(link.scenario).records}
    if link.kind is not None and link.kind not in kinds:
        column = written.index("#") + 2
        hint = suggest(link.kind, sorted(kinds), otherwise="mailflow trace lists what happens")
        raise ExcerptError(f"nothing of kind {quoted(link.kind)} happens", hint, column=column, width=len(link.kind))
    try:
        record = worlds.record_at(link.scenario, link)
    except UsageError as error:
        message, _sep, hint = str(error).partition("; ")
        raise ExcerptError(message, hint, width=len(written)) from None
    return Step(link.scenario, _line(worlds, link.scenario, record), written, f"{caption} {more}".strip())


def _link(written: str, scenario: str) -> Link:
    try:
        return parse_link(f"{scenario}{written}" if written.startswith("#") else written)
    except UsageError as error:
        message, _sep, hint = str(error).partition("; ")
        raise ExcerptError(message, hint, width=max(1, len(written))) from None


def _predict(fence: Fence, worlds: Worlds, scenario: str, asks: dict[str, str]) -> Excerpt:
    name = fence.body[0].strip()
    if name not in asks:
        hint = suggest(name, asks, otherwise="it has no item that can be read")
        raise ExcerptError(f"the quiz has no item {quoted(name)}", hint, width=max(1, len(name)))
    return Prediction(name, asks[name])


def _words(fence: Fence, worlds: Worlds, scenario: str, asks: dict[str, str]) -> Excerpt:
    terms = []
    for number, line in enumerate(fence.body, 1):
        for word in filter(str.strip, line.split(",")):
            try:
                terms.append(find_term(word))
            except MailflowError as error:
                message, _sep, hint = str(error).partition("; ")
                column = line.index(word) + len(word) - len(word.lstrip()) + 1
                where = {"line": number, "column": column, "width": len(word.strip())}
                raise ExcerptError(message, hint, **where) from None
    return Words(tuple(terms))


_MAKERS: Final[dict[str, Callable[[Fence, Worlds, str, dict[str, str]], Excerpt]]] = {
    "trace": _trace,
    "step": _step,
    "predict": _predict,
    "words": _words,
}
