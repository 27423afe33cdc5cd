"""LIST: the names of mailboxes that fit a pattern. RFC 9051, 6.3.9; RFC 3501, 6.3.8; RFC 6154 for special use."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.protocol.imap import utf7
from simulator.protocol.imap.scanner import Malformed, Scanner
from simulator.protocol.imap.server.context import Context, Outcome, ok
from simulator.protocol.imap.view import ListedMailbox
from simulator.protocol.imap.writing import astring, string

_PATTERN_OCTETS = 512


def run(context: Context, scanner: Scanner) -> Outcome:
    """Show each mailbox that fits; an empty pattern asks for the delimiter only."""
    scanner.space()
    reference = scanner.astring("reference name")
    scanner.space()
    pattern = scanner.pattern()
    scanner.end()
    store = context.need_store()
    delimiter = string(store.delimiter.encode("ascii"))
    if not pattern:
        context.untagged(b'LIST (\\Noselect) %b ""' % delimiter)
        return ok("List completed.")
    if len(reference + pattern) > _PATTERN_OCTETS:
        raise Malformed(f"pattern of at most {_PATTERN_OCTETS} octets")
    wanted = utf7.decode(reference + pattern)
    mailboxes = store.list_mailboxes()
    parents = _parents(mailboxes, store.delimiter)
    for mailbox in mailboxes:
        if matches(mailbox.name, wanted, store.delimiter):
            context.untagged(_line(mailbox, delimiter, has_children=mailbox.name in parents))
    return ok("List completed.")


def _parents(mailboxes: Iterable[ListedMailbox], delimiter: str) -> frozenset[str]:
    return frozenset(mailbox.name.rpartition(delimiter)[0] for mailbox in mailboxes)


def _line(mailbox: ListedMailbox, delimiter: bytes, *, has_children: bool) -> bytes:
    children = "\\HasChildren" if has_children else "\\HasNoChildren"
    attributes = " ".join((children, *mailbox.attributes)).encode("ascii")
    return b"LIST (%b) %b %b" % (attributes, delimiter, astring(utf7.encode(mailbox.name)))


def matches(name: str, pattern: str, delimiter: str) -> bool:
    """Tell whether `name` fits `pattern`: `*` is anything, `%` anything but the delimiter.

    All places of the pattern that fit so far are carried along, so that no pattern costs more than name x pattern.
    INBOX fits in any case (RFC 9051, 5.1).
    """
    if name == "INBOX":
        pattern = pattern.upper()
    places = _past_wildcards({0}, pattern)
    for character in name:
        places = _past_wildcards(_step(places, pattern, character, delimiter), pattern)
        if not places:
            return False
    return len(pattern) in places


def _step(places: set[int], pattern: str, character: str, delimiter: str) -> set[int]:
    stepped: set[int] = set()
    for place in places:
        wanted = pattern[place : place + 1]
        if wanted == "*" or (wanted == "%" and character != delimiter):
            stepped.add(place)
        elif wanted == character:
            stepped.add(place + 1)
    return stepped


def _past_wildcards(places: set[int], pattern: str) -> set[int]:
    reached = set(places)
    for place in places:
        at = place
        while pattern[at : at + 1] in ("*", "%"):
            at += 1
            if at in reached:
                break
            reached.add(at)
    return reached
