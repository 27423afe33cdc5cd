"""NOOP: nothing, but a chance to be told of changes; CHECK is the same here. RFC 9051, 6.1.2; RFC 3501, 6.4.1."""

from __future__ import annotations

from simulator.protocol.imap.scanner import Scanner
from simulator.protocol.imap.server.context import Context, Outcome, ok


def run(_context: Context, scanner: Scanner) -> Outcome:
    """Do nothing; the core tells of changes before the final response of every command."""
    scanner.end()
    return ok("NOOP completed.")


def check(_context: Context, scanner: Scanner) -> Outcome:
    """Do nothing: every change is durable when it is made."""
    scanner.end()
    return ok("Check completed.")
