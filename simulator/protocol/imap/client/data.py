"""What an IMAP client core gives out: the untagged data of a server as dataclasses, and the ends of commands.

RFC 9051, 7.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from simulator.protocol.imap.view import Address


class Condition(NamedTuple):
    """`* OK`, NO, BAD, BYE or PREAUTH; `code` is the response code's name (`UIDVALIDITY`) or None, `argument` the rest
    of it."""

    status: str
    code: str | None
    argument: str
    text: str


@dataclass(frozen=True, slots=True)
class Capabilities:
    """`* CAPABILITY`."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListEntry:
    """`* LIST`; `delimiter` is None in a flat store."""

    attributes: tuple[str, ...]
    delimiter: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Subscription(ListEntry):
    """`* LSUB`: a name that the user wants to see."""


@dataclass(frozen=True, slots=True)
class Enabled:
    """`* ENABLED`: what is on from now."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuotaRoots:
    """`* QUOTAROOT`: the quota roots of a mailbox."""

    name: str
    roots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quota:
    """`* QUOTA`: (usage, limit) of each resource; STORAGE counts in units of 1024 octets."""

    root: str
    resources: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Status:
    """`* STATUS`."""

    name: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Flags:
    """`* FLAGS`."""

    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exists:
    """`* n EXISTS`."""

    count: int


@dataclass(frozen=True, slots=True)
class Recent:
    """`* n RECENT`."""

    count: int


@dataclass(frozen=True, slots=True)
class Expunge:
    """`* n EXPUNGE`: every higher message number is one lower now."""

    number: int


@dataclass(frozen=True, slots=True)
class Search:
    """`* SEARCH`."""

    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """ENVELOPE as sent; address lists are () for NIL."""

    date: bytes | None
    subject: bytes | None
    from_: tuple[Address, ...]
    sender: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    in_reply_to: bytes | None
    message_id: bytes | None


class Fetch(NamedTuple):
    """`* n FETCH`; what was not sent is None. `structure` (BODY or BODYSTRUCTURE) is nested
    tuples of octets, numbers and None; `sections` is keyed by the label in upper case, such as `BODY[HEADER]`."""

    number: int
    uid: int | None = None
    flags: frozenset[str] | None = None
    internal_date: str | None = None
    size: int | None = None
    envelope: Envelope | None = None
    structure: object = None
    sections: Mapping[str, bytes | None] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Other:
    """Untagged data that this client does not know, as octets; clients must put up with it (RFC 9051, 2.2.2)."""

    octets: bytes


Untagged = (
    Condition
    | Capabilities
    | Enabled
    | ListEntry
    | Subscription
    | Status
    | Flags
    | Exists
    | Recent
    | Expunge
    | Search
    | Fetch
    | QuotaRoots
    | Quota
    | Other
)
Kind = TypeVar("Kind", bound=Untagged)


@dataclass(frozen=True, slots=True)
class Greeting:
    """The first response: OK, PREAUTH or BYE."""

    condition: Condition


class Completed(NamedTuple):
    """The tagged response to a command, and all untagged data since it was sent."""

    tag: str
    verb: str
    condition: Condition
    untagged: tuple[Untagged, ...]

    @property
    def ok(self) -> bool:
        """Whether the command was carried out."""
        return self.condition.status == "OK"

    def of(self, kind: type[Kind]) -> tuple[Kind, ...]:
        """Give the untagged data of one kind."""
        return tuple([data for data in self.untagged if isinstance(data, kind)])

    def code(self, name: str) -> str | None:
        """Give the argument of a response code such as UIDVALIDITY, or None if it was not sent."""
        found = (data.argument for data in (*self.of(Condition), self.condition) if data.code == name)
        return next(found, None)


@dataclass(frozen=True, slots=True)
class Unsolicited:
    """Untagged data while no command was in progress, or while the client idles."""

    data: Untagged


@dataclass(frozen=True, slots=True)
class Idling:
    """The server idles: what changes comes as `Unsolicited` until `done()`."""


@dataclass(frozen=True, slots=True)
class Goodbye:
    """BYE that no LOGOUT asked for; the server closes the connection."""

    condition: Condition


Event = Greeting | Completed | Unsolicited | Idling | Goodbye
