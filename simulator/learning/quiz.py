"""Reads a quiz: every item by the shape of its type, in the language that is asked for, all mistakes at once.

Whether keys fit the world is asked in `checks`, since only a run knows; here a file is judged that has not run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from simulator.errors import QueryError
from simulator.learning.items import TYPES, Item, Option, Row, Wrong
from simulator.learning.items.base import fields_of
from simulator.learning.myths import myths
from simulator.learning.overlay import QUIZ_TEXTS, overlaid
from simulator.learning.reading import read_file, read_part
from simulator.learning.shapes import HintShape, ItemShape, OptionShape, QuizShape, RowShape, RubricShape, WrongShape
from simulator.scenario.labmodel import Hint
from simulator.scenario.queries import check_query
from simulator.scenario.report import Report
from simulator.scenario.tree import Mapping, Node, Scalar, Sequence, find
from simulator.scenario.words import quoted, suggest

__all__ = ["REGISTER", "Quiz", "load_quiz", "query_nodes"]

_BELOW: Final[dict[str, type[BaseModel]]] = {
    "options": OptionShape, "rows": RowShape, "wrong": WrongShape, "hints": HintShape, "rubric": RubricShape,
}  # fmt: skip
_QUERIES: Final = ("answer-from", "show", "stop-before", "lines", "transcript")
REGISTER: Final = "the register is simulator/learning/data/myths.yaml"
_WRONG_KEYS: Final = ("equals", "from", "on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiz:
    """The questions of a lesson; `pass_percent` of the points are needed. `tree` is what it was read from."""

    lesson: str
    scenario: str
    pass_percent: int
    items: tuple[Item, ...]
    language: str
    shown_language: str
    path: Path
    tree: Mapping = field(compare=False, repr=False)

    def item(self, item_id: str) -> Item:
        """The item of that id. Raises KeyError."""
        for item in self.items:
            if item.id == item_id:
                return item
        raise KeyError(item_id)


def load_quiz(path: Path, shown: str, report: Report, *, lang: str | None = None) -> Quiz | None:
    """The quiz of a file, its texts in a language; mistakes go into the report, wrong items are left out.

    Raises ScenarioError for a file that is no YAML.
    """
    tree = read_file(path, shown, report)
    own = tree.values.get("language")
    language = own.text if isinstance(own, Scalar) else "en"
    beside = path.with_name(f"quiz.{lang}.yaml")
    translated = lang is not None and lang != language and beside.is_file()
    if translated:
        overlay = read_file(beside, shown[: -len(path.name)] + beside.name, report)
        tree = overlaid(tree, overlay, QUIZ_TEXTS, report)
    shape = read_part(QuizShape, tree, report, shape_at=lambda below: ItemShape if len(below) > 1 else QuizShape)
    if shape is None:
        return None
    nodes = find(tree, ("items",))
    assert isinstance(nodes, Sequence)
    items = [made for node in nodes.items if (made := _item(node, shape.scenario, report)) is not None]
    _different(nodes.items, "items", report)
    return Quiz(
        lesson=shape.lesson, scenario=shape.scenario, pass_percent=_percent(tree, shape.pass_, report),
        items=tuple(items), language=language, shown_language=(lang or language) if translated else language,
        path=path, tree=tree,
    )  # fmt: skip


def _percent(tree: Mapping, text: str, report: Report) -> int:
    digits = text.removesuffix("%")
    if text.endswith("%") and digits.isdigit() and int(digits) <= 100:
        return int(digits)
    report.at("MF025", tree.values["pass"], f"{quoted(text)} is no part of a whole", "write a percentage such as 70%")
    return 70


def _item(node: Node, scenario: str, report: Report) -> Item | None:
    if not isinstance(node, Mapping):
        report.at("MF022", node, "an item is a group of keys", "write id:, type: and ask: below it")
        return None
    kind = _type(node, report)
    if kind is None:
        return None
    before = len(report)
    shape = read_part(kind.shape, node, report, shape_at=lambda below: _shape_at(below, kind.shape))
    if shape is None:
        return None
    _check(node, shape, report)
    return _made(node, shape, scenario) if len(report) == before else None


def _shape_at(path: tuple[str | int, ...], whole: type[BaseModel]) -> type[BaseModel]:
    return _BELOW.get(str(path[0]), whole) if len(path) > 1 else whole


def _type(node: Mapping, report: Report) -> Any:
    written = node.values.get("type")
    if not isinstance(written, Scalar):
        report.at("MF021", node, "type: is missing", f"write type: and one of {', '.join(TYPES)}")
    elif written.text not in TYPES:
        report.at("MF024", written, f"{quoted(written.text)} is no type of item", suggest(written.text, TYPES))
    else:
        return TYPES[written.text]
    return None


# Checks that need no run


def _check(node: Mapping, shape: ItemShape, report: Report) -> None:
    _one_key(node, shape, report)
    for query in query_nodes(node):
        _check_query(query, report)
    for name in ("options", "wrong"):
        for entry in _entries(node, name):
            _check_myth(entry, report)
            _check_wrong(entry, name, report)
    for name in ("options", "rows", "hints", "rubric"):
        entries = node.values.get(name)
        _different(entries.items if isinstance(entries, Sequence) else (), name, report)


def _one_key(node: Mapping, shape: ItemShape, report: Report) -> None:
    own = any(row.answer_from is not None for row in fields_of(shape, "rows", []))
    keys = [key for key in ("answer-from", "answer") if key in node.values]
    if shape.type == "explain" or len(keys) == 1 or (own and not keys):
        if shape.type == "match":
            _one_form(node, shape, report)
        return
    message = f"{shape.id} has no key" if not keys else f"{shape.id} has two keys"
    hint = "write answer-from: and a query; a plain fact (a port number) may be written as answer:"
    report.at("MF111", node if not keys else node.keys["answer"], message, hint)


def _one_form(node: Mapping, shape: ItemShape, report: Report) -> None:
    plain_form = {"pairs", "answer"} <= set(node.values)
    asked_form = {"rows", "options"} <= set(node.values)
    if plain_form == asked_form:
        hint = "write pairs: with answer: pairs, or rows: and options: with answer-from:"
        report.at("MF112", node, f"{shape.id} is neither pairs nor rows with options", hint)


def query_nodes(node: Mapping) -> Iterator[Scalar]:
    """Every query of an item, where it stands."""
    for key in _QUERIES:
        yield from _queries(node.values.get(key))
    accept = node.values.get("accept")
    if _word(node, "type") == "locate" and isinstance(accept, Sequence):
        yield from (item for item in accept.items if isinstance(item, Scalar))
    for name, keys in (("wrong", ("from", "on")), ("rows", ("answer-from",))):
        for entry in _entries(node, name):
            for key in keys:
                yield from _queries(entry.values.get(key))


def _entries(node: Mapping, name: str) -> tuple[Mapping, ...]:
    found = node.values.get(name)
    items = found.items if isinstance(found, Sequence) else ()
    return tuple(item for item in items if isinstance(item, Mapping))


def _queries(node: Node | None) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
    pair = node.values.get("before") if isinstance(node, Mapping) else None
    if isinstance(pair, Sequence):
        yield from (item for item in pair.items if isinstance(item, Scalar))


def _word(node: Mapping, key: str) -> str:
    found = node.values.get(key)
    return found.text if isinstance(found, Scalar) else ""


def _check_query(query: Scalar, report: Report) -> None:
    try:
        check_query(query.text)
    except QueryError as error:
        message, _sep, hint = str(error).partition("; ")
        offset = max(0, error.column - 1)
        width = len(query.text[offset:].split(" ")[0]) if error.column else 0
        hint = hint or "write KIND field=value | first field"
        report.within("MF050", query, message, hint, offset=offset, width=width)


def _check_myth(entry: Mapping, report: Report) -> None:
    myth = entry.values.get("myth")
    if isinstance(myth, Scalar) and myth.text not in myths():
        message = f"no misconception is called {quoted(myth.text)}"
        report.at("MF106", myth, message, suggest(myth.text, myths(), otherwise=REGISTER))


def _check_wrong(entry: Mapping, name: str, report: Report) -> None:
    if name == "wrong" and sum(key in entry.values for key in _WRONG_KEYS) != 1:
        report.at("MF112", entry, "a wrong answer is named once", "write one of equals:, from: and on:")


def _different(nodes: Iterable[Node], where: str, report: Report) -> None:
    seen: dict[str, int] = {}
    for node in nodes:
        name: Node | None = node
        if isinstance(node, Mapping):
            name = node.values.get("id") or node.values.get("is")
        if isinstance(name, Scalar):
            if name.text in seen:
                hint = f"it stands in line {seen[name.text]} already"
                report.at("MF037", name, f"{where}: has {quoted(name.text)} twice", hint)
            seen.setdefault(name.text, name.place.line)


# Making items


def _made(node: Mapping, shape: ItemShape, scenario: str) -> Item:
    rows, options = _rows(shape), _options(shape)
    return Item(
        id=shape.id, type=shape.type, ask=shape.ask.strip(), skill=shape.skill, scenario=shape.scenario or scenario,
        key=fields_of(shape, "answer_from", None), written=_written(shape), show=shape.show,
        because=shape.because.strip(), hints=tuple(Hint(id=one.id, text=one.text.strip()) for one in shape.hints),
        options=options, rows=rows, wrong=tuple(_wrong(one) for one in fields_of(shape, "wrong", [])),
        rubric=tuple(Hint(id=one.id, text=one.text.strip()) for one in fields_of(shape, "rubric", [])),
        accept=tuple(fields_of(shape, "accept", ())), tolerance=fields_of(shape, "tolerance", 0),
        unit=fields_of(shape, "unit", ""), stop_before=fields_of(shape, "stop_before", None),
        lines=fields_of(shape, "lines", None), transcript=fields_of(shape, "transcript", None),
        host=fields_of(shape, "host", ""), command=fields_of(shape, "command", ""),
        server=fields_of(shape, "server", ""), port=fields_of(shape, "port", 25), at_us=fields_of(shape, "at", 0),
        model=fields_of(shape, "model", "").strip(), node=node,
    )  # fmt: skip


def _rows(shape: ItemShape) -> tuple[Row, ...]:
    pairs = fields_of(shape, "pairs", [])
    if pairs:
        return tuple(Row(id=left, text=left) for left, _right in pairs)
    return tuple(Row(id=one.is_, text=one.text or one.is_, key=one.answer_from) for one in fields_of(shape, "rows", []))


def _options(shape: ItemShape) -> tuple[Option, ...]:
    pairs = fields_of(shape, "pairs", [])
    if pairs:
        return tuple(Option(id=right, text=right) for right in dict.fromkeys(right for _left, right in pairs))
    return tuple(
        Option(id=one.is_, text=one.text.strip() or one.is_, why=one.why.strip(), myth=one.myth)
        for one in fields_of(shape, "options", [])
    )


def _written(shape: ItemShape) -> tuple[str, ...]:
    answer = fields_of(shape, "answer", None)
    if answer == "pairs":
        return tuple(f"{left}={right}" for left, right in fields_of(shape, "pairs", []))
    if answer == "rows":
        return tuple(row.is_ for row in fields_of(shape, "rows", []))
    if isinstance(answer, list):
        return tuple(answer)
    return () if answer is None else (answer,)


def _wrong(shape: WrongShape) -> Wrong:
    equals = shape.equals
    values = tuple(equals) if isinstance(equals, list) else () if equals is None else (equals,)
    return Wrong(why=shape.why.strip(), myth=shape.myth, equals=values, query=shape.from_, on=shape.on)
