"""What a LIST command asks for: patterns, and the options of extended LIST. RFC 9051, 6.3.9; RFC 5258; RFC 5819."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from simulator.protocol.imap.scanner import Malformed, Scanner
from simulator.protocol.imap.server.authenticated.status import scan_items
from simulator.protocol.imap.server.context import mailbox_pattern

_SELECTION: Final = frozenset({"SUBSCRIBED", "REMOTE", "RECURSIVEMATCH", "SPECIAL-USE"})
_RETURN: Final = frozenset({"SUBSCRIBED", "CHILDREN", "SPECIAL-USE"})
_PATTERN_OCTETS: Final = 512
_MAX_PATTERNS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A LIST command; `extended` is false for the plain one of RFC 3501, `status` names STATUS items or is empty."""

    patterns: tuple[str, ...]
    selection: frozenset[str]
    returned: frozenset[str]
    status: frozenset[str]
    extended: bool

    def tells(self, option: str) -> bool:
        """Whether the answer shall tell of SUBSCRIBED, CHILDREN or SPECIAL-USE; plain LIST tells the last two."""
        if not self.extended:
            return option != "SUBSCRIBED"
        return option in self.returned or option in self.selection


def scan(scanner: Scanner) -> Wanted:
    """Read everything after the verb."""
    scanner.space()
    selects = scanner.octets.startswith(b"(", scanner.at)
    selection = _options(scanner, _SELECTION) if selects else frozenset()
    if "RECURSIVEMATCH" in selection and not selection & {"SUBSCRIBED", "SPECIAL-USE"}:
        raise Malformed("RECURSIVEMATCH with SUBSCRIBED")  # RFC 5258, 3.1
    if selects:
        scanner.space()
    reference = scanner.astring("reference name")
    scanner.space()
    several = scanner.octets.startswith(b"(", scanner.at)
    patterns = _patterns(scanner) if several else (scanner.pattern(),)
    returns = scanner.skip(b" RETURN ")
    returned, status = _returned(scanner) if returns else (frozenset(), frozenset())
    scanner.end()
    if any(len(reference + pattern) > _PATTERN_OCTETS for pattern in patterns):
        raise Malformed(f"pattern of at most {_PATTERN_OCTETS} octets")
    return Wanted(
        patterns=tuple(mailbox_pattern(reference + pattern) if pattern else "" for pattern in patterns),
        selection=selection,
        returned=returned,
        status=status,
        extended=selects or several or returns,
    )


def _patterns(scanner: Scanner) -> tuple[bytes, ...]:
    scanner.expect(b"(", "list of patterns")
    patterns = [scanner.pattern()]
    while scanner.skip(b" "):
        patterns.append(scanner.pattern())
    scanner.expect(b")", "end of the patterns")
    if len(patterns) > _MAX_PATTERNS:
        raise Malformed(f"at most {_MAX_PATTERNS} patterns")
    return tuple(patterns)


def _options(scanner: Scanner, known: frozenset[str]) -> frozenset[str]:
    scanner.expect(b"(", "list of options")
    options: set[str] = set()
    while not scanner.skip(b")"):
        if options:
            scanner.space()
        option = scanner.word("option")
        if option not in known:
            raise Malformed("known option")
        options.add(option)
    return frozenset(options)


def _returned(scanner: Scanner) -> tuple[frozenset[str], frozenset[str]]:
    scanner.expect(b"(", "list of options")
    options: set[str] = set()
    status: frozenset[str] = frozenset()
    while not scanner.skip(b")"):
        if options or status:
            scanner.space()
        option = scanner.word("option")
        if option == "STATUS":
            scanner.space()
            status = scan_items(scanner)
        elif option in _RETURN:
            options.add(option)
        else:
            raise Malformed("known option")
    return frozenset(options), status
