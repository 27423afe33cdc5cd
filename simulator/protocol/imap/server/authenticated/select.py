"""SELECT and EXAMINE: open a mailbox and tell its state. RFC 9051, 6.3.2 and 6.3.3; RFC 3501 for RECENT and UNSEEN."""

from __future__ import annotations

from simulator.protocol.imap.scanner import Scanner
from simulator.protocol.imap.server.context import Context, Outcome, mailbox_name, no_such_mailbox, ok
from simulator.protocol.imap.server.events import Selected
from simulator.protocol.imap.server.selected.mailbox import SelectedMailbox
from simulator.protocol.imap.writing import flag_list


def select(context: Context, scanner: Scanner) -> Outcome:
    """Open read-write."""
    return _open(context, scanner, read_only=False)


def examine(context: Context, scanner: Scanner) -> Outcome:
    """Open read-only."""
    return _open(context, scanner, read_only=True)


def _open(context: Context, scanner: Scanner, *, read_only: bool) -> Outcome:
    scanner.space()
    octets = scanner.astring("mailbox name")
    scanner.end()
    name = mailbox_name(octets)
    if context.selected is not None:
        context.selected = None
        context.untagged(b"OK [CLOSED] Previous mailbox closed.")
    view = context.need_store().open(name, read_only=read_only)
    if view is None:
        return no_such_mailbox(octets)
    selected = SelectedMailbox(name=name, view=view, read_only=read_only)
    context.selected = selected
    _describe(context, selected)
    context.events.append(Selected(name=name, read_only=read_only, exists=len(selected.uids)))
    return ok("[READ-ONLY] Examine completed." if read_only else "[READ-WRITE] Select completed.")


def _describe(context: Context, selected: SelectedMailbox) -> None:
    tell_flags(context, selected)
    context.untagged(b"%d EXISTS" % len(selected.uids))
    context.untagged(b"%d RECENT" % selected.recent_count())
    unseen = selected.first_unseen()
    if unseen is not None:
        context.untagged(b"OK [UNSEEN %d] First unseen." % unseen)
    context.untagged(b"OK [UIDVALIDITY %d] UIDs valid" % selected.view.uid_validity)
    context.untagged(b"OK [UIDNEXT %d] Predicted next UID" % selected.view.uid_next)


def tell_flags(context: Context, selected: SelectedMailbox) -> None:
    """Send FLAGS and PERMANENTFLAGS; also when a keyword appears for the first time."""
    flags = flag_list(selected.known_flags())
    context.untagged(b"FLAGS " + flags)
    if selected.read_only:
        context.untagged(b"OK [PERMANENTFLAGS ()] Read-only mailbox.")
    else:
        context.untagged(b"OK [PERMANENTFLAGS %b \\*)] Flags permitted." % flags[:-1])
