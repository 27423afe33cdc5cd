"""What the IMAP server core needs of a mail store, as protocols that a node implements.

The core may import nothing of ours, so it names the shapes and the node fits its mail store to them; every method
is synchronous, and a change has happened when the method returns. RFC 9051, 2.3 (attributes of messages).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from simulator.errors import ProtocolError

Address = tuple[bytes | None, bytes | None, bytes | None, bytes | None]
"""Name, source route (adl), mailbox, host, each as in the header (RFC 9051, 7.5.2); None is NIL."""


Nested = tuple[object, ...]
"""A parenthesised list: tuples, bytes (strings), int and None (NIL)."""


class Envelope(Protocol):
    """Raw header octets of RFC 9051's ENVELOPE; None where the field is missing."""

    @property
    def date(self) -> bytes | None: ...
    @property
    def subject(self) -> bytes | None: ...
    @property
    def from_(self) -> Sequence[Address]: ...
    @property
    def sender(self) -> Sequence[Address]: ...
    @property
    def reply_to(self) -> Sequence[Address]: ...
    @property
    def to(self) -> Sequence[Address]: ...
    @property
    def cc(self) -> Sequence[Address]: ...
    @property
    def bcc(self) -> Sequence[Address]: ...
    @property
    def in_reply_to(self) -> bytes | None: ...
    @property
    def message_id(self) -> bytes | None: ...


class Message(Protocol):
    """One message of a mailbox."""

    @property
    def uid(self) -> int: ...
    @property
    def flags(self) -> frozenset[str]:
        r"""System flags spelt as in RFC 9051 (`\Seen`) and keywords; never `\Recent`."""

    @property
    def internal_date(self) -> int:
        """Microseconds since 1970-01-01 UTC."""

    @property
    def size(self) -> int:
        """RFC822.SIZE in octets, every CRLF counted."""

    def octets(self) -> bytes:
        """Give the whole message."""

    def envelope(self) -> Envelope:
        """Give the parsed header."""

    def section(self, numbers: tuple[int, ...], part: str | None, fields: tuple[str, ...]) -> bytes | None:
        """Give a section (RFC 9051, 6.4.5.1), or None if the message has no such part.

        `part` is None (the part's body; with no numbers the whole message), "HEADER", "TEXT", "MIME",
        "HEADER.FIELDS" or "HEADER.FIELDS.NOT"; `fields` are upper-case names for the last two, else ().
        """


@runtime_checkable
class Structured(Protocol):
    """A message that can also tell its MIME structure; of one that cannot, FETCH BODYSTRUCTURE is refused."""

    def body(self) -> Nested:
        """Give BODY (RFC 9051, 7.5.2)."""

    def body_structure(self) -> Nested:
        """Give BODYSTRUCTURE: BODY with the extension data."""


class Mailbox(Protocol):
    """One open mailbox as one session sees it."""

    @property
    def uid_validity(self) -> int: ...
    @property
    def uid_next(self) -> int: ...
    @property
    def version(self) -> int:
        """A number that differs after every change by anybody; while it is the same the core asks for nothing."""

    def messages(self) -> Sequence[Message]:
        """Give every message there is now, UIDs ascending."""

    def recent(self) -> frozenset[int]:
        r"""Give the UIDs that are `\Recent` for this session (may be empty always)."""

    def set_flags(self, uid: int, flags: frozenset[str]) -> object:
        """Replace the flags of one message; durable on return. What it gives is for the node, not for the core."""

    def expunge(self, uids: tuple[int, ...]) -> object:
        """Remove these messages; durable on return. What it gives is for the node, not for the core."""


@dataclass(frozen=True, slots=True)
class ListedMailbox:
    r"""A mailbox as LIST shows it: its name (`/` or whatever the store's delimiter is inside) and attributes
    such as `\Sent` (RFC 6154) or `\Noselect`. `\HasChildren` and `\HasNoChildren` are added by the core."""

    name: str
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Appended:
    """Where APPEND has put a message (RFC 4315, 3: APPENDUID)."""

    uid_validity: int
    uid: int


@dataclass(frozen=True, slots=True)
class Carried:
    """What COPY or MOVE has put where: `uids` are (UID before, UID now), ascending (RFC 4315, 3: COPYUID)."""

    uid_validity: int
    uids: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaRoot:
    """A quota root with its resources: name (STORAGE in units of 1024 octets, MESSAGE), usage and limit (RFC 9208)."""

    name: str
    resources: tuple[tuple[str, int, int], ...]


class Store(Protocol):
    """All mailboxes of one account. What cannot be done raises `MailboxRefused` and has changed nothing."""

    @property
    def delimiter(self) -> str:
        """The one character between levels of a name."""

    def list_mailboxes(self) -> Sequence[ListedMailbox]:
        """Give every mailbox in the order LIST shall show them."""

    def subscriptions(self) -> Sequence[str]:
        """Give the names that the user wants to see, whether there are such mailboxes or not."""

    def open(self, name: str, *, read_only: bool) -> Mailbox | None:
        r"""Open a mailbox, None if there is none. Inbox is always "INBOX".

        Only an opening that is not `read_only` takes `\Recent` away from later sessions. STATUS opens read-only.
        """

    def create(self, name: str) -> object:
        """Add a mailbox (RFC 9051, 6.3.4)."""

    def delete(self, name: str) -> object:
        """Remove a mailbox with its messages; those below it stay (RFC 9051, 6.3.5)."""

    def rename(self, old: str, new: str) -> object:
        """Rename a mailbox and those below it; of INBOX move the messages (RFC 9051, 6.3.6)."""

    def subscribe(self, name: str, *, wanted: bool) -> object:
        """Remember that the user wants to see a name, or no longer does."""

    def append(self, name: str, octets: bytes, *, flags: frozenset[str], internal_date: int | None) -> Appended:
        """Add a message, every CRLF whole; `internal_date` is µs since 1970-01-01 UTC, None for now."""

    def copy(self, source: Mailbox, uids: tuple[int, ...], name: str) -> Carried:
        """Copy messages to the mailbox `name` with flags and internal dates, all or none (RFC 9051, 6.4.7)."""

    def move(self, source: Mailbox, uids: tuple[int, ...], name: str) -> Carried:
        """Move messages to the mailbox `name` (RFC 6851)."""

    def quota_roots(self, name: str) -> Sequence[QuotaRoot]:
        """Give the quota roots of a mailbox, none where nothing is limited (RFC 9208, 4.3)."""


class MailboxRefused(ProtocolError):
    """The store cannot do this, or not now; it becomes `NO [code] text` (codes: RFC 5530, RFC 9208)."""

    def __init__(self, text: str, code: str | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.code = code


class MailboxGone(ProtocolError):
    """Somebody deleted the mailbox that a session has open; the session ends with BYE (RFC 2180, 3.3)."""
