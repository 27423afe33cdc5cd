"""DELETE: a mailbox with all its messages; those below it stay. RFC 9051, 6.3.5."""

from __future__ import annotations

from simulator.protocol.imap.scanner import Scanner
from simulator.protocol.imap.server.context import Context, Outcome, mailbox_name, no_such_mailbox, ok
from simulator.protocol.imap.server.events import Arranged
from simulator.protocol.imap.view import MailboxRefused


def run(context: Context, scanner: Scanner) -> Outcome:
    """Delete; the selected mailbox is left first, and the client told so (RFC 9051, 7.1: CLOSED)."""
    scanner.space()
    octets = scanner.astring("mailbox name")
    scanner.end()
    name = mailbox_name(octets)
    try:
        context.need_store().delete(name)
    except MailboxRefused as refusal:
        if refusal.code == "NONEXISTENT":
            return no_such_mailbox(octets, "NONEXISTENT")
        raise
    context.events.append(Arranged(verb="DELETE", name=name))
    if context.selected is not None and context.selected.name == name:
        context.selected = None
        context.untagged(b"OK [CLOSED] Mailbox was deleted.")
    return ok("Delete completed.")
