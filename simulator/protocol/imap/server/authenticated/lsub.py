"""LSUB: the names that the user wants to see. RFC 3501, 6.3.9."""

from __future__ import annotations

from simulator.protocol.imap.scanner import Malformed, Scanner
from simulator.protocol.imap.server.authenticated import list_options
from simulator.protocol.imap.server.authenticated.patterns import matches, with_levels
from simulator.protocol.imap.server.context import Context, Outcome, ok, shown_name
from simulator.protocol.imap.writing import string


def run(context: Context, scanner: Scanner) -> Outcome:
    """Show each name that fits; with `%` also the levels above, so that nobody has to guess them."""
    wanted = list_options.scan(scanner)
    if wanted.extended:
        raise Malformed("plain pattern")
    (pattern,) = wanted.patterns
    store = context.need_store()
    delimiter = string(store.delimiter.encode("ascii"))
    mailboxes = {mailbox.name: mailbox.attributes for mailbox in store.list_mailboxes()}
    for name, is_subscribed in with_levels(store.subscriptions(), store.delimiter).items():
        if not (is_subscribed or "%" in pattern) or not matches(name, pattern, store.delimiter):
            continue
        is_there = is_subscribed and name in mailboxes
        attributes = " ".join(mailboxes[name] if is_there else ("\\Noselect",)).encode("ascii")
        context.untagged(b"LSUB (%b) %b %b" % (attributes, delimiter, shown_name(context, name)))
    return ok("Lsub completed.")
