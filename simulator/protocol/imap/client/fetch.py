"""Reads FETCH data. RFC 9051, 7.5.2."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Any, Final

from simulator.protocol.imap.client.data import Envelope, Fetch
from simulator.protocol.imap.fetch_items import STRUCTURES
from simulator.protocol.imap.scanner import Malformed, Scanner
from simulator.protocol.imap.view import Address

_SECTION: Final = re.compile(
    rb"(?:BODY|BINARY)\[[^\]\r\n]{0,4096}\](?:<\d{1,10}>)?|RFC822(?:\.HEADER|\.TEXT)?(?= )", re.I
)
_SECTION_INITIALS: Final = (b"B", b"b", b"R", b"r")
_PLAIN: Final = re.compile(rb'[^\s()"{]+')
_MAX_ADDRESSES: Final = 10_000
_DIGITS: Final = 20


def scan_fetch(scanner: Scanner, number: int) -> Fetch:
    """Read the list after `* n FETCH`; items unknown to this client are passed over."""
    scanner.space()
    scanner.expect(b"(", "list of fetch data")
    values: dict[str, Any] = {}
    sections: dict[str, bytes | None] = {}
    while not scanner.skip(b")"):
        if values or sections:
            scanner.space()
        section = scanner.match(_SECTION) if scanner.octets.startswith(_SECTION_INITIALS, scanner.at) else None
        if section:
            scanner.space()
            sections[section[0].decode("latin-1").upper()] = scanner.nstring()
        else:
            _attribute(scanner, values)
    scanner.end()
    values.pop("other", None)
    return Fetch(number=number, sections=MappingProxyType(sections), **values)


def _attribute(scanner: Scanner, values: dict[str, Any]) -> None:
    name = scanner.word("fetch item")
    scanner.space()
    match name:
        case "UID":
            values["uid"] = scanner.number()
        case "FLAGS":
            values["flags"] = frozenset(scanner.flags())
        case "INTERNALDATE":
            values["internal_date"] = (scanner.string() or b"").decode("latin-1")
        case "RFC822.SIZE":
            values["size"] = scanner.number64()
        case "ENVELOPE":
            values["envelope"] = _envelope(scanner)
        case _:
            value = _value(scanner)
            values["structure" if name in STRUCTURES else "other"] = value


def _envelope(scanner: Scanner) -> Envelope:
    scanner.expect(b"(", "envelope")
    date = _then_space(scanner)
    subject = _then_space(scanner)
    lists: list[tuple[Address, ...]] = []
    for _ in range(6):
        lists.append(_addresses(scanner))
        scanner.space()
    in_reply_to = _then_space(scanner)
    message_id = scanner.nstring()
    scanner.expect(b")", "end of the envelope")
    from_, sender, reply_to, to, cc, bcc = lists
    return Envelope(
        date=date,
        subject=subject,
        from_=from_,
        sender=sender,
        reply_to=reply_to,
        to=to,
        cc=cc,
        bcc=bcc,
        in_reply_to=in_reply_to,
        message_id=message_id,
    )


def _then_space(scanner: Scanner) -> bytes | None:
    value = scanner.nstring()
    scanner.space()
    return value


def _addresses(scanner: Scanner) -> tuple[Address, ...]:
    if scanner.nil():
        return ()
    scanner.expect(b"(", "list of addresses or NIL")
    addresses: list[Address] = []
    while not scanner.skip(b")"):
        scanner.skip(b" ")
        scanner.expect(b"(", "address")
        name, route, mailbox = _then_space(scanner), _then_space(scanner), _then_space(scanner)
        addresses.append((name, route, mailbox, scanner.nstring()))
        scanner.expect(b")", "end of the address")
        if len(addresses) > _MAX_ADDRESSES:
            raise Malformed(f"at most {_MAX_ADDRESSES} addresses")
    return tuple(addresses)


def _value(scanner: Scanner) -> object:
    """Read one value of any shape; lists are kept on a stack of our own, so that no nesting exhausts Python's."""
    open_lists: list[list[object]] = []
    while True:
        value: object = None
        if scanner.skip(b"("):
            open_lists.append([])
            continue
        if open_lists and scanner.skip(b")"):
            value = tuple(open_lists.pop())
        elif open_lists and scanner.skip(b" "):
            continue
        else:
            value = _leaf(scanner)
        if not open_lists:
            return value
        open_lists[-1].append(value)


def _leaf(scanner: Scanner) -> bytes | int | None:
    text = scanner.string()
    if text is not None:
        return text
    word = scanner.need(_PLAIN, "value")[0]
    if word.upper() == b"NIL":
        return None
    return int(word) if word.isdigit() and len(word) < _DIGITS else word
