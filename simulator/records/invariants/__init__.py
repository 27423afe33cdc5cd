"""The promises of the simulator, each as a function of a trace that returns what breaks it.

They run over every test's trace and with `--check`; each looks at the records only, so that a recorded trace can be
judged as well as a fresh one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simulator.engine.kinds import Record
from simulator.errors import InvariantError
from simulator.records.invariants import engine, letters, names, protocols
from simulator.records.invariants.finding import Finding

__all__ = ["CHECKS", "Finding", "check", "findings"]

Check = Callable[[Sequence[Record]], list[Finding]]

CHECKS: tuple[Check, ...] = (*engine.CHECKS, *letters.CHECKS, *protocols.CHECKS, *names.CHECKS)
"""All invariants; the name of the function is the name of the promise."""


def findings(records: Sequence[Record]) -> tuple[Finding, ...]:
    """Return everything that breaks a promise, in the order of the checks."""
    return tuple(found for one in CHECKS for found in one(records))


def check(records: Sequence[Record], waiting: Sequence[str] = ()) -> None:
    """Raise InvariantError if a promise is broken; `waiting` names what stood still when the clock ran out."""
    broken = (*findings(records), *(f"stands still: {what}" for what in waiting))
    if broken:
        raise InvariantError(broken)
