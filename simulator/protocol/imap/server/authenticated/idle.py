"""IDLE: the client waits, the server tells of changes as they happen, until DONE. RFC 9051, 6.3.13; RFC 2177."""

from __future__ import annotations

from simulator.protocol.imap.scanner import Scanner
from simulator.protocol.imap.server.context import Context, Outcome, Result, bad, ok
from simulator.protocol.imap.server.events import Idling


class Idle:
    """A client that waits."""

    __slots__ = ()

    def take(self, _context: Context, line: bytes) -> Result | None:
        """End with DONE; any other line ends it too, with BAD."""
        return ok("Idle completed.") if line.upper() == b"DONE" else bad("Expected DONE.")


def run(context: Context, scanner: Scanner) -> Outcome | Idle:
    """Begin to wait; what the client does not know yet it is told at once."""
    scanner.end()
    context.out.append(b"+ idling\r\n")
    mailbox = "" if context.selected is None else context.selected.name
    context.events.append(Idling(tag=context.tag, mailbox=mailbox))
    return Idle()
