"""Evaluates what the author of a scenario promises, against the answers of a run.

The same five ways of comparing serve expectations, quizzes and goals of labs, so they live in one module. Values
compare as numbers when both are, as the query language does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from simulator.scenario.model import Expect

Ask = Callable[[str], Any]
"""Answers a query: a number, a text, yes or no, None for nothing, or a list or tuple of these."""

_NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_WORDS: Final = {
    "equals": "",
    "at-least": "at least ",
    "at-most": "at most ",
    "contains": "contains ",
    "before": "before ",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one promise; `wanted` and `got` are words for people."""

    id: str
    holds: bool
    wanted: str
    got: str
    why: str
    origin: str


def evaluate(expect: Iterable[Expect], ask: Ask) -> list[Outcome]:
    """Ask each promise of a run, in the order of the file."""
    return [_evaluate(entry, ask) for entry in expect]


def _evaluate(entry: Expect, ask: Ask) -> Outcome:
    if entry.op == "before":
        return _before(entry, ask)
    got = ask(entry.that)
    wanted = f"{_WORDS[entry.op]}{shown(entry.value)}"
    return Outcome(entry.id, compare(entry.op, got, entry.value), wanted, shown(got), entry.why, entry.origin)


def _before(entry: Expect, ask: Ask) -> Outcome:
    """Whether the first record of one query comes before the first of another; both have to be there."""
    other = entry.value if isinstance(entry.value, str) else " ".join(entry.value)
    first, second = (ask(query if _has_aggregate(query) else f"{query} | first n") for query in (entry.that, other))
    both = first is not None and second is not None
    holds = both and _order(_text(first), _text(second)) < 0
    return Outcome(entry.id, holds, f"before {other}", f"{shown(first)} and {shown(second)}", entry.why, entry.origin)


def _has_aggregate(query: str) -> bool:
    return "|" in re.sub(r'"[^"]*"', "", query)


def compare(op: str, got: Any, wanted: str | tuple[str, ...]) -> bool:
    """Whether an answer is as wanted; `op` is one of "equals", "at-least", "at-most", "contains"."""
    if op == "contains":
        return _contains(got, wanted)
    if op == "equals":
        return _equals(got, wanted)
    text = wanted if isinstance(wanted, str) else " ".join(wanted)
    if got is None or isinstance(got, (list, tuple)):
        return False
    order = _order(_text(got), text)
    return order >= 0 if op == "at-least" else order <= 0


def _equals(got: Any, wanted: str | tuple[str, ...]) -> bool:
    if isinstance(wanted, tuple):
        values = list(got) if isinstance(got, (list, tuple)) else [got]
        return len(values) == len(wanted) and all(_same(_text(a), b) for a, b in zip(values, wanted, strict=True))
    if isinstance(got, (list, tuple)):
        return len(got) == 1 and _same(_text(got[0]), wanted)
    if isinstance(got, bool):
        return wanted.lower() in (("yes", "true") if got else ("no", "false"))
    return got is not None and _same(_text(got), wanted)


def _contains(got: Any, wanted: str | tuple[str, ...]) -> bool:
    needles = (wanted,) if isinstance(wanted, str) else wanted
    if isinstance(got, (list, tuple)):
        texts = [_text(value) for value in got]
        return all(any(_same(text, needle) for text in texts) for needle in needles)
    return got is not None and all(needle.casefold() in _text(got).casefold() for needle in needles)


def _same(left: str, right: str) -> bool:
    return _order(left, right) == 0


def _order(left: str, right: str) -> int:
    if _NUMBER.fullmatch(left) and _NUMBER.fullmatch(right):
        a, b = float(left), float(right)
        return (a > b) - (a < b)
    return (left > right) - (left < right)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def shown(value: Any) -> str:
    """A value in words for people."""
    if value is None:
        return "nothing"
    if isinstance(value, (list, tuple)):
        return ", ".join(_text(item) for item in value) or "nothing"
    return _text(value)
