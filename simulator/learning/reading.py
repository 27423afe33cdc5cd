"""Reads a part of a YAML tree by a shape, and reports every mistake at its own characters.

Lessons and quizzes are checked with the same care as scenarios, and by the same rules where a mistake is the same;
each item of a quiz is read alone, so that one wrong item does not hide the next.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from simulator.scenario.report import Report
from simulator.scenario.tree import Mapping, Node, Scalar, Sequence, find, key_place, nearest_node, plain
from simulator.scenario.words import quoted, suggest
from simulator.scenario.yamlload import load_tree, read_source

__all__ = ["comma_trap", "read_file", "read_part"]

M = TypeVar("M", bound=BaseModel)
_WHAT = {Mapping: "a group of keys", Sequence: "a list", Scalar: "one text"}


def read_file(path: Path, shown: str, report: Report) -> Mapping:
    """The tree of a file. Raises ScenarioError when it is no YAML or hostile."""
    source, text = read_source(path, shown, report)
    return load_tree(source, text, report)


def read_part(
    shape: type[M], node: Mapping, report: Report, *, shape_at: Callable[[tuple[str | int, ...]], type[BaseModel]]
) -> M | None:
    """The values of a part, or None when something in it is wrong; `shape_at` gives the shape below a path."""
    try:
        return shape.model_validate(plain(node))
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            _report(node, detail, report, shape_at)
    return None


def _report(
    tree: Mapping,
    detail: ErrorDetails,
    report: Report,
    shape_at: Callable[[tuple[str | int, ...]], type[BaseModel]],
) -> None:
    path, kind = _path(tree, detail["loc"]), str(detail["type"])
    context: dict[str, Any] = detail.get("ctx") or {}
    node = nearest_node(tree, path)
    if kind == "missing":
        report.at("MF021", nearest_node(tree, path[:-1]), f"{path[-1]}: is missing", f"write {path[-1]}: and its value")
    elif kind == "extra_forbidden":
        _unknown(tree, path, report, shape_at(path[:-1]))
    elif kind.startswith("MF"):
        if isinstance(node, Scalar) and node.empty and path:
            report.add(kind, key_place(tree, path), f"{path[-1]}: {context['text']}", context["hint"])
        else:
            offset, width = int(context["offset"]), int(context["width"])
            report.within(kind, node, context["text"], context["hint"], offset=offset, width=width)
    else:
        _wrong_kind(tree, path, kind, report)


def _path(tree: Node, loc: tuple[int | str, ...]) -> tuple[str | int, ...]:
    path: list[str | int] = []
    here: Node | None = tree
    for step in loc:
        if step == "[key]" or isinstance(here, Scalar):
            break
        path.append(step)
        here = find(here, (step,)) if here is not None else None
    return tuple(path)


def comma_trap(tree: Node, path: tuple[str | int, ...]) -> bool:
    """Whether a key is the rest of a text that ended at a comma: inside braces, and without a colon of its own."""
    above, key = find(tree, path[:-1]), str(path[-1])
    if not isinstance(above, Mapping) or key not in above.keys:
        return False
    written, value = above.keys[key], above.values[key]
    line = written.place.source.line(written.place.line)
    after = line[written.place.column - 1 + len(key) + 2 * len(written.style) :].lstrip()
    return isinstance(value, Scalar) and value.empty and not after.startswith(":")


def _unknown(tree: Mapping, path: tuple[str | int, ...], report: Report, shape: type[BaseModel]) -> None:
    key = str(path[-1])
    place = key_place(tree, path)
    if comma_trap(tree, path):
        hint = "put the whole text in quotes, or each key in a line of its own"
        report.add("MF104", place, f"a text ended at the comma before {quoted(key)}", hint, len(key))
        return
    known = [field.alias or name for name, field in shape.model_fields.items()]
    report.add("MF020", place, f"{quoted(key)} is no key here", suggest(key, known), len(key))


def _wrong_kind(tree: Mapping, path: tuple[str | int, ...], kind: str, report: Report) -> None:
    node = nearest_node(tree, path)
    key = next((str(step) for step in reversed(path) if isinstance(step, str)), "the file")
    what = "nothing" if isinstance(node, Scalar) and node.empty else _WHAT[type(node)]
    if kind == "list_type":
        wanted, hint = "a list", "write [one, two], or each item in its own line after a hyphen"
    elif kind in ("too_short", "too_long"):
        wanted, hint = "more of them" if kind == "too_short" else "fewer of them", "add what is missing, or remove some"
        what = "too few" if kind == "too_short" else "too many"
    else:
        wanted, hint = "a group of keys", "write each key in its own line below, two spaces further in"
    if isinstance(node, Scalar) and node.empty and path:
        report.add("MF022", key_place(tree, path), f"{key}: wants {wanted}, and here is {what}", hint, len(key))
    else:
        report.at("MF022", node, f"{key}: wants {wanted}, and here is {what}", hint)
