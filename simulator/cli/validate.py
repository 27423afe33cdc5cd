"""`mailflow validate`: every mistake in scenarios, lessons and quizzes, each with its line; or the whole of a world."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.cli.words import N_, _
from simulator.errors import ScenarioError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from simulator.cli.output import Output

__all__ = ["arguments", "main"]

_WHERE = {
    "here": N_("found here"),
    "path": N_("found by MAILFLOW_PATH"),
    "shipped": N_("shipped with the program"),
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("paths", metavar="PATH", nargs="+", help=_("a .yaml, an id, a lesson, or a folder of these"))
    parser.add_argument("--full", action="store_true", help=_("print the whole world, with all that was left out"))


def main(options: argparse.Namespace, out: Output) -> int:
    """Check each, and say where it came from."""
    good = [_one(path, options, out) for path in _expanded(options.paths)]
    return 0 if all(good) else 1


def _expanded(paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        folder = Path(path)
        if not folder.is_dir() or (folder / "lesson.yaml").is_file():
            yield path
            continue
        yield from (str(found) for found in sorted(folder.iterdir()) if (found / "lesson.yaml").is_file())
        yield from (str(found) for found in sorted(folder.glob("*.yaml")))


def _one(path: str, options: argparse.Namespace, out: Output) -> bool:
    from simulator.learning.lint import is_lesson

    return _lesson(path, out) if is_lesson(path) else _scenario(path, options, out)


def _lesson(path: str, out: Output) -> bool:
    from simulator.learning.lint import validate

    found = validate(path, mailflow_path=os.environ.get("MAILFLOW_PATH", ""))
    for diagnostic in found:
        out.text(str(diagnostic))
    if found:
        out.line(_("{path}: mistakes: {count}").format(path=path, count=len(found)))
        return False
    out.line(_("{path}: no mistakes").format(path=path))
    return True


def _scenario(path: str, options: argparse.Namespace, out: Output) -> bool:
    from simulator.cli.worlds import speaking
    from simulator.scenario import loading
    from simulator.scenario.finding import find

    folders = os.environ.get("MAILFLOW_PATH", "")
    found = find(path, mailflow_path=folders)
    try:
        scenario = loading.load(path, seed=options.seed, lang=speaking(), mailflow_path=folders)
    except ScenarioError as error:
        out.text(str(error))
        out.line(_("{path}: mistakes: {count}").format(path=found.path, count=len(error.diagnostics)))
        return False
    where = _(_WHERE[found.where])
    if options.full:
        from simulator.scenario.fulltext import full_text

        out.line(f"# {found.path} ({where})")
        out.text(full_text(scenario))
    else:
        out.line(_("{path}: no mistakes ({where})").format(path=found.path, where=where))
    return True
