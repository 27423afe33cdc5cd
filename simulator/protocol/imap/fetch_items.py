"""The items of FETCH: read from a command, and written back as the label of the answer.

Server and client read them with the same code, so that a client cannot send what its server would not read.
RFC 9051, 6.4.5; RFC 3501 for RFC822, RFC822.HEADER and RFC822.TEXT.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from simulator.protocol.imap.scanner import Malformed, Scanner
from simulator.protocol.imap.writing import astring

MACROS: Final[Mapping[str, tuple[str, ...]]] = {
    "ALL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"),
    "FAST": ("FLAGS", "INTERNALDATE", "RFC822.SIZE"),
    "FULL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"),
}
SIMPLE: Final = frozenset({"FLAGS", "UID", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"})
STRUCTURES: Final = frozenset({"BODY", "BODYSTRUCTURE"})
_RFC822: Final[Mapping[str, tuple[str | None, bool]]] = {
    "RFC822": (None, False),
    "RFC822.HEADER": ("HEADER", True),
    "RFC822.TEXT": ("TEXT", False),
}
_PART: Final = re.compile(rb"[1-9]\d{0,4}(?:\.[1-9]\d{0,4})*+")
_TEXT: Final = re.compile(rb"HEADER\.FIELDS\.NOT|HEADER\.FIELDS|HEADER|TEXT|MIME", re.IGNORECASE)
_PARTIAL: Final = re.compile(rb"<(\d{1,10})\.([1-9]\d{0,9})>")
_MAX_ITEMS: Final = 1_000
_REMEMBERED_OCTETS: Final = 256
"""How long items may be to be remembered: those that mail programs ask for again and again are shorter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    r"""One thing to fetch: a simple one (`numbers` empty, `section` false) or a section of the message.

    `label` is how the answer names it; `peek` is true if it leaves `\Seen` alone; `partial` is (start, octets).
    """

    name: str
    label: bytes
    section: bool = False
    numbers: tuple[int, ...] = ()
    part: str | None = None
    fields: tuple[str, ...] = ()
    peek: bool = True
    partial: tuple[int, int] | None = None


def _simple(name: str) -> Item:
    return Item(name=name, label=name.encode("ascii"))


def scan_items(scanner: Scanner) -> tuple[Item, ...]:
    """Read a macro, one item, or a list of items; structures come out as simple items for the caller to refuse."""
    if len(scanner.octets) - scanner.at > _REMEMBERED_OCTETS:
        return _scan_items(scanner)
    items, octets = _remembered(scanner.octets[scanner.at :])
    scanner.at += octets
    return items


@lru_cache(maxsize=256)
def _remembered(octets: bytes) -> tuple[tuple[Item, ...], int]:
    """Read the items that begin here, and how many octets they are; remembered, because they hang on these alone."""
    scanner = Scanner(octets)
    return _scan_items(scanner), scanner.at


def _scan_items(scanner: Scanner) -> tuple[Item, ...]:
    if not scanner.skip(b"("):
        return _macro_or_item(scanner)
    items = [_item(scanner, scanner.word("fetch item"))]
    while scanner.skip(b" "):
        items.append(_item(scanner, scanner.word("fetch item")))
        if len(items) > _MAX_ITEMS:
            raise Malformed(f"at most {_MAX_ITEMS} fetch items")
    scanner.expect(b")", "end of the fetch items")
    return tuple(items)


def _macro_or_item(scanner: Scanner) -> tuple[Item, ...]:
    name = scanner.word("fetch item")
    if name in MACROS:
        return tuple(_simple(item) for item in MACROS[name])
    return (_item(scanner, name),)


def _item(scanner: Scanner, name: str) -> Item:
    if name in ("BODY", "BODY.PEEK") and scanner.skip(b"["):
        return _section(scanner, peek=name == "BODY.PEEK")
    if name in SIMPLE or name in STRUCTURES:
        return _simple(name)
    if name in _RFC822:
        part, peek = _RFC822[name]
        return Item(name=name, label=name.encode("ascii"), section=True, part=part, peek=peek)
    raise Malformed("known fetch item")


def _section(scanner: Scanner, *, peek: bool) -> Item:
    numbers = _numbers(scanner)
    part = _part(scanner, numbers)
    fields = _fields(scanner) if part and part.startswith("HEADER.") else ()
    scanner.expect(b"]", "end of the section")
    found = scanner.match(_PARTIAL)
    partial = (int(found[1]), int(found[2])) if found else None
    return Item(
        name="BODY",
        label=_label(numbers, part, fields) + (b"<%d>" % partial[0] if partial else b""),
        section=True,
        numbers=numbers,
        part=part,
        fields=tuple(field.decode("latin-1").upper() for field in fields),
        peek=peek,
        partial=partial,
    )


def _numbers(scanner: Scanner) -> tuple[int, ...]:
    found = scanner.match(_PART)
    return tuple(map(int, found[0].split(b"."))) if found else ()


def _part(scanner: Scanner, numbers: tuple[int, ...]) -> str | None:
    if numbers and not scanner.skip(b"."):
        return None
    found = scanner.match(_TEXT)
    if found is None:
        if numbers:
            raise Malformed("section text")
        return None
    part = found[0].decode("ascii").upper()
    if part == "MIME" and not numbers:
        raise Malformed("part number before MIME")  # RFC 9051, 6.4.5.1
    return part


def _fields(scanner: Scanner) -> tuple[bytes, ...]:
    scanner.space()
    scanner.expect(b"(", "list of header field names")
    fields = [scanner.astring("header field name")]
    while scanner.skip(b" "):
        fields.append(scanner.astring("header field name"))
    scanner.expect(b")", "end of the header field names")
    return tuple(fields)


def _label(numbers: tuple[int, ...], part: str | None, fields: tuple[bytes, ...]) -> bytes:
    words = ".".join((*map(str, numbers), *((part,) if part else ()))).encode("ascii")
    names = b" (" + b" ".join(map(astring, fields)) + b")" if fields else b""
    return b"BODY[" + words + names + b"]"
