"""Finds lessons by number, id or path, as scenarios are found: here, on MAILFLOW_PATH, then among the shipped ones.

The number before the name of a folder (`01-path-of-one-letter`) gives the order. Light on purpose: a list of lessons
must not wait for anything but a few small files.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from simulator.errors import Diagnostic, ScenarioError, UsageError
from simulator.scenario.words import nearest, quoted

__all__ = ["Entry", "Found", "catalogue", "every", "find_lesson", "shipped_folder"]

_NEARNESS: Final = ("here", "path", "shipped")
"""Of two lessons with one number, the nearer comes first."""
_PACKAGE: Final = Path(__file__).resolve().parent.parent
_FOLDER: Final = re.compile(r"(?:(?P<number>\d{1,3})-)?(?P<id>[a-z0-9]+(?:[-_][a-z0-9]+)*)")


@dataclass(frozen=True, slots=True)
class Found:
    """A lesson's folder: its number (0 without one), its id, and "here", "path" or "shipped"."""

    number: int
    id: str
    folder: Path
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the list of lessons; a lesson that cannot be read has its mistake as title and no minutes."""

    number: int
    id: str
    title: str
    summary: str
    minutes: int
    skills: tuple[str, ...]
    needs: tuple[str, ...]
    scenarios: tuple[str, ...]
    labs: tuple[str, ...]
    items: int
    found: Found


def shipped_folder() -> Path:
    """The folder of the shipped lessons: package data, or the checkout's own."""
    inside = _PACKAGE / "data" / "lessons"
    return inside if inside.is_dir() else _PACKAGE.parent / "lessons"


def every(*, mailflow_path: str = "") -> list[Found]:
    """All lessons, each id once, in order of their numbers."""
    found: dict[str, Found] = {}
    for parent, where in _parents(mailflow_path):
        for folder in sorted(parent.iterdir()) if parent.is_dir() else ():
            if (folder / "lesson.yaml").is_file():
                one = _found(folder, where)
                found.setdefault(one.id, one)
    return sorted(found.values(), key=lambda one: (one.number or 1000, _NEARNESS.index(one.where), one.id))


def find_lesson(name: str | Path, *, mailflow_path: str = "") -> Found:
    """The lesson of a path, a number or an id; raises UsageError with the nearest."""
    text = str(name)
    folder = Path(text).parent if Path(text).name == "lesson.yaml" else Path(text)
    if (folder / "lesson.yaml").is_file() and (os.sep in text or "/" in text or folder.is_absolute()):
        return _found(folder, "here")
    known = every(mailflow_path=mailflow_path)
    for one in known:
        if text in (one.id, one.folder.name) or (text.isdigit() and one.number == int(text)):
            return one
    if (folder / "lesson.yaml").is_file():
        return _found(folder, "here")
    near = nearest(text, [one.id for one in known])
    listed = ", ".join(f"{one.number} {one.id}" for one in known) or "none"
    raise UsageError(f"there is no lesson {quoted(text)}; {f'did you mean {near}?' if near else f'known: {listed}'}")


def catalogue(*, mailflow_path: str = "", lang: str | None = None) -> list[Entry]:
    """All lessons with what a list shows of them, in a language."""
    return [_entry(found, lang) for found in every(mailflow_path=mailflow_path)]


def _entry(found: Found, lang: str | None) -> Entry:
    from simulator.learning.lesson import read_head
    from simulator.scenario.report import Report

    report = Report()
    try:
        head = read_head(found.folder, str(found.folder), report, lang=lang)
    except ScenarioError as error:
        return _unreadable(found, error.diagnostics)
    if head is None:
        return _unreadable(found, report.diagnostics())
    return Entry(
        number=found.number,
        id=head.id,
        title=head.title,
        summary=" ".join(head.summary.split()),
        minutes=head.minutes,
        skills=tuple(head.skills.values()),
        needs=head.needs,
        scenarios=head.scenarios,
        labs=head.labs,
        items=_items(found.folder),
        found=found,
    )


def _unreadable(found: Found, diagnostics: Sequence[Diagnostic]) -> Entry:
    first = diagnostics[0]
    title = f"{first.file}:{first.line}: {first.message}"
    return Entry(
        number=found.number, id=found.id, title=title, summary="", minutes=0, skills=(), needs=(), scenarios=(),
        labs=(), items=0, found=found,
    )  # fmt: skip


def _items(folder: Path) -> int:
    """How many questions there are; a quiz that cannot be read says so when it is opened."""
    from simulator.learning.reading import read_file
    from simulator.scenario.report import Report
    from simulator.scenario.tree import Sequence as Items

    path = folder / "quiz.yaml"
    try:
        items = read_file(path, path.name, Report()).values.get("items") if path.is_file() else None
    except ScenarioError:
        return 0
    return len(items.items) if isinstance(items, Items) else 0


def _found(folder: Path, where: str) -> Found:
    match = _FOLDER.fullmatch(folder.resolve().name)
    if match is None:
        return Found(0, folder.name, folder, where)
    return Found(int(match["number"] or 0), match["id"], folder, where)


def _parents(mailflow_path: str) -> Iterator[tuple[Path, str]]:
    yield Path("lessons"), "here"
    for folder in mailflow_path.split(os.pathsep):
        if folder:
            yield Path(folder), "path"
    yield shipped_folder(), "shipped"
