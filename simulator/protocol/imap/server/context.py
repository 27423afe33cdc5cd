"""What one command handler may see and do: output, events, store and selected mailbox of its session.

Handlers get this and not the core, so that none of them can touch state, framing or another command.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from simulator.protocol.imap import utf7
from simulator.protocol.imap.scanner import Malformed
from simulator.protocol.imap.server.events import Event, Login
from simulator.protocol.imap.server.selected.mailbox import SelectedMailbox
from simulator.protocol.imap.view import Store
from simulator.protocol.imap.writing import astring

_KEPT: Final = 32
_PRINTABLE: Final = re.compile(rb"[\x20-\x7e]{1,255}")


class Outcome(NamedTuple):
    """A tagged response without its tag."""

    status: str
    text: str


def ok(text: str) -> Outcome:
    """OK: it was done."""
    return Outcome("OK", text)


def no(text: str) -> Outcome:
    """NO: understood, but it cannot be done."""
    return Outcome("NO", text)


def bad(text: str) -> Outcome:
    """BAD: not understood, or not now."""
    return Outcome("BAD", text)


class Continuation(Protocol):
    """A command that goes on with lines of its own: AUTHENTICATE, IDLE."""

    def take(self, context: Context, line: bytes) -> Result | None:
        """Take a line without its CRLF; None if another is to come."""


Result = Outcome | Login | Continuation
"""What a handler gives: the final response, or a question to policy, or that the client goes on."""


@dataclass(slots=True, kw_only=True)
class Terms:
    """On what terms a client may log in, now: TLS may be started, passwords may come, these mechanisms are offered.

    `nonce` is the session's own, "" where no mechanism needs one; `hostname` stands in challenges.
    """

    tls_available: bool
    tls: bool
    login_allowed: bool
    mechanisms: tuple[str, ...]
    nonce: str = ""
    hostname: str = "localhost"
    exchanges: int = 0

    def fresh_nonce(self) -> str:
        """Give a nonce that this session has not used."""
        self.exchanges += 1
        return f"{self.nonce}.{self.exchanges}"


class Context:
    """One session's output, events, store and selected mailbox."""

    __slots__ = (
        "append_limit",
        "capabilities",
        "events",
        "out",
        "selected",
        "store",
        "summaries",
        "tag",
        "terms",
        "untagged_count",
        "utf8",
    )

    def __init__(self, terms: Terms, *, append_limit: int) -> None:
        self.terms = terms
        self.append_limit = append_limit
        self.capabilities = ""
        self.tag = ""
        self.utf8 = False
        self.events: deque[Event] = deque()
        self.out: list[bytes] = []
        self.store: Store | None = None
        self.selected: SelectedMailbox | None = None
        self.summaries: list[str] = []
        self.untagged_count = 0

    def untagged(self, line: bytes, *, summary: str | None = None) -> None:
        """Send `* line`; `summary` is for the record, where the line holds literals."""
        self.out.append(b"* %b\r\n" % line)
        self.untagged_count += 1
        if len(self.summaries) < _KEPT:
            self.summaries.append(line.decode("latin-1") if summary is None else summary)

    def take_summaries(self) -> tuple[tuple[str, ...], int]:
        """Give the summaries of the untagged responses since the last call, and how many there were."""
        taken = tuple(self.summaries), self.untagged_count
        self.summaries.clear()
        self.untagged_count = 0
        return taken

    def need_store(self) -> Store:
        """Give the account's store; the table lets no command here before LOGIN."""
        assert self.store is not None
        return self.store

    def need_selected(self) -> SelectedMailbox:
        """Give the selected mailbox; the table lets no command here before SELECT."""
        assert self.selected is not None
        return self.selected


def mailbox_name(octets: bytes) -> str:
    """Read a mailbox name, modified UTF-7 or (RFC 9051, 5.1) UTF-8; INBOX in any case is INBOX."""
    name = mailbox_pattern(octets)
    return "INBOX" if name.upper() == "INBOX" else name


def mailbox_pattern(octets: bytes) -> str:
    """Read a mailbox name or pattern as it stands."""
    if octets.isascii():
        return utf7.decode(octets)
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("mailbox name in UTF-8", "Mailbox name is not valid UTF-8.") from error


def shown_name(context: Context, name: str) -> bytes:
    """Write a mailbox name: modified UTF-7, or UTF-8 for a client that has enabled it (RFC 6855, 3)."""
    if context.utf8 and not name.isascii():
        return b'"' + name.replace("\\", "\\\\").replace('"', '\\"').encode("utf-8") + b'"'
    return astring(utf7.encode(name))


def no_such_mailbox(octets: bytes, code: str = "") -> Outcome:
    """Say that there is no such mailbox, echoing its name only if it is printable."""
    shown = f": {octets.decode('ascii')}" if _PRINTABLE.fullmatch(octets) else "."
    return no(f"{code and f'[{code}] '}Mailbox doesn't exist{shown}")
