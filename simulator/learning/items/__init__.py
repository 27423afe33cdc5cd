"""The types of items, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from simulator.learning.items.base import (
    Answer,
    AnswerError,
    Choice,
    Item,
    ItemType,
    Option,
    Problem,
    Question,
    Row,
    Verdict,
    Wrong,
)
from simulator.learning.items.choice import CHOICE
from simulator.learning.items.dig import DIG
from simulator.learning.items.explain import EXPLAIN
from simulator.learning.items.fill import FILL
from simulator.learning.items.locate import LOCATE
from simulator.learning.items.match import MATCH
from simulator.learning.items.multi import MULTI
from simulator.learning.items.number import NUMBER
from simulator.learning.items.order import ORDER_ITEM
from simulator.learning.items.predict import PREDICT
from simulator.learning.items.serve import SERVE
from simulator.learning.items.speak import TYPE
from simulator.learning.items.text import TEXT

__all__ = [
    "TYPES", "Answer", "AnswerError", "Choice", "Item", "ItemType", "Option", "Problem", "Question",
    "Row", "Verdict", "Wrong",
]  # fmt: skip

TYPES: Final[Mapping[str, ItemType]] = {
    one.name: one
    for one in (
        CHOICE,
        MULTI,
        NUMBER,
        TEXT,
        ORDER_ITEM,
        MATCH,
        FILL,
        PREDICT,
        LOCATE,
        DIG,
        TYPE,
        SERVE,
        EXPLAIN,
    )
}
