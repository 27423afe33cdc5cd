"""`mailflow schema`: the JSON Schema of a file format, for editors that complete and underline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.cli.words import _

if TYPE_CHECKING:
    import argparse

    from simulator.cli.output import Output

__all__ = ["arguments", "main"]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("format", metavar="scenario", choices=("scenario",), help=_("the format of scenarios"))


def main(options: argparse.Namespace, out: Output) -> int:
    """Print it."""
    from simulator.scenario.schema import schema_text

    out.text(schema_text())
    return 0
