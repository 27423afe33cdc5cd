"""LOGOUT: BYE, then OK, then the connection closes. RFC 9051, 6.1.3."""

from __future__ import annotations

from simulator.protocol.imap.scanner import Scanner
from simulator.protocol.imap.server.context import Context, Outcome, ok


def run(context: Context, scanner: Scanner) -> Outcome:
    """Say good-bye and forget the mailbox; nothing is expunged."""
    scanner.end()
    context.selected = None
    context.untagged(b"BYE Logging out")
    return ok("Logout completed.")
