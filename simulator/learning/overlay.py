"""Puts the texts of another language into a lesson or quiz, and finds what is not translated.

An overlay (`quiz.ru.yaml`) has the tree of its file with texts only; entries of lists are found by what names them
(`id`, `is`, `equals`, `on` or `from`). What it lacks falls back to the author's language, and `validate` says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from simulator.scenario.report import Report
from simulator.scenario.tree import Mapping, Node, Scalar, Sequence
from simulator.scenario.words import quoted, suggest

__all__ = ["LESSON_TEXTS", "QUIZ_TEXTS", "Texts", "entry_name", "overlaid", "untranslated"]


@dataclass(frozen=True, slots=True)
class Texts:
    """What of a group is translated: `keys` are texts, `below` groups, `each` the entries of a list or group."""

    keys: tuple[str, ...] = ()
    below: tuple[tuple[str, Texts], ...] = ()
    each: Texts | None = None
    text: bool = False

    def under(self, key: str) -> Texts | None:
        """What may be translated below a key."""
        return _TEXT if key in self.keys else dict(self.below).get(key)


_TEXT: Final = Texts(text=True)
LESSON_TEXTS: Final = Texts(keys=("title", "summary"), below=(("skills", Texts(each=_TEXT)),))
QUIZ_TEXTS: Final = Texts(
    below=(
        (
            "items",
            Texts(
                each=Texts(
                    keys=("ask", "because", "model", "unit"),
                    below=(
                        ("options", Texts(each=Texts(keys=("text", "why")))),
                        ("rows", Texts(each=Texts(keys=("text",)))),
                        ("pairs", Texts(each=_TEXT)),
                        ("wrong", Texts(each=Texts(keys=("why",)))),
                        ("hints", Texts(each=Texts(keys=("text",)))),
                        ("rubric", Texts(each=Texts(keys=("text",)))),
                    ),
                )
            ),
        ),
    )
)

_NAMES: Final = ("id", "is", "equals", "on", "from")


def entry_name(entry: Node) -> str | None:
    """What names an entry of a list: its id, what it is, or the wrong answer it is about; None for a bare word."""
    if isinstance(entry, Sequence):
        first = entry.items[0] if entry.items else None
        return first.text if isinstance(first, Scalar) else None
    if not isinstance(entry, Mapping):
        return None
    for key in _NAMES:
        found = entry.values.get(key)
        if isinstance(found, Scalar):
            return found.text
        if isinstance(found, Sequence):
            return ", ".join(item.text for item in found.items if isinstance(item, Scalar))
    return None


def overlaid(tree: Mapping, overlay: Mapping, texts: Texts, report: Report) -> Mapping:
    """The tree with the texts of an overlay in their places; what does not belong is reported."""
    changed = _put(tree, overlay, texts, report, "")
    assert isinstance(changed, Mapping)
    return changed


def _put(node: Node, over: Node, texts: Texts, report: Report, where: str) -> Node:
    if texts.text:
        return _text(node, over, report, where)
    if not isinstance(over, Mapping):
        report.at(
            "MF048", over, f"{where or 'the file'} wants entries by their name", "write NAME: and its texts below"
        )
        return node
    if texts.each is not None:
        return _each(node, over, texts.each, report, where)
    if not isinstance(node, Mapping):
        return node
    values = dict(node.values)
    for key, below in over.items():
        inner = texts.under(key)
        if inner is None or key not in node.values:
            _refuse(node, over.keys[key], texts, report)
            continue
        values[key] = _put(node.values[key], below, inner, report, key)
    return node.changed(values)


def _text(node: Node, over: Node, report: Report, where: str) -> Node:
    if isinstance(node, Sequence) and len(node.items) == 2:
        return replace(node, items=(node.items[0], _text(node.items[1], over, report, where)))
    if not isinstance(over, Scalar):
        report.at("MF048", over, f"{where}: wants one text", "write the translated text here")
        return node
    return over if isinstance(node, Scalar) and over.text.strip() else node


def _each(node: Node, over: Mapping, texts: Texts, report: Report, where: str) -> Node:
    names = _named(node)
    made: dict[str, Node] = {}
    for name, below in over.items():
        if name not in names:
            hint = suggest(name, names, otherwise=f"the entries of {where}: have no such name")
            report.at("MF049", over.keys[name], f"{where}: has no entry {quoted(name)}", hint)
        else:
            made[name] = _put(names[name], below, texts, report, name)
    if isinstance(node, Mapping):
        return node.changed({**node.values, **made})
    if isinstance(node, Sequence):
        return replace(node, items=tuple(made.get(entry_name(item) or "", item) for item in node.items))
    return node


def _named(node: Node) -> dict[str, Node]:
    if isinstance(node, Mapping):
        return dict(node.values)
    items = node.items if isinstance(node, Sequence) else ()
    return {name: item for item in items if (name := entry_name(item)) is not None}


def _refuse(node: Mapping, key: Scalar, texts: Texts, report: Report) -> None:
    known = [*texts.keys, *(name for name, _ in texts.below)]
    if key.text in node.values:
        hint = f"an overlay holds {', '.join(known)}"
        report.at("MF048", key, f"{key.text}: is no text that may differ between languages", hint)
    else:
        report.at("MF049", key, f"there is no {key.text}: to translate", suggest(key.text, known))


def untranslated(tree: Mapping, overlay: Mapping, texts: Texts) -> Iterator[tuple[str, Node]]:
    """Every text that an overlay lacks: its path, and the node in the author's language."""
    yield from _missing(tree, overlay, texts, "")


def _missing(node: Node, over: Node | None, texts: Texts, where: str) -> Iterator[tuple[str, Node]]:
    if texts.text:
        if not (isinstance(over, Scalar) and over.text.strip()):
            yield where, node
        return
    if texts.each is not None:
        for name, item in _named(node).items():
            yield from _missing(item, _below(over, name), texts.each, _join(where, name))
        return
    for key, below in node.items() if isinstance(node, Mapping) else ():
        inner = texts.under(key)
        if inner is not None:
            yield from _missing(below, _below(over, key), inner, _join(where, key))


def _below(over: Node | None, key: str) -> Node | None:
    return over.values.get(key) if isinstance(over, Mapping) else None


def _join(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key
