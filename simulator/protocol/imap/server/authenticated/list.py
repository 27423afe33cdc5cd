"""LIST: the names of mailboxes that fit a pattern. RFC 9051, 6.3.9; RFC 3501, 6.3.8; RFC 5258; RFC 6154."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.protocol.imap.scanner import Scanner
from simulator.protocol.imap.server.authenticated import list_options, status
from simulator.protocol.imap.server.authenticated.list_options import Wanted
from simulator.protocol.imap.server.authenticated.patterns import matches, parents, with_levels
from simulator.protocol.imap.server.context import Context, Outcome, ok, shown_name
from simulator.protocol.imap.view import ListedMailbox, Store
from simulator.protocol.imap.writing import string


def run(context: Context, scanner: Scanner) -> Outcome:
    """Show each mailbox that fits; an empty pattern asks for the delimiter only."""
    wanted = list_options.scan(scanner)
    store = context.need_store()
    delimiter = string(store.delimiter.encode("ascii"))
    if wanted.patterns == ("",):
        context.untagged(b'LIST (\\Noselect) %b ""' % delimiter)
        return ok("List completed.")
    tree = _Tree(store, wanted)
    for name in tree.names():
        attributes = " ".join(tree.attributes(name)).encode("ascii")
        line = b"LIST (%b) %b %b" % (attributes, delimiter, shown_name(context, name))
        context.untagged(line + tree.child_info(name))
        if wanted.status and name in tree.mailboxes:
            status.tell(context, name, wanted.status)
    return ok("List completed.")


class _Tree:
    """The names that one LIST may show, with what is known of each."""

    __slots__ = ("_parents", "_store", "_subscribed", "_wanted", "mailboxes")

    def __init__(self, store: Store, wanted: Wanted) -> None:
        self._store = store
        self._wanted = wanted
        self.mailboxes: dict[str, ListedMailbox] = {mailbox.name: mailbox for mailbox in store.list_mailboxes()}
        self._subscribed = frozenset(store.subscriptions()) if wanted.tells("SUBSCRIBED") else frozenset()
        self._parents = frozenset(level for name in self.mailboxes for level in parents(name, store.delimiter))

    def names(self) -> Iterator[str]:
        """Give the names to show, in the store's order, levels that are no mailboxes before what is below them."""
        wanted = self._wanted
        candidates = [*self.mailboxes, *sorted(self._subscribed - self.mailboxes.keys())]
        levels = not wanted.selection or "RECURSIVEMATCH" in wanted.selection
        known = with_levels(candidates, self._store.delimiter) if levels else dict.fromkeys(candidates, True)
        for name in known:
            fits = any(matches(name, pattern, self._store.delimiter) for pattern in wanted.patterns)
            if fits and (self._selected(name) or self._selected_below(name)):
                yield name

    def attributes(self, name: str) -> Iterator[str]:
        """Give a name's attributes in Dovecot's order."""
        wanted, mailbox = self._wanted, self.mailboxes.get(name)
        if name in self._subscribed and wanted.tells("SUBSCRIBED"):
            yield "\\Subscribed"
        if mailbox is None:
            yield "\\NonExistent" if wanted.extended else "\\Noselect"
        if wanted.tells("CHILDREN"):
            yield "\\HasChildren" if name in self._parents else "\\HasNoChildren"
        if mailbox is not None and wanted.tells("SPECIAL-USE"):
            yield from mailbox.attributes

    def child_info(self, name: str) -> bytes:
        """Say that something below was asked for though the name itself was not (RFC 5258, 3.5)."""
        if "SUBSCRIBED" in self._wanted.selection and self._selected_below(name):
            return b' ("CHILDINFO" ("SUBSCRIBED"))'
        return b""

    def _selected(self, name: str) -> bool:
        selection, mailbox = self._wanted.selection, self.mailboxes.get(name)
        if "SUBSCRIBED" in selection and name not in self._subscribed:
            return False
        return "SPECIAL-USE" not in selection or (mailbox is not None and bool(mailbox.attributes))

    def _selected_below(self, name: str) -> bool:
        if "RECURSIVEMATCH" not in self._wanted.selection:
            return False
        below = name + self._store.delimiter
        return any(child.startswith(below) and self._selected(child) for child in (*self.mailboxes, *self._subscribed))
