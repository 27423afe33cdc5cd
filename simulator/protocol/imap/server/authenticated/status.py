"""STATUS: counts of a mailbox without selecting it. RFC 9051, 6.3.11; RFC 3501, 6.3.10 for RECENT."""

from __future__ import annotations

from simulator.protocol.imap.scanner import Malformed, Scanner
from simulator.protocol.imap.server.context import Context, Outcome, mailbox_name, no_such_mailbox, ok, shown_name
from simulator.protocol.imap.status_items import ITEMS
from simulator.protocol.imap.view import Mailbox


def run(context: Context, scanner: Scanner) -> Outcome:
    """Count what is asked."""
    scanner.space()
    octets = scanner.astring("mailbox name")
    scanner.space()
    items = scan_items(scanner)
    scanner.end()
    if not tell(context, mailbox_name(octets), items):
        return no_such_mailbox(octets)
    return ok("Status completed.")


def tell(context: Context, name: str, items: frozenset[str]) -> bool:
    """Send `* STATUS` for a mailbox; false if there is none. LIST RETURN (STATUS ...) uses it too (RFC 5819)."""
    view = context.need_store().open(name, read_only=True)
    if view is None:
        return False
    counts = _counts(view)
    text = " ".join(f"{item} {counts[item]}" for item in ITEMS if item in items)
    context.untagged(b"STATUS %b (%b)" % (shown_name(context, name), text.encode("ascii")))
    return True


def scan_items(scanner: Scanner) -> frozenset[str]:
    """Read a list of items in parentheses."""
    scanner.expect(b"(", "list of status items")
    items = {_item(scanner)}
    while scanner.skip(b" "):
        items.add(_item(scanner))
    scanner.expect(b")", "end of the list of status items")
    return frozenset(items)


def _item(scanner: Scanner) -> str:
    item = scanner.word("status item")
    if item not in ITEMS:
        raise Malformed("known status item")
    return item


def _counts(view: Mailbox) -> dict[str, int]:
    messages = view.messages()
    return {
        "MESSAGES": len(messages),
        "RECENT": len(view.recent()),
        "UIDNEXT": view.uid_next,
        "UIDVALIDITY": view.uid_validity,
        "UNSEEN": sum("\\Seen" not in message.flags for message in messages),
        "SIZE": sum(message.size for message in messages),
    }
