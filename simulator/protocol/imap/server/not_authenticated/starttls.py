"""STARTTLS: the rest of the connection under TLS, and everything said before forgotten. RFC 9051, 6.2.1."""

from __future__ import annotations

from simulator.protocol.imap.scanner import Scanner
from simulator.protocol.imap.server.context import Context, Outcome, bad, ok


def run(context: Context, scanner: Scanner) -> Outcome:
    """Agree, if there is a certificate and no TLS yet; the core then waits for `tls_started()`."""
    scanner.end()
    if context.terms.tls:
        return bad("TLS is already active.")
    if not context.terms.tls_available:
        return bad("TLS support isn't enabled.")
    return ok("Begin TLS negotiation now.")
