"""SUBSCRIBE and UNSUBSCRIBE: which names a user wants to see. RFC 9051, 6.3.7 and 6.3.8."""

from __future__ import annotations

from simulator.protocol.imap.scanner import Scanner
from simulator.protocol.imap.server.context import Context, Outcome, mailbox_name, ok
from simulator.protocol.imap.server.events import Arranged


def subscribe(context: Context, scanner: Scanner) -> Outcome:
    """Remember a name; there need be no such mailbox."""
    return _run(context, scanner, wanted=True)


def unsubscribe(context: Context, scanner: Scanner) -> Outcome:
    """Forget a name; one that is not remembered does no harm."""
    return _run(context, scanner, wanted=False)


def _run(context: Context, scanner: Scanner, *, wanted: bool) -> Outcome:
    scanner.space()
    name = mailbox_name(scanner.astring("mailbox name"))
    scanner.end()
    context.need_store().subscribe(name, wanted=wanted)
    context.events.append(Arranged(verb="SUBSCRIBE" if wanted else "UNSUBSCRIBE", name=name))
    return ok("Subscribe completed." if wanted else "Unsubscribe completed.")
