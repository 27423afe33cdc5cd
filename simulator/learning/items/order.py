"""order: put the rows into the order in which things happened; the key is a list."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from simulator.learning.items.base import (
    Answer,
    AnswerError,
    Choice,
    Item,
    ItemType,
    Problem,
    letters,
    picked,
    same,
    shuffled,
    words_of,
)
from simulator.learning.shapes import AnswerFrom, ItemShape, RowShape, WrongShape
from simulator.learning.worlds import Found, Worlds
from simulator.text import _

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ORDER_ITEM", "OrderShape", "Rows"]


def _row(value: Any) -> Any:
    return {"is": value} if isinstance(value, str) else value


_ROW = {"anyOf": [{"type": "string"}, {"type": "object", "required": ["is"]}]}
Rows = list[Annotated[RowShape, BeforeValidator(_row), WithJsonSchema(_ROW)]]


class OrderShape(ItemShape):
    """Rows to put in order; `answer: rows` says that they stand in the right order in the file."""

    rows: Annotated[Rows, Field(min_length=2)]
    answer_from: AnswerFrom | None = None
    answer: Literal["rows"] | None = None
    wrong: tuple[WrongShape, ...] = ()


class _Order(ItemType):
    name: ClassVar = "order"
    shape: ClassVar = OrderShape
    many: ClassVar = True

    def how(self, item: Item) -> str:
        return _("Type the letters in the right order, such as b a c.")

    def choices(self, item: Item, seed: int) -> tuple[Choice, ...]:
        rows = shuffled(item.rows, seed, item.id)
        return letters(rows if rows != item.rows else (*rows[1:], rows[0]))

    def read(self, item: Item, text: str, seed: int, worlds: Worlds) -> Answer:
        choices = self.choices(item, seed)
        words = words_of(text)
        if len(words) == 1 and len(text.strip()) == len(choices):
            words = list(text.strip())
        answer = tuple(picked(word, choices) for word in words)
        if sorted(answer) != sorted(one.id for one in choices):
            raise AnswerError(_("Each of the {n} letters belongs in the order once.").format(n=len(choices)))
        return answer

    def problems(self, item: Item, found: Found, worlds: Worlds) -> Iterator[Problem]:
        if found.many and sorted(found.values) != sorted(row.id for row in item.rows):
            rows = ", ".join(row.id for row in item.rows)
            message = f"the world answers {found.text}, and the rows are others"
            yield Problem("MF113", message, f"rows are {rows}", "answer-from")
            return
        yield from super().problems(item, found, worlds)

    def general(self, item: Item, found: Found, answer: Answer) -> str:
        pairs = enumerate(zip(answer, found.values, strict=False), 1)
        place = next((place for place, (left, right) in pairs if not same(left, right)), 1)
        return _("The first difference is at place {n}.").format(n=place)


ORDER_ITEM = _Order()
