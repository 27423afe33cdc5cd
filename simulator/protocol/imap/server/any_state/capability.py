"""CAPABILITY: what this server can do. RFC 9051, 6.1.1."""

from __future__ import annotations

from simulator.protocol.imap.scanner import Scanner
from simulator.protocol.imap.server.context import Context, Outcome, ok


def run(context: Context, scanner: Scanner) -> Outcome:
    """Name the capabilities of this state."""
    scanner.end()
    context.untagged(f"CAPABILITY {context.capabilities}".encode("ascii"))
    if context.store is None:
        return ok("Pre-login capabilities listed, post-login capabilities have more.")
    return ok("Capability completed.")
