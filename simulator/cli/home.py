"""`mailflow` alone: the scenarios that there are, and Enter plays one.

The first thing that a newcomer sees, so it asks for nothing to be remembered.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from simulator.cli.words import _

if TYPE_CHECKING:
    import argparse

    from simulator.cli.output import Output
    from simulator.scenario.finding import Entry

__all__ = ["main"]

_FIRST = "first-letter"


def main(options: argparse.Namespace, out: Output) -> int:
    """List the scenarios; in a terminal, ask which one to play."""
    entries = _entries()
    if not entries:
        out.line(_("There is no scenario here; see mailflow play --help."))
        return 0
    rows = [(str(number), entry.id, entry.title) for number, entry in enumerate(entries, start=1)]
    out.table(("", _("scenario"), _("what it shows")), rows, right=(0,))
    if not (out.terminal and sys.stdin.isatty()):
        out.line()
        out.line(_("mailflow play SCENARIO steps through one; mailflow --help tells the rest."))
        return 0
    chosen = _ask(entries, out)
    return 0 if chosen is None else _play(options, out, chosen)


def _entries() -> list[Entry]:
    """All scenarios, the one to begin with first."""
    from simulator.cli.worlds import speaking
    from simulator.scenario.finding import catalogue

    found = catalogue(mailflow_path=os.environ.get("MAILFLOW_PATH", ""), lang=speaking())
    return sorted(found, key=lambda entry: (entry.id != _FIRST, entry.id))


def _ask(entries: list[Entry], out: Output) -> str | None:
    """Ask until there is an answer; None leaves."""
    prompt = _("Enter plays {scenario}; a number or a name plays another; q leaves: ").format(scenario=entries[0].id)
    names = {entry.id for entry in entries}
    while True:
        out.stream.write(prompt)
        out.stream.flush()
        line = sys.stdin.readline()
        word = line.strip()
        if not line or word in ("q", "й", "quit", "exit"):
            return None
        if not word:
            return entries[0].id
        if word.isdecimal() and 1 <= int(word) <= len(entries):
            return entries[int(word) - 1].id
        if word in names:
            return word
        out.line(_("There is no {word} in the list.").format(word=repr(word)))


def _play(options: argparse.Namespace, out: Output, scenario: str) -> int:
    from simulator.cli import play

    options.link, options.plain = scenario, False
    return play.main(options, out)
