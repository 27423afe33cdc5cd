"""SEARCH and UID SEARCH: which messages fit. RFC 9051, 6.4.4; RFC 3501, 7.2.5 for the answer."""

from __future__ import annotations

from datetime import date

from simulator.protocol.imap.scanner import Scanner
from simulator.protocol.imap.search_keys import (
    Dated,
    Either,
    Every,
    Flag,
    Header,
    Key,
    Not,
    Numbered,
    Recent,
    Sized,
    Text,
    UnknownCharset,
    scan_program,
)
from simulator.protocol.imap.server.context import Context, Outcome, no, ok
from simulator.protocol.imap.server.selected.mailbox import SelectedMailbox
from simulator.protocol.imap.server.selected.search_text import body_text, field_text, sent_day
from simulator.protocol.imap.view import Message
from simulator.protocol.imap.writing import moment


def search(context: Context, scanner: Scanner) -> Outcome:
    """Answer with message numbers."""
    return _run(context, scanner, by_uid=False)


def uid_search(context: Context, scanner: Scanner) -> Outcome:
    """Answer with UIDs."""
    return _run(context, scanner, by_uid=True)


def _run(context: Context, scanner: Scanner, *, by_uid: bool) -> Outcome:
    scanner.space()
    try:
        program = scan_program(scanner, names_charset=not context.utf8)  # RFC 6855, 3
    except UnknownCharset as error:
        return no(str(error.reply))
    selected = context.need_selected()
    matcher = _Matcher(selected, program)
    found = [number for number in range(1, len(selected.uids) + 1) if matcher.fits(number)]
    shown = [selected.uids[number - 1] for number in found] if by_uid else found
    context.untagged(" ".join(("SEARCH", *map(str, shown))).encode("ascii"))
    return ok("Search completed.")


class _Matcher:
    """One search over one mailbox; sets are looked up once and not once a message."""

    __slots__ = ("_program", "_selected", "_sets")

    def __init__(self, selected: SelectedMailbox, program: Every) -> None:
        self._selected = selected
        self._program = program
        self._sets: dict[Numbered, frozenset[int]] = {}
        self._look_up_sets(program)

    def _look_up_sets(self, key: Key) -> None:
        match key:
            case Numbered(ranges, by_uid):
                self._sets[key] = frozenset(self._selected.numbers(ranges, by_uid=by_uid))
            case Every(keys):
                for inner in keys:
                    self._look_up_sets(inner)
            case Either(first, second):
                self._look_up_sets(first)
                self._look_up_sets(second)
            case Not(inner):
                self._look_up_sets(inner)

    def fits(self, number: int) -> bool:
        message = self._selected.message(number)
        return message is not None and self._fits(self._program, number, message)

    def _fits(self, key: Key, number: int, message: Message) -> bool:
        match key:
            case Every(keys):
                return all(self._fits(inner, number, message) for inner in keys)
            case Either(first, second):
                return self._fits(first, number, message) or self._fits(second, number, message)
            case Not(inner):
                return not self._fits(inner, number, message)
            case Numbered():
                return number in self._sets[key]
            case Flag(flag):
                return self._selected.spelling(flag) in self._selected.flags(message.uid)
            case Recent(name):
                return self._recent(name, message.uid)
        return _message_fits(key, message)

    def _recent(self, name: str, uid: int) -> bool:
        recent = self._selected.is_recent(uid)
        if name == "NEW":
            return recent and "\\Seen" not in self._selected.flags(uid)
        return recent if name == "RECENT" else not recent


def _message_fits(key: Header | Text | Dated | Sized, message: Message) -> bool:
    match key:
        case Sized(larger, octets):
            return message.size > octets if larger else message.size < octets
        case Dated(sent, relation, day):
            return _compares(sent_day(message) if sent else moment(message.internal_date).date(), relation, day)
        case Header(field, text):
            value = field_text(message, field)
            return value is not None and text in value
        case Text(text, whole):
            return (whole and text in (field_text(message, None) or "")) or text in body_text(message)


def _compares(actual: date | None, relation: str, day: date) -> bool:
    if actual is None:
        return False
    if relation == "<":
        return actual < day
    return actual == day if relation == "=" else actual >= day
