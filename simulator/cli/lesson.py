"""`mailflow lesson`: one lesson on the screen or line by line, or the list of all."""

from __future__ import annotations

import os
import sys
from argparse import SUPPRESS
from typing import TYPE_CHECKING

from simulator.cli.learner import learner_of, plain_wanted
from simulator.cli.words import _

if TYPE_CHECKING:
    import argparse

    from simulator.cli.output import Output

__all__ = ["arguments", "main"]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("lesson", metavar="N|ID|PATH", nargs="?", help=_("its number, its id or its folder"))
    parser.add_argument("--plain", action="store_true", default=SUPPRESS, help=_("line by line instead of a screen"))
    parser.add_argument("--list", action="store_true", help=_("list the lessons that there are"))


def main(options: argparse.Namespace, out: Output) -> int:
    """Open the lesson; without a name the one to go on with."""
    if options.list:
        _list(out)
        return 0
    from simulator.cli.worlds import speaking
    from simulator.tui.home import open_session

    learner = learner_of(options)
    session = open_session(learner, options.lesson or _next(learner))
    if plain_wanted(options, out):
        from simulator.tui.plain_desk import PlainDesk
        from simulator.tui.plain_home import LessonLevel

        desk = PlainDesk(learner, ascii_only=out.ascii_only)
        return desk.run(LessonLevel(desk, session), sys.stdin, out.stream)
    from simulator.tui.opening import open_lesson

    return open_lesson(
        learner, session, lang=speaking(), ascii_only=out.ascii_only, no_color=out.no_color
    )  # fmt: skip


def _next(learner: object) -> str:
    """The lesson to go on with. Raises UsageError where there is none."""
    from simulator.errors import UsageError
    from simulator.tui.desk import Learner
    from simulator.tui.standing import standing

    assert isinstance(learner, Learner)
    on = standing(learner.progress, learner.now(), mailflow_path=learner.mailflow_path).on
    if on is None:
        raise UsageError(_("there is no lesson here; MAILFLOW_PATH names folders with lessons"))
    return str(on.listed.found.folder)


def _list(out: Output) -> None:
    from simulator.cli.worlds import speaking
    from simulator.learning.finding import catalogue

    entries = catalogue(mailflow_path=os.environ.get("MAILFLOW_PATH", ""), lang=speaking())
    rows = [
        (f"{one.number:02d}", one.title, _("{n} min").format(n=one.minutes), one.id, ", ".join(one.labs))
        for one in entries
    ]
    out.table((_("no."), _("lesson"), _("time"), _("id"), _("labs")), rows)
