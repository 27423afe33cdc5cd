"""What a fold of the trace gives: queues, mailboxes, caches and sessions at one event, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = [
    "CacheEntry",
    "Mailboxes",
    "Moment",
    "OpenSession",
    "QueueEntry",
    "QueuedRecipient",
    "StoredLetter",
    "protocol_of",
]

_PROTOCOLS = {
    24: "lmtp", 25: "smtp", 53: "dns", 143: "imap", 110: "pop3", 465: "submissions", 587: "submission", 783: "spamd",
    993: "imaps", 995: "pop3s",
}  # fmt: skip


def protocol_of(port: int) -> str:
    """Return the name of what is spoken on `port`."""
    return _PROTOCOLS.get(port, f"port {port}")


@dataclass(frozen=True, slots=True)
class QueuedRecipient:
    """One recipient of a queued letter; `state` is active, deferred, failed or sent; `next_try` in µs or None."""

    address: str
    state: str = "active"
    attempts: int = 0
    next_try: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEntry:
    """A letter in a queue; `entered` in µs, `size` in octets."""

    queue_id: str
    letter: int | None
    sender: str
    size: int
    entered: int
    recipients: tuple[QueuedRecipient, ...]
    record: int = field(compare=False, default=0)


@dataclass(frozen=True, slots=True)
class StoredLetter:
    """A letter in a mailbox; `record` is the n of the event that put it there."""

    uid: int
    flags: tuple[str, ...]
    size: int
    letter: int | None = field(compare=False, default=None)
    record: int = field(compare=False, default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheEntry:
    """An answer that a resolver remembers until `expires` (µs)."""

    qname: str
    qtype: str
    answer: str
    expires: int
    negative: bool
    record: int = field(compare=False, default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A connection that not both sides have ended; octets are of the protocol, `last` is the n of its latest event."""

    session: int
    opener: str
    answerer: str
    port: int
    protocol: str
    tls: bool = False
    octets_out: int = 0
    octets_in: int = 0
    closed_by: str = ""
    last: int = field(compare=False, default=0)


Mailboxes = dict[str, dict[str, tuple[StoredLetter, ...]]]
"""Owner (an address, or a device's host) -> mailbox name -> letters by ascending UID; empty ones are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The world after event `n`, at `t` µs."""

    n: int
    t: int
    queues: dict[str, tuple[QueueEntry, ...]]
    mailboxes: Mailboxes
    devices: Mailboxes
    caches: dict[str, tuple[CacheEntry, ...]]
    sessions: dict[int, OpenSession]
