"""RENAME: another name for a mailbox and all below it. RFC 9051, 6.3.6."""

from __future__ import annotations

from simulator.protocol.imap.scanner import Scanner
from simulator.protocol.imap.server.context import Context, Outcome, mailbox_name, no_such_mailbox, ok
from simulator.protocol.imap.server.events import Arranged
from simulator.protocol.imap.view import MailboxRefused


def run(context: Context, scanner: Scanner) -> Outcome:
    """Rename; a mailbox that is selected stays selected, under its new name."""
    scanner.space()
    octets = scanner.astring("mailbox name")
    old = mailbox_name(octets)
    scanner.space()
    new = mailbox_name(scanner.astring("new mailbox name"))
    scanner.end()
    store, selected = context.need_store(), context.selected
    try:
        store.rename(old, new)
    except MailboxRefused as refusal:
        if refusal.code == "NONEXISTENT":
            return no_such_mailbox(octets, "NONEXISTENT")
        raise
    context.events.append(Arranged(verb="RENAME", name=old, target=new))
    below = old + store.delimiter
    if selected is not None and old != "INBOX" and (selected.name + store.delimiter).startswith(below):
        selected.name = new + selected.name[len(old) :]
    return ok("Rename completed.")
