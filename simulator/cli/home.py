"""`mailflow` alone: the home screen, where the next thing to do is under the cursor; without a terminal, plain home.

The first thing that a newcomer sees, so it asks for nothing to be remembered.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from simulator.cli.learner import learner_of, plain_wanted

if TYPE_CHECKING:
    import argparse

    from simulator.cli.output import Output

__all__ = ["main"]


def main(options: argparse.Namespace, out: Output) -> int:
    """Open home."""
    from simulator.cli.worlds import speaking

    if plain_wanted(options, out):
        from simulator.tui.plain_desk import PlainDesk
        from simulator.tui.plain_home import HomeLevel

        desk = PlainDesk(learner_of(options), ascii_only=out.ascii_only)
        return desk.run(HomeLevel(desk), sys.stdin, out.stream)
    from simulator.tui.opening import open_home

    return open_home(learner_of(options), lang=speaking(), ascii_only=out.ascii_only, no_color=out.no_color)
