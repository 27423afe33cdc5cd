"""Collects every mistake of a file, so that an author sees them all at once.

Mistakes are found at several stages (YAML, shape, references, zones); one report keeps them in the order of the
file and shows each in the author's own line.
"""

from __future__ import annotations

from typing import NoReturn

from simulator.errors import Diagnostic, ScenarioError
from simulator.safe import safe_text
from simulator.scenario.tree import Mapping, Node, Place, Scalar

_SHOWN = 160


class Report:
    """The mistakes found so far; adding one never raises."""

    __slots__ = ("_files", "_found")

    def __init__(self) -> None:
        self._found: dict[tuple[int, int, int, str, str], Diagnostic] = {}
        self._files: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._found)

    def add(self, rule: str, place: Place, message: str, hint: str = "", width: int = 1) -> None:
        """Add one mistake at a place; `width` is how many characters the caret covers."""
        source = _line(place)
        order = self._files.setdefault(place.source.shown, len(self._files))
        room = len(source) - place.column + 1
        diagnostic = Diagnostic(
            file=safe_text(place.source.shown),
            line=place.line,
            column=place.column,
            rule=rule,
            message=safe_text(message),
            source=source if place.column <= len(source) + 1 else "",
            hint=safe_text(hint),
            width=max(1, min(width, room)),
        )
        self._found.setdefault((order, place.line, place.column, rule, message), diagnostic)

    def at(self, rule: str, node: Node, message: str, hint: str = "") -> None:
        """Add one mistake that is about a whole value."""
        width = 1
        if isinstance(node, Scalar) and node.style not in ("|", ">"):
            width = len(node.text) + 2 * len(node.style)
        elif isinstance(node, Mapping) and node.keys:
            first = next(iter(node.keys.values()))
            return self.add(rule, first.place, message, hint, len(first.text))
        return self.add(rule, node.place, message, hint, width)

    def within(self, rule: str, node: Node, message: str, hint: str = "", *, offset: int = 0, width: int = 0) -> None:
        """Add one mistake that is about `width` characters of a text from `offset`; width 0 is the whole of it."""
        if width and isinstance(node, Scalar) and node.exact:
            self.add(rule, node.at(offset), message, hint, width)
        else:
            self.at(rule, node, message, hint)

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All mistakes, in the order of the files and of their lines."""
        return tuple(self._found[key] for key in sorted(self._found))

    def stop_if_any(self) -> None:
        """Raise `ScenarioError` with everything found, if anything was."""
        if self._found:
            self.stop()

    def stop(self) -> NoReturn:
        """Raise `ScenarioError` with everything found: nothing after this can be read."""
        raise ScenarioError(self.diagnostics())


def _line(place: Place) -> str:
    """The line at a place with one visible character for each written, or "" where the caret would be too far right."""
    if place.column > _SHOWN:
        return ""
    text = place.source.line(place.line)[: _SHOWN + 40]
    return "".join(
        " " if character == "\t" else character if safe_text(character) == character else "�" for character in text
    )
