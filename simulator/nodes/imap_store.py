"""One account's mailboxes as the IMAP core asks for them, over the host's mail store.

What the store did last is kept here (`stored`, `carried`, `gone`, `renamed`), so that the session can record it with
paths when the core tells what it was for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from simulator.mailstore.failures import (
    BadName,
    DiskError,
    MailboxExists,
    MailStoreError,
    NoSuchMailbox,
    OverQuota,
)
from simulator.mailstore.quota import Quota
from simulator.mailstore.store import DELIMITER, Carried, MailStore, Renamed, Stored
from simulator.mailstore.view import Expunged, MailboxView, StoredMessage
from simulator.protocol.imap import view as imap
from simulator.protocol.imap.view import Envelope, ListedMailbox, MailboxGone, MailboxRefused, QuotaRoot

__all__ = ["Account", "Box"]

Read = Callable[[str, int], None]
_ROOT = "User quota"
_KIB = 1024
_REFUSALS: tuple[tuple[type[MailStoreError], str, str], ...] = (
    (NoSuchMailbox, "NONEXISTENT", "Mailbox doesn't exist"),
    (MailboxExists, "ALREADYEXISTS", "Mailbox already exists"),
    (BadName, "CANNOT", "Invalid mailbox name"),
    (OverQuota, "OVERQUOTA", "Quota exceeded (mailbox for user is full)"),
    (DiskError, "UNAVAILABLE", "Internal error occurred. Refer to server log for more information."),
)
"""What the store refuses, as response code (RFC 5530, RFC 9208) and Dovecot's words."""


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except MailStoreError as error:
        for kind, code, text in _REFUSALS:
            if isinstance(error, kind):
                raise MailboxRefused(text, code) from error
        raise


class Account:
    """The mailboxes of one account; `now` gives µs since 1970-01-01 UTC, `read` hears whose octets were taken."""

    delimiter = DELIMITER

    def __init__(self, store: MailStore, address: str, *, now: Callable[[], int], read: Read) -> None:
        self.address = address
        self.box: Box | None = None
        """The mailbox opened last, for SELECT or only for STATUS."""
        self.stored: Stored | None = None
        self.carried: tuple[Carried, ...] = ()
        self.gone: tuple[Expunged, ...] = ()
        self.renamed: tuple[Renamed, ...] = ()
        self._store = store
        self._now = now
        self._read = read

    def list_mailboxes(self) -> Sequence[ListedMailbox]:
        """Give every mailbox in the order of creation."""
        return [
            ListedMailbox(name, (attribute,) if attribute else ())
            for name, attribute in self._store.list_mailboxes(self.address)
        ]

    def subscriptions(self) -> Sequence[str]:
        """Give the names that the user wants to see."""
        return self._store.subscriptions(self.address)

    def open(self, name: str, *, read_only: bool) -> Box | None:
        """Open a mailbox, None if there is none."""
        try:
            view = self._store.mailbox(self.address, name)
        except MailStoreError:
            return None
        self.box = Box(view, self._read, read_only=read_only)
        return self.box

    def create(self, name: str) -> None:
        """Add a mailbox."""
        with _refusing():
            self._store.create_mailbox(self.address, name, self._now())

    def delete(self, name: str) -> None:
        """Remove a mailbox with its letters."""
        if name == "INBOX":
            raise MailboxRefused("INBOX can't be deleted.", "CANNOT")
        with _refusing():
            self.gone = self._store.delete_mailbox(self.address, name)

    def rename(self, old: str, new: str) -> None:
        """Rename a mailbox and those below it."""
        with _refusing():
            self.renamed = self._store.rename_mailbox(self.address, old, new, self._now())

    def subscribe(self, name: str, *, wanted: bool) -> None:
        """Remember that the user wants to see a name, or not."""
        with _refusing():
            self._store.subscribe(self.address, name, wanted=wanted)

    def append(self, name: str, octets: bytes, *, flags: frozenset[str], internal_date: int | None) -> imap.Appended:
        """Add a letter."""
        self._target(name)
        with _refusing():
            stored = self._store.append(self.address, name, octets, flags, self._now(), internal_date=internal_date)
        self.stored = stored
        return imap.Appended(stored.uid_validity, stored.uid)

    def copy(self, source: imap.Mailbox, uids: tuple[int, ...], name: str) -> imap.Carried:
        """Copy letters, all or none."""
        target = self._target(name)
        with _refusing():
            self.carried = self._store.copy(_view(source), uids, target, self._now())
        return self._pairs(target)

    def move(self, source: imap.Mailbox, uids: tuple[int, ...], name: str) -> imap.Carried:
        """Move letters."""
        target = self._target(name)
        with _refusing():
            self.carried, self.gone = self._store.move(_view(source), uids, target, self._now())
        return self._pairs(target)

    def quota_roots(self, name: str) -> Sequence[QuotaRoot]:
        """Give the account's one quota root, or none where nothing is limited."""
        quota = self._store.quota(self.address)
        resources = () if quota is None else tuple(self._resources(quota))
        return [QuotaRoot(name=_ROOT, resources=resources)] if resources else []

    def _resources(self, quota: Quota) -> Iterator[tuple[str, int, int]]:
        usage = self._store.usage(self.address)
        if quota.octets is not None:
            yield "STORAGE", -(-usage.octets // _KIB), quota.octets // _KIB
        if quota.messages is not None:
            yield "MESSAGE", usage.messages, quota.messages

    def _target(self, name: str) -> MailboxView:
        try:
            return self._store.mailbox(self.address, name)
        except MailStoreError as error:
            raise MailboxRefused("Mailbox doesn't exist", "TRYCREATE") from error

    def _pairs(self, target: MailboxView) -> imap.Carried:
        return imap.Carried(target.uid_validity, tuple((one.uid, one.stored.uid) for one in self.carried))


def _view(box: imap.Mailbox) -> MailboxView:
    if not isinstance(box, Box):
        raise TypeError(f"{box!r} is no mailbox of this store")
    return box.view


class Box:
    r"""One open mailbox; what lies in new is `\Recent` for the first session that may write."""

    def __init__(self, view: MailboxView, read: Read, *, read_only: bool) -> None:
        self.view = view
        self._read = read
        self._read_only = read_only
        self._recent = view.unseen_files()
        if not read_only:
            view.claim_recent()

    @property
    def uid_validity(self) -> int:
        return self.view.uid_validity

    @property
    def uid_next(self) -> int:
        return self.view.uid_next

    @property
    def version(self) -> int:
        try:
            return self.view.version
        except NoSuchMailbox as error:
            raise MailboxGone(str(error)) from error

    def messages(self) -> Sequence[_Served]:
        fresh = self.view.unseen_files() - self._recent
        if fresh:
            self._recent |= fresh
            if not self._read_only:
                self.view.claim_recent()
        name = self.view.name
        return [_Served(message, name, self._read) for message in self.view.messages()]

    def recent(self) -> frozenset[int]:
        return self._recent

    def set_flags(self, uid: int, flags: frozenset[str]) -> None:
        self.view.set_flags(uid, flags)

    def expunge(self, uids: tuple[int, ...]) -> None:
        self.view.expunge(uids)


class _Served:
    """One letter; whoever takes its octets is heard."""

    __slots__ = ("_mailbox", "_message", "_read", "flags", "internal_date", "size", "uid")

    def __init__(self, message: StoredMessage, mailbox: str, read: Read) -> None:
        self.uid: int = message.uid
        self.flags: frozenset[str] = message.flags
        self.internal_date: int = message.internal_date
        self.size: int = message.size
        self._message = message
        self._mailbox = mailbox
        self._read = read

    def octets(self) -> bytes:
        self._read(self._mailbox, self.uid)
        return self._message.octets()

    def envelope(self) -> Envelope:
        envelope: Envelope = self._message.envelope()
        return envelope

    def body(self) -> object:
        return self._message.body()

    def body_structure(self) -> object:
        return self._message.body_structure()

    def section(self, numbers: tuple[int, ...], part: str | None, fields: tuple[str, ...]) -> bytes | None:
        self._read(self._mailbox, self.uid)
        return self._message.section(numbers, part, fields)
