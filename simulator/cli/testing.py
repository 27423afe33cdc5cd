"""`mailflow test`: prove lessons, quizzes, labs and scenarios on many seeds, as CI does before anything is shipped."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.cli.words import _
from simulator.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from simulator.cli.output import Output

__all__ = ["arguments", "main"]

_MOST = 1000


def arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument(
        "paths", metavar="PATH", nargs="+", help=_("a lesson (folder, number or id), a .yaml, a folder of these")
    )
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help=_("prove it on the seeds 1 to N"))


def main(options: argparse.Namespace, out: Output) -> int:
    """Prove each, and say what was proved."""
    if not 1 <= options.seeds <= _MOST:
        raise UsageError(_("--seeds takes a number from 1 to {most}").format(most=_MOST))
    from simulator.tui.waiting import counted

    good = [_one(path, options.seeds, out) for path in counted(tuple(_expanded(options.paths)))]
    return 0 if all(good) else 1


def _expanded(paths: Iterable[str]) -> Iterator[str]:
    """Each path, and for a folder that is no lesson all lessons and scenarios in it."""
    from simulator.learning.lint import is_lesson

    for text in paths:
        path = Path(text)
        if not path.is_dir() or is_lesson(path):
            yield text
            continue
        below = sorted(one for one in path.iterdir() if one.is_dir() and is_lesson(one))
        files = sorted(one for one in path.glob("*.yaml") if _is_scenario(one))
        if not below and not files:
            raise UsageError(_("{path} has neither lessons nor scenarios").format(path=text))
        yield from map(str, (*below, *files))


def _is_scenario(path: Path) -> bool:
    """Whether a file is a scenario of its own and no overlay of another."""
    from simulator.scenario.finding import base_of

    return base_of(path)[0] == path


def _one(path: str, seeds: int, out: Output) -> bool:
    from simulator.learning.checks import prove

    proof = prove(path, seeds=seeds, mailflow_path=os.environ.get("MAILFLOW_PATH", ""))
    for diagnostic in proof.diagnostics:
        out.text(str(diagnostic))
    if not proof.good:
        out.line(_("{path}: mistakes: {count}").format(path=path, count=len(proof.diagnostics)))
        return False
    parts = _("seeds {seeds}, questions {items}, promises {expectations}, labs {labs}").format(
        seeds=proof.seeds, items=proof.items, expectations=proof.expectations, labs=proof.labs
    )
    out.line(_("{path}: proved ({parts})").format(path=path, parts=parts))
    return True
