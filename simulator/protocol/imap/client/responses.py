"""Reads one whole response of a server: tagged, untagged or a continuation.

RFC 9051, 7 and 9 (response); what is unknown comes out as `Other`, what is broken raises `Malformed`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from simulator.errors import RemoteProtocolError
from simulator.protocol.imap import utf7
from simulator.protocol.imap.client import data
from simulator.protocol.imap.client.fetch import scan_fetch
from simulator.protocol.imap.scanner import TAG, WORD, Scanner

_RESP_TEXT: Final = re.compile(rb"(?: (?:\[([A-Za-z0-9.\-]+)(?: ([^\]\r\n]*))?\] ?)?([^\r\n]*))?\r\n\Z")
_NUMBERED: Final = re.compile(rb"(\d{1,10}) (EXISTS|RECENT|EXPUNGE|FETCH)(?=[ \r])", re.IGNORECASE)
_REMEMBERED_OCTETS: Final = 256
"""How long a response may be to be remembered: longer ones hold letters, and are hardly ever said twice."""
_STATUSES: Final = frozenset({"OK", "NO", "BAD", "BYE", "PREAUTH"})


class Tagged(NamedTuple):
    """A command's final response."""

    tag: str
    condition: data.Condition


class Continue(NamedTuple):
    """The server waits for the rest of the command; `text` is what follows `+ `, an exchange's challenge."""

    text: bytes


def read(octets: bytes) -> Tagged | Continue | data.Untagged:
    """Read one response, CRLF at its end."""
    return _read(octets) if len(octets) > _REMEMBERED_OCTETS else _remembered(octets)


@lru_cache(maxsize=512)
def _remembered(octets: bytes) -> Tagged | Continue | data.Untagged:
    """Read a short response; remembered, because what it says hangs on its octets alone, and nothing changes it."""
    return _read(octets)


def _read(octets: bytes) -> Tagged | Continue | data.Untagged:
    scanner = Scanner(octets)
    if scanner.skip(b"* "):
        return _untagged(scanner)
    if scanner.skip(b"+"):
        return Continue(octets[scanner.at :].removesuffix(b"\r\n").removeprefix(b" "))
    tag = scanner.need(TAG, "tag")[1].decode("ascii")
    scanner.space()
    return Tagged(tag, _condition(scanner, scanner.word("status")))


def _untagged(scanner: Scanner) -> data.Untagged:
    numbered = scanner.match(_NUMBERED)
    if numbered:
        return _numbered(scanner, int(numbered[1]), numbered[2].upper())
    start = scanner.at
    word = scanner.match(WORD)
    name = word[0].decode("ascii").upper() if word else ""
    if name in _STATUSES:
        return _condition(scanner, name)
    reader = _READERS.get(name)
    return reader(scanner) if reader else data.Other(scanner.octets[start:-2])


def _numbered(scanner: Scanner, number: int, name: bytes) -> data.Untagged:
    if name == b"FETCH":
        return scan_fetch(scanner, number)
    scanner.end()
    if name == b"EXISTS":
        return data.Exists(number)
    return data.Recent(number) if name == b"RECENT" else data.Expunge(number)


def _condition(scanner: Scanner, status: str) -> data.Condition:
    if status not in _STATUSES:
        raise RemoteProtocolError("a final response that is neither OK, NO nor BAD")
    found = scanner.need(_RESP_TEXT, "response text")
    code, argument, text = found.groups(b"")
    return data.Condition(
        status,
        code.decode("ascii").upper() if code else None,
        argument.decode("utf-8", "replace"),
        text.decode("utf-8", "replace"),
    )


def _capability(scanner: Scanner) -> data.Untagged:
    names: list[str] = []
    while scanner.skip(b" ") and not scanner.at_end():
        names.append(scanner.atom("capability").decode("ascii").upper())
    scanner.end()
    return data.Capabilities(tuple(names))


def _list(scanner: Scanner) -> data.Untagged:
    return data.ListEntry(*_listed(scanner))


def _lsub(scanner: Scanner) -> data.Untagged:
    return data.Subscription(*_listed(scanner))


def _listed(scanner: Scanner) -> tuple[tuple[str, ...], str | None, str]:
    scanner.space()
    attributes = scanner.flags()
    scanner.space()
    delimiter = scanner.nstring()
    scanner.space()
    name = _mailbox(scanner)
    if not scanner.skip(b" ("):  # extended data, such as CHILDINFO (RFC 5258, 3.5), is passed over
        scanner.end()
    return attributes, None if delimiter is None else delimiter.decode("latin-1"), name


def _mailbox(scanner: Scanner) -> str:
    octets = scanner.astring("mailbox name")
    name = utf7.decode(octets) if octets.isascii() else octets.decode("utf-8", "replace")
    return "INBOX" if name.upper() == "INBOX" else name


def _status(scanner: Scanner) -> data.Untagged:
    scanner.space()
    name = _mailbox(scanner)
    scanner.space()
    scanner.expect(b"(", "list of counts")
    counts: dict[str, int] = {}
    while not scanner.skip(b")"):
        if counts:
            scanner.space()
        item = scanner.word("status item")
        scanner.space()
        counts[item] = scanner.number64()
    scanner.skip(b" ")  # Exchange sends one
    scanner.end()
    return data.Status(name, MappingProxyType(counts))


def _flags(scanner: Scanner) -> data.Untagged:
    scanner.space()
    flags = scanner.flags()
    scanner.end()
    return data.Flags(flags)


def _search(scanner: Scanner) -> data.Untagged:
    numbers: list[int] = []
    while scanner.skip(b" ") and not scanner.at_end():
        numbers.append(scanner.number())
    scanner.end()
    return data.Search(tuple(numbers))


def _enabled(scanner: Scanner) -> data.Untagged:
    names: list[str] = []
    while scanner.skip(b" ") and not scanner.at_end():
        names.append(scanner.atom("capability").decode("ascii").upper())
    scanner.end()
    return data.Enabled(tuple(names))


def _quota_root(scanner: Scanner) -> data.Untagged:
    scanner.space()
    name = _mailbox(scanner)
    roots: list[str] = []
    while scanner.skip(b" "):
        roots.append(scanner.astring("quota root").decode("utf-8", "replace"))
    scanner.end()
    return data.QuotaRoots(name, tuple(roots))


def _quota(scanner: Scanner) -> data.Untagged:
    scanner.space()
    root = scanner.astring("quota root").decode("utf-8", "replace")
    scanner.space()
    scanner.expect(b"(", "list of resources")
    resources: dict[str, tuple[int, int]] = {}
    while not scanner.skip(b")"):
        if resources:
            scanner.space()
        name = scanner.word("resource")
        scanner.space()
        usage = scanner.number64()
        scanner.space()
        resources[name] = usage, scanner.number64()
    scanner.end()
    return data.Quota(root, MappingProxyType(resources))


_READERS: Final[Mapping[str, Callable[[Scanner], data.Untagged]]] = MappingProxyType(
    {
        "CAPABILITY": _capability,
        "ENABLED": _enabled,
        "LIST": _list,
        "LSUB": _lsub,
        "STATUS": _status,
        "FLAGS": _flags,
        "SEARCH": _search,
        "QUOTAROOT": _quota_root,
        "QUOTA": _quota,
    }
)
