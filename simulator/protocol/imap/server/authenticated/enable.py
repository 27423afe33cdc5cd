"""ENABLE: what the client wants and can bear: UTF-8 in mailbox names. RFC 9051, 6.3.1; RFC 6855, 3."""

from __future__ import annotations

from simulator.protocol.imap.scanner import Scanner
from simulator.protocol.imap.server.context import Context, Outcome, ok

UTF8 = "UTF8=ACCEPT"


def run(context: Context, scanner: Scanner) -> Outcome:
    """Turn on what is known of the list; the rest is passed over."""
    wanted: list[str] = []
    scanner.space()
    while not wanted or scanner.skip(b" "):
        wanted.append(scanner.atom("capability").decode("ascii").upper())
    scanner.end()
    news = UTF8 in wanted and not context.utf8
    context.utf8 = context.utf8 or news
    context.untagged(f"ENABLED {UTF8}".encode("ascii") if news else b"ENABLED")
    return ok("Enabled.")
