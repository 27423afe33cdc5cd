"""`mailflow schema`: the JSON Schema of a file format, for editors that complete and underline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.cli.words import _

if TYPE_CHECKING:
    import argparse

    from simulator.cli.output import Output

__all__ = ["arguments", "main"]

_FORMATS = ("scenario", "quiz", "lesson")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("format", metavar="scenario|quiz|lesson", choices=_FORMATS, help=_("which format"))


def main(options: argparse.Namespace, out: Output) -> int:
    """Print it."""
    if options.format == "scenario":
        from simulator.scenario.schema import schema_text

        out.text(schema_text())
        return 0
    from simulator.learning.schema import schema_text as learning_schema

    out.text(learning_schema(options.format))
    return 0
