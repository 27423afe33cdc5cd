"""A YAML file as a tree in which every key and every value knows its line and column.

Positions live in the tree and not in the model, so that the model stays plain data while a mistake found at any
stage can still be shown in the author's own text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read: `shown` is its path as the user named it, `base` its name alone, `folder` where it lies."""

    shown: str
    base: str
    lines: tuple[str, ...] = field(repr=False, compare=False)
    folder: FilePath = FilePath()

    def line(self, number: int) -> str:
        """The text of line `number` (from 1), or "" where there is none."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a file; line and column count characters from 1."""

    source: Source
    line: int
    column: int

    @property
    def origin(self) -> str:
        """`FILE:LINE` with the file's name alone, so that traces are the same in every directory."""
        return f"{self.source.base}:{self.line}"


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value that is text; nothing is typed here, so `12:30` stays `12:30` and `off` stays `off`.

    `style` is "" (plain), "'", '"', "|" or ">". `exact` is true while the text is as written, so that an offset in it
    is an offset in the file.
    """

    text: str
    place: Place
    style: str = ""
    exact: bool = True

    @property
    def empty(self) -> bool:
        """Whether nothing at all was written (`key:` with no value)."""
        return not self.text and not self.style

    def at(self, offset: int) -> Place:
        """The place of character `offset` of the text, as near as the style allows."""
        place = self.place
        if not self.exact:
            return place
        if self.style == "|":
            before = self.text[:offset]
            line = before.count("\n") + 1
            return self.line_place(line, offset - (before.rfind("\n") + 1) + 1)
        if self.style == ">" or "\n" in self.text:
            return place
        return Place(place.source, place.line, place.column + len(self.style) + offset)

    def line_place(self, line: int, column: int) -> Place:
        """The place of line and column (from 1) of a block scalar's text; elsewhere the value's own place."""
        if self.style != "|" or not self.exact:
            return self.place
        number = self.place.line + line
        return Place(self.place.source, number, self._indent(line) + max(1, column))

    def _indent(self, line: int) -> int:
        written = self.place.source.line(self.place.line + line)
        texts = self.text.split("\n")
        text = texts[line - 1] if line <= len(texts) else ""
        return max(0, len(written) - len(text)) if written.endswith(text) else 0


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values in the order of the file; `keys` are the keys with their places."""

    keys: dict[str, Scalar]
    values: dict[str, Node]
    place: Place

    def items(self) -> Iterator[tuple[str, Node]]:
        """Key text and value, in the order of the file."""
        return iter(self.values.items())

    def changed(self, values: dict[str, Node]) -> Mapping:
        """The same keys with other values."""
        return replace(self, values=values)


Node: TypeAlias = Scalar | Sequence | Mapping


def child(node: Node, step: str | int) -> Node | None:
    """The value below `node` at one step, or None."""
    if isinstance(node, Mapping) and isinstance(step, str):
        return node.values.get(step)
    if isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
        return node.items[step]
    return None


def find(node: Node, path: Path) -> Node | None:
    """The value at a path, or None."""
    for step in path:
        below = child(node, step)
        if below is None:
            return None
        node = below
    return node


def nearest_node(node: Node, path: Path) -> Node:
    """The value at a path, or the nearest one above it that exists."""
    for step in path:
        below = child(node, step)
        if below is None:
            return node
        node = below
    return node


def key_place(node: Node, path: Path) -> Place:
    """The place of the key (in a list: of the item) that a path ends in, or the nearest place above it."""
    for depth in range(len(path), 0, -1):
        parent = find(node, path[: depth - 1])
        step = path[depth - 1]
        if isinstance(parent, Mapping) and isinstance(step, str) and step in parent.keys:
            return parent.keys[step].place
        below = child(parent, step) if parent is not None else None
        if below is not None:
            return below.place
    return node.place


def plain(node: Node) -> object:
    """The tree as dict, list and str; a key without a value becomes None."""
    if isinstance(node, Mapping):
        return {key: plain(value) for key, value in node.items()}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return None if node.empty else node.text


def without(node: Mapping, path: Path) -> Mapping:
    """The tree without the value at a path; the same tree where there is none."""
    changed = _without(node, path)
    return changed if isinstance(changed, Mapping) else node


def _without(node: Node, path: Path) -> Node:
    step, rest = path[0], path[1:]
    below = child(node, step)
    if below is None:
        return node
    if isinstance(node, Mapping):
        values = {key: value for key, value in node.items() if key != step or rest}
        if rest:
            values[str(step)] = _without(below, rest)
        return node.changed(values)
    if isinstance(node, Sequence):
        kept = [
            _without(item, rest) if index == step else item
            for index, item in enumerate(node.items)
            if rest or index != step
        ]
        return replace(node, items=tuple(kept))
    return node


def put(node: Mapping, path: Path, value: Node) -> Mapping:
    """The tree with another value at a path that exists."""
    changed = _put(node, path, value)
    return changed if isinstance(changed, Mapping) else node


def _put(node: Node, path: Path, value: Node) -> Node:
    if not path:
        return value
    below = child(node, path[0])
    if below is None:
        return node
    if isinstance(node, Mapping):
        return node.changed({**node.values, str(path[0]): _put(below, path[1:], value)})
    if isinstance(node, Sequence):
        items = [_put(item, path[1:], value) if index == path[0] else item for index, item in enumerate(node.items)]
        return replace(node, items=tuple(items))
    return node
