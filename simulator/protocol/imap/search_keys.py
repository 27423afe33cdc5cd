"""The keys of SEARCH, read into a tree.

Server and client read them with the same code; nesting is bounded, so that no line of brackets exhausts the stack.
RFC 9051, 6.4.4; RFC 3501, 6.4.4 for NEW, OLD and RECENT.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from simulator.errors import RemoteProtocolError
from simulator.limits import MIME_NESTING
from simulator.protocol.imap import sequence
from simulator.protocol.imap.scanner import Malformed, Scanner
from simulator.protocol.imap.writing import MONTHS

FLAG_KEYS: Final = {
    "ANSWERED": "\\Answered",
    "DELETED": "\\Deleted",
    "DRAFT": "\\Draft",
    "FLAGGED": "\\Flagged",
    "SEEN": "\\Seen",
}
FIELD_KEYS: Final = frozenset({"BCC", "CC", "FROM", "SUBJECT", "TO"})
TEXT_KEYS: Final = frozenset({"BODY", "TEXT"})
DATE_KEYS: Final = frozenset({"BEFORE", "ON", "SINCE", "SENTBEFORE", "SENTON", "SENTSINCE"})
SIZE_KEYS: Final = frozenset({"LARGER", "SMALLER"})
RECENT_KEYS: Final = frozenset({"NEW", "OLD", "RECENT"})
CHARSETS: Final = ("UTF-8", "US-ASCII", "ISO-8859-1", "KOI8-R", "WINDOWS-1251")
"""In which search text may come; all but the first two are there for old mail programs."""

_DATE: Final = re.compile(rb'("?)(\d{1,2})-([A-Za-z]{3})-(\d{4})\1')
_MONTHS: Final = {month.upper(): number for number, month in enumerate(MONTHS, 1)}
_CHARSET: Final = re.compile(rb"CHARSET ", re.IGNORECASE)
_SET_BEGINS: Final = re.compile(rb"[1-9*]")


class UnknownCharset(RemoteProtocolError):
    """SEARCH CHARSET names one we do not have; NO [BADCHARSET] (RFC 9051, 6.4.4)."""


@dataclass(frozen=True, slots=True)
class Flag:
    r"""The flag is set. KEYWORD names keep their case here; they are compared without."""

    flag: str


@dataclass(frozen=True, slots=True)
class Recent:
    """NEW, OLD or RECENT."""

    key: str


@dataclass(frozen=True, slots=True)
class Header:
    """A header field holds `text` (casefolded; "" asks only for the field)."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """The body (`whole` false) or the whole message holds `text` (casefolded)."""

    text: str
    whole: bool


@dataclass(frozen=True, slots=True)
class Dated:
    """The internal date, or with `sent` the Date field, compares so ("<", "=", ">=") with `day`."""

    sent: bool
    relation: str
    day: date


@dataclass(frozen=True, slots=True)
class Sized:
    """RFC822.SIZE is over `octets` (`larger`) or under."""

    larger: bool
    octets: int


@dataclass(frozen=True, slots=True)
class Numbered:
    """The message number or UID is in the set."""

    ranges: sequence.SequenceSet
    by_uid: bool


@dataclass(frozen=True, slots=True)
class Not:
    """The key does not hold."""

    key: Key


@dataclass(frozen=True, slots=True)
class Either:
    """One of two keys holds."""

    first: Key
    second: Key


@dataclass(frozen=True, slots=True)
class Every:
    """All keys hold; ALL is every one of none."""

    keys: tuple[Key, ...]


Key = Flag | Recent | Header | Text | Dated | Sized | Numbered | Not | Either | Every


def scan_program(scanner: Scanner, *, names_charset: bool = True) -> Every:
    """Read `[CHARSET name] key ...` up to the end of the command; with `names_charset` false CHARSET is no key."""
    charset = "UTF-8"
    if names_charset and scanner.match(_CHARSET):
        charset = scanner.astring("charset").decode("latin-1").upper()
        if charset not in CHARSETS:
            raise UnknownCharset("unknown charset", f"[BADCHARSET ({' '.join(CHARSETS)})] Unknown charset.")
        scanner.space()
    reader = _Reader(scanner, charset)
    keys = [reader.key(0)]
    while scanner.skip(b" "):
        keys.append(reader.key(0))
    scanner.end()
    return Every(tuple(keys))


class _Reader:
    """Reads keys whose text is in one charset."""

    __slots__ = ("_charset", "_scanner")

    def __init__(self, scanner: Scanner, charset: str) -> None:
        self._scanner = scanner
        self._charset = charset

    def key(self, depth: int) -> Key:
        """Read one key; what is nested too deep is malformed."""
        scanner = self._scanner
        if depth > MIME_NESTING:
            raise Malformed(f"search keys nested at most {MIME_NESTING} deep")
        if scanner.skip(b"("):
            return self._group(depth + 1)
        if _SET_BEGINS.match(scanner.octets, scanner.at):
            return Numbered(sequence.scan(scanner), by_uid=False)
        name = scanner.word("search key")
        if name == "NOT":
            scanner.space()
            return Not(self.key(depth + 1))
        if name == "OR":
            scanner.space()
            first = self.key(depth + 1)
            scanner.space()
            return Either(first, self.key(depth + 1))
        return _bare(name) or self._with_argument(name)

    def _group(self, depth: int) -> Every:
        keys = [self.key(depth)]
        while self._scanner.skip(b" "):
            keys.append(self.key(depth))
        self._scanner.expect(b")", "end of the group of search keys")
        return Every(tuple(keys))

    def _with_argument(self, name: str) -> Key:
        scanner = self._scanner
        scanner.space()
        if name in FIELD_KEYS:
            return Header(name, self._text())
        if name in TEXT_KEYS:
            return Text(self._text(), whole=name == "TEXT")
        if name in DATE_KEYS:
            return _dated(scanner, name)
        if name in SIZE_KEYS:
            return Sized(larger=name == "LARGER", octets=scanner.number64())
        return self._rarer(name)

    def _rarer(self, name: str) -> Key:
        scanner = self._scanner
        match name:
            case "HEADER":
                field = scanner.astring("header field name").decode("latin-1").upper()
                scanner.space()
                return Header(field, self._text())
            case "KEYWORD":
                return Flag(scanner.atom("keyword").decode("ascii"))
            case "UNKEYWORD":
                return Not(Flag(scanner.atom("keyword").decode("ascii")))
            case "UID":
                return Numbered(sequence.scan(scanner), by_uid=True)
        raise Malformed("known search key")

    def _text(self) -> str:
        try:
            return self._scanner.astring("search text").decode(self._charset).casefold()
        except UnicodeDecodeError as error:
            raise Malformed(f"search text in {self._charset}") from error


def _bare(name: str) -> Key | None:
    if name == "ALL":
        return Every(())
    if name in FLAG_KEYS:
        return Flag(FLAG_KEYS[name])
    if name in RECENT_KEYS:
        return Recent(name)
    if name.startswith("UN") and name[2:] in FLAG_KEYS:
        return Not(Flag(FLAG_KEYS[name[2:]]))
    return None


def _dated(scanner: Scanner, name: str) -> Dated:
    found = scanner.need(_DATE, "date such as 1-Jan-2026")
    month = _MONTHS.get(found[3].decode("ascii").upper(), 0)
    try:
        day = date(int(found[4]), month, int(found[2]))
    except ValueError as error:
        raise Malformed("date that exists") from error
    sent = name.startswith("SENT")
    relation = {"BEFORE": "<", "ON": "=", "SINCE": ">="}[name.removeprefix("SENT")]
    return Dated(sent, relation, day)
