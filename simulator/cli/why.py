"""`mailflow why`: the story behind one event, back to the line of the scenario that started it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from simulator.cli.words import _
from simulator.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from simulator.cli.output import Output
    from simulator.records.story import StoryLine

__all__ = ["arguments", "main"]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("link", metavar="LINK", help=_("SCENARIO#KIND/ORDINAL, such as first-letter#smtp.reply/2"))
    parser.add_argument("--all", action="store_true", help=_("every link of the chain, not only the landmarks"))
    parser.add_argument("--json", action="store_true", help=_("the story for a program"))


def main(options: argparse.Namespace, out: Output) -> int:
    """Tell the story."""
    from simulator.cli.worlds import ordinal, traced
    from simulator.records.story import why
    from simulator.scenario.finding import parse_link

    link = parse_link(options.link)
    if link.kind is None:
        hint = _("say which event: {link}#KIND/ORDINAL, such as {link}#deliver/1")
        raise UsageError(hint.format(link=options.link))
    found = traced(options, link.scenario if link.seed is None else f"{link.scenario}?seed={link.seed}")
    if not found.whole:
        raise UsageError(_("this trace is not whole, so causes are missing; keep one with: mailflow run --trace"))
    story = why(found.records, ordinal(found.records, link), everything=options.all)
    if options.json:
        out.json([asdict(line) for line in story])
    else:
        for line in story:
            out.line(_told(line))
    return 0


def _told(line: StoryLine) -> str:
    from simulator.cli.output import clock

    origin = f"  [{line.origin}]" if line.origin else ""
    return f"e{line.n:<5} {clock(line.t)}  {'  ' * line.depth}{line.kind}: {line.text}{origin}"
