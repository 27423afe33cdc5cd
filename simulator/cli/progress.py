"""`mailflow progress`: how far one is, as text or JSON; taking it along; beginning a lesson anew."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.cli.learner import progress_here
from simulator.cli.words import _
from simulator.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from simulator.cli.output import Output
    from simulator.learning.progress import Progress

__all__ = ["arguments", "main"]

_WIDTH = 78


def arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument(
        "action", metavar="ACTION", nargs="?", choices=("export", "import", "reset"),
        help=_("export FILE, import FILE or reset LESSON; without it, show"),
    )  # fmt: skip
    parser.add_argument("target", metavar="FILE|LESSON", nargs="?", help=_("the file, or the id or number of a lesson"))
    parser.add_argument("--json", action="store_true", help=_("the answer for a program"))


def main(options: argparse.Namespace, out: Output) -> int:
    """Show it, or do what was asked with it."""
    progress = progress_here()
    for message in progress.messages:
        out.line(message)
    if options.action is None:
        _show(progress, options, out)
        return 0
    if options.target is None:
        raise UsageError(
            _("{action} wants a name after it; see mailflow progress --help").format(action=options.action)
        )
    _DOES[options.action](progress, options.target, out)
    return 0


def _show(progress: Progress, options: argparse.Namespace, out: Output) -> None:
    from simulator.tui.desk import Learner
    from simulator.tui.progress_place import progress_texts
    from simulator.tui.standing import standing

    found = standing(progress, Learner(progress).now(), mailflow_path=os.environ.get("MAILFLOW_PATH", ""))
    if options.json:
        out.json(_as_data(found, progress))
        return
    for text, _style in progress_texts(found, _WIDTH):
        out.line(text)
    _others(progress, {row.listed.id for row in found.lessons}, out)
    out.line(str(progress.path))


def _others(progress: Progress, known: set[str], out: Output) -> None:
    """Name the lessons of which there are answers but no folder here."""
    names = dict.fromkeys(entry.lesson for entry in progress.entries if entry.lesson not in known)
    if names:
        out.line(_("Also answered, and not found here: {names}").format(names=", ".join(names)))


def _as_data(found: Any, progress: Progress) -> dict[str, Any]:
    """The same for a program: lessons, skills, what comes back, misconceptions, and every answer."""
    return {
        "file": str(progress.path),
        "lessons": [
            {"id": row.listed.id, "questions": row.questions, **asdict(row.state)} for row in found.lessons
        ],
        "skills": [
            {"skill": name, "right": right, "seen": seen, "surer": surer} for name, right, seen, surer in found.skills
        ],
        "due": [{"lesson": lesson, "item": item} for lesson, item in found.due],
        "myths": dict(found.beliefs),
        "answers": [asdict(entry) for entry in progress.entries],
    }  # fmt: skip


def _export(progress: Progress, target: str, out: Output) -> None:
    count = progress.export(Path(target))
    out.line(_("answers written into {file}: {count}").format(file=target, count=count))


def _import(progress: Progress, target: str, out: Output) -> None:
    count = progress.take_in(Path(target))
    out.line(_("answers taken in from {file}: {count}").format(file=target, count=count))


def _reset(progress: Progress, target: str, out: Output) -> None:
    kept = progress.reset(_lesson_id(progress, target))
    if kept is None:
        out.line(_("there is nothing kept of the lesson {lesson}").format(lesson=target))
    else:
        out.line(_("{lesson} begins anew; what there was is kept as {file}").format(lesson=target, file=kept))


def _lesson_id(progress: Progress, target: str) -> str:
    """The id of a lesson that is named by id or number, or of one that only progress knows. Raises UsageError."""
    from simulator.learning.finding import find_lesson

    if any(entry.lesson == target for entry in progress.entries):
        return target
    return find_lesson(target, mailflow_path=os.environ.get("MAILFLOW_PATH", "")).id


_DOES = {"export": _export, "import": _import, "reset": _reset}
