"""`mailflow play`: the stepping screen, or plain mode where there is no terminal for it."""

from __future__ import annotations

import sys
from argparse import SUPPRESS
from typing import TYPE_CHECKING

from simulator.cli.learner import plain_wanted
from simulator.cli.words import _

if TYPE_CHECKING:
    import argparse

    from simulator.cli.output import Output

__all__ = ["arguments", "main"]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("link", metavar="SCENARIO|LINK", help=_("an id, a path to a .yaml, or ID?seed=N#KIND/ORDINAL"))
    parser.add_argument("--plain", action="store_true", default=SUPPRESS, help=_("line by line instead of a screen"))


def main(options: argparse.Namespace, out: Output) -> int:
    """Run the world, then step through it."""
    from simulator.cli.worlds import link_of, load, ordinal, speaking
    from simulator.scenario import world

    link = link_of(options.link)
    run = world.run(load(options, options.link))
    cursor = None if link.kind is None else ordinal(run.records, link)
    seed = link.seed if options.seed is None else options.seed
    name = link.scenario if seed is None else f"{link.scenario}?seed={seed}"
    if plain_wanted(options, out):
        from simulator.tui.plain import plain_world

        return plain_world(
            run, sys.stdin, out.stream, cursor=cursor, lang=speaking(), ascii_only=out.ascii_only, name=name
        )
    from simulator.tui.opening import open_world

    return open_world(run, cursor=cursor, lang=speaking(), ascii_only=out.ascii_only, no_color=out.no_color, name=name)
