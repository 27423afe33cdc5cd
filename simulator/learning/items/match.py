"""match: what belongs to what; each row has its own key, and several rows may share one answer."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from simulator.engine.kinds import Record
from simulator.learning.items.base import (
    Answer,
    AnswerError,
    Choice,
    Item,
    ItemType,
    Problem,
    Question,
    Row,
    picked,
    same,
    shuffled,
    words_of,
)
from simulator.learning.items.order import Rows
from simulator.learning.shapes import AnswerFrom, ItemShape, OptionShape
from simulator.learning.worlds import Found, Worlds
from simulator.scenario.fields import custom
from simulator.text import _

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MATCH", "PLACEHOLDER", "MatchShape"]

PLACEHOLDER = "{row}"
"""Stands in a query for the row it is asked about."""


def _option(value: Any) -> Any:
    return {"is": value} if isinstance(value, str) else value


def _pair(value: Any) -> Any:
    if isinstance(value, list) and len(value) > 2:
        raise custom("MF104", "a pair has two parts, and a text may have ended at its comma", 'put it in "quotes"')
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(one, str) for one in value):
        raise custom("MF022", "a pair is two texts", "write [25, server to server]")
    return value


_OPTION = {"anyOf": [{"type": "string"}, {"type": "object", "required": ["is"]}]}


class MatchShape(ItemShape):
    """Either `pairs` with `answer: pairs` (plain facts), or `rows`, `options` and a query that holds `{row}`."""

    pairs: list[Annotated[list[str], BeforeValidator(_pair)]] | None = None
    answer: Literal["pairs"] | None = None
    rows: Annotated[Rows, Field(min_length=2)] | None = None
    options: list[Annotated[OptionShape, BeforeValidator(_option), WithJsonSchema(_OPTION)]] | None = None
    answer_from: AnswerFrom | None = None


class _Match(ItemType):
    name: ClassVar = "match"
    shape: ClassVar = MatchShape
    many: ClassVar = True

    def found(self, item: Item, worlds: Worlds) -> Found:
        if item.written:
            return Found(item.written, True, (), "")
        values: list[str] = []
        records: list[Record] = []
        queries: list[str] = []
        for row in item.rows:
            query = _query(item, row)
            found = worlds.ask(item.scenario, query)
            values.append("" if found.many or len(found.values) != 1 else f"{row.id}={found.values[0]}")
            records += found.records[:1]
            queries.append(found.query)
        shown = item.key if isinstance(item.key, str) else "; ".join(queries)
        return Found(tuple(values), True, tuple(records), shown)

    def problems(self, item: Item, found: Found, worlds: Worlds) -> Iterator[Problem]:
        known = [option.id for option in item.options]
        for row, value in zip(item.rows, found.values, strict=True):
            if not value:
                message = f"the world gives {row.id} no single value"
                yield Problem("MF115", message, "use | first, with {row} for the row", row.id)
            elif not any(same(value.partition("=")[2], option) for option in known):
                message = f"the world answers {value.partition('=')[2]} for {row.id}, which is none of the options"
                yield Problem("MF113", message, f"options are {', '.join(known)}", "answer-from")

    def how(self, item: Item) -> str:
        return _("Type number and letter for each row, such as 1b 2a 3c.")

    def question(self, item: Item, worlds: Worlds, seed: int) -> Question:
        return Question(
            id=item.id, type=item.type, ask=item.ask, how=self.how(item), choices=self.choices(item, seed),
            rows=self.rows(item, seed),
        )  # fmt: skip

    def rows(self, item: Item, seed: int) -> tuple[Choice, ...]:
        """The left column with its numbers, in the order of the seed."""
        rows = shuffled(item.rows, seed, f"{item.id}/rows")
        return tuple(Choice(str(place), row.id, row.text) for place, row in enumerate(rows, 1))

    def read(self, item: Item, text: str, seed: int, worlds: Worlds) -> Answer:
        rows, choices = self.rows(item, seed), self.choices(item, seed)
        chosen: dict[str, str] = {}
        for word in words_of(text.replace("-", " ").replace("=", " ") if " " not in text.strip() else text):
            number = "".join(letter for letter in word if letter.isdigit())
            rest = word.removeprefix(number).strip("-=.):")
            chosen[picked(number, rows)] = picked(rest, choices)
        missing = [row.label for row in rows if row.id not in chosen]
        if missing:
            raise AnswerError(_("These rows have no letter: {rows}.").format(rows=", ".join(missing)))
        return tuple(f"{row.id}={chosen[row.id]}" for row in item.rows)

    def right(self, item: Item, found: Found, answer: Answer, worlds: Worlds) -> bool:
        return len(answer) == len(found.values) and all(map(_same_pair, answer, found.values))

    def general(self, item: Item, found: Found, answer: Answer) -> str:
        good = sum(map(_same_pair, answer, found.values))
        return _("{n} of {all} pairs are right.").format(n=good, all=len(found.values))

    def words(self, item: Item, answer: Answer) -> str:
        pairs = (pair.partition("=") for pair in answer)
        return "; ".join(f"{item.text_of(left)} - {item.text_of(right)}" for left, _sign, right in pairs)


def _query(item: Item, row: Row) -> Any:
    own = row.key if row.key is not None else item.key
    if isinstance(own, tuple):
        return tuple(one.replace(PLACEHOLDER, row.id) for one in own)
    return str(own or "").replace(PLACEHOLDER, row.id)


def _same_pair(left: str, right: str) -> bool:
    (a, _sign, b), (c, _other, d) = left.partition("="), right.partition("=")
    return a == c and same(b, d)


MATCH = _Match()
