"""CREATE: a new mailbox. RFC 9051, 6.3.4."""

from __future__ import annotations

from simulator.protocol.imap.scanner import Scanner
from simulator.protocol.imap.server.context import Context, Outcome, mailbox_name, no, ok
from simulator.protocol.imap.server.events import Arranged


def run(context: Context, scanner: Scanner) -> Outcome:
    """Create; a delimiter at the end only says that mailboxes below will follow."""
    scanner.space()
    name = mailbox_name(scanner.astring("mailbox name"))
    scanner.end()
    store = context.need_store()
    name = name.removesuffix(store.delimiter)
    if not name:
        return no("[CANNOT] Mailbox name is empty.")
    store.create(name)
    context.events.append(Arranged(verb="CREATE", name=name))
    return ok("Create completed.")
