"""The message store of one host: accounts, index and Maildir behind one object.

Why: delivery agent, IMAP and POP3 servers of a host share it, and each change hands back what the trace will say. RFC
5598 4.2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from simulator.mailstore import maildir
from simulator.mailstore.accounts import Accounts
from simulator.mailstore.database import IN_MEMORY, OnStatement
from simulator.mailstore.disk import Disk
from simulator.mailstore.failures import BadName, DiskError, MailStoreError, OverQuota
from simulator.mailstore.index import Index, MailboxRow
from simulator.mailstore.maildrop import Maildrop
from simulator.mailstore.mending import mend
from simulator.mailstore.quota import Quota, Usage
from simulator.mailstore.view import RECENT, Expunged, MailboxView, Parsed, Parser, StoredMessage

DELIMITER = "."
STANDARD_MAILBOXES = (("INBOX", ""), ("Sent", "\\Sent"), ("Drafts", "\\Drafts"), ("Trash", "\\Trash"))  # RFC 6154 2
Snapshot = dict[str, dict[str, list[tuple[int, list[str], int]]]]


class Stored(NamedTuple):
    """A letter that is on the disk now: full path, UID, size in octets, UIDVALIDITY of its mailbox."""

    path: str
    uid: int
    size: int
    uid_validity: int


class Carried(NamedTuple):
    """A letter that was copied or moved: its UID before, where it is now, and its flags."""

    uid: int
    stored: Stored
    flags: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """A mailbox that has another name now, with the letters that went along: (UID before, letter)."""

    before: str
    name: str
    letters: tuple[Carried, ...]


class MailStore:
    """Everything that a host keeps. `now` is always µs since 1970; addresses are compared in lower case.

    Whoever adds letters may hear OverQuota; with no `set_quota` for an account nothing is counted.

    `on_statement` hears the look-ups in the account database, `on_index_statement` those in the index. `parse` makes
    a letter's structure for envelope() and section(); without it these raise MailStoreError. `index` is the path of a
    database that is kept, together with a `disk` that is; mailboxes that are there already are taken as they are.
    """

    __slots__ = ("_deliveries", "_index", "_locks", "_parse", "_quotas", "accounts", "disk", "host")

    def __init__(
        self,
        host: str,
        *,
        seed: str = "",
        parse: Parser | None = None,
        disk: Disk | None = None,
        index: str = IN_MEMORY,
        on_statement: OnStatement | None = None,
        on_index_statement: OnStatement | None = None,
    ) -> None:
        self.host = host
        self.disk = disk if disk is not None else Disk()
        self.accounts = Accounts(seed, on_statement)
        self._index = Index(on_index_statement, index)
        if index != IN_MEMORY:
            mend(self.disk, self._index)
        self._parse = parse or _no_parser
        self._deliveries = 0
        self._locks: set[str] = set()
        self._quotas: dict[str, Quota] = {}

    @property
    def on_index_statement(self) -> OnStatement | None:
        """Called with the SQL of each statement in the index."""
        return self._index.database.on_statement

    @on_index_statement.setter
    def on_index_statement(self, callback: OnStatement | None) -> None:
        self._index.database.on_statement = callback

    def add_account(self, address: str, password: str, now: int) -> None:
        """Add an account with INBOX, Sent, Drafts and Trash. Raises BadName, MailboxExists."""
        self.accounts.add_account(address, password)
        with self._index.database.unheard():
            kept = {name for name, _ in self._index.names(address.lower())}
        for name, attribute in [one for one in STANDARD_MAILBOXES if one[0] not in kept]:
            self.create_mailbox(address, name, now, attribute=attribute)
            if attribute:
                with self._index.database.unheard():
                    self._index.subscribe(address.lower(), name)

    def create_mailbox(self, address: str, name: str, now: int, *, attribute: str = "") -> MailboxView:
        """Add a mailbox; `attribute` is its special use such as `\\Sent`. Raises BadName, MailboxExists."""
        address, name = address.lower(), maildir.check_name(name)
        with self._index.database.unheard():
            row = self._index.create(address, name, attribute, now)
        maildir.make(self.disk, maildir.mailbox_directory(address, name))
        return self._view(row, address, name)

    def list_mailboxes(self, address: str) -> tuple[tuple[str, str], ...]:
        """Return (name, special-use attribute or "") of an account's mailboxes, in the order of their creation."""
        return self._index.names(address.lower())

    def mailbox(self, address: str, name: str = "INBOX") -> MailboxView:
        """Return a mailbox; raise NoSuchMailbox, BadName."""
        address, name = address.lower(), maildir.check_name(name)
        return self._view(self._index.mailbox(address, name), address, name)

    def deliver(self, address: str, octets: bytes, now: int, *, mailbox: str = "INBOX") -> Stored:
        """Put a letter into a mailbox by tmp and new; raise NoSuchMailbox, or DiskError with nothing left behind."""
        address, name = address.lower(), maildir.check_name(mailbox)
        row = self._index.mailbox(address, name)
        self.need_room(address, len(octets))
        directory = maildir.mailbox_directory(address, name)
        file = maildir.deliver(self.disk, directory, self._unique_name(now, len(octets)), octets)
        return self._record(row, f"{directory}/{file}", file, flags="", now=now, size=len(octets))

    def append(
        self,
        address: str,
        mailbox: str,
        octets: bytes,
        flags: Iterable[str],
        now: int,
        *,
        internal_date: int | None = None,
    ) -> Stored:
        """Put a letter with flags straight into cur, as IMAP's APPEND does; the internal date is `now` by default."""
        address, name = address.lower(), maildir.check_name(mailbox)
        row = self._index.mailbox(address, name)
        self.need_room(address, len(octets))
        directory = maildir.mailbox_directory(address, name)
        kept = frozenset(flags) - {RECENT}
        file = maildir.store(self.disk, directory, self._unique_name(now, len(octets)), octets, kept)
        date = now if internal_date is None else internal_date
        return self._record(row, f"{directory}/{file}", file, flags=" ".join(sorted(kept)), now=date, size=len(octets))

    def copy(self, source: MailboxView, uids: Iterable[int], target: MailboxView, now: int) -> tuple[Carried, ...]:
        """Copy letters with their flags and internal dates, all or none (RFC 9051 6.4.7); UIDs that are gone are
        passed over. Raises OverQuota, DiskError, NoSuchMailbox.
        """
        wanted = self._letters(source, uids)
        self.need_room(target.address, sum(letter.size for letter in wanted), len(wanted))
        done: list[Carried] = []
        try:
            for letter in wanted:
                done.append(self._copy(letter, target, now))
        except DiskError:
            target.expunge(tuple([carried.stored.uid for carried in done]))
            raise
        self._tell(target, done)
        return tuple(done)

    def move(
        self, source: MailboxView, uids: Iterable[int], target: MailboxView, now: int
    ) -> tuple[tuple[Carried, ...], tuple[Expunged, ...]]:
        """Move letters by renaming their files (RFC 6851 3.3); returns where they are and what left the source."""
        wanted = self._letters(source, uids)
        numbers = {letter.uid: number for number, letter in enumerate(source.messages(), 1)}
        done: list[Carried] = []
        gone: list[Expunged] = []
        try:
            for letter in wanted:
                path = letter.path
                done.append(self._move(letter, source, target, now))
                gone.append(Expunged(letter.uid, numbers[letter.uid] - len(gone), path, letter.size))
        finally:  # what was moved before the disk failed stays moved (RFC 6851 3.3)
            self._tell(target, done)
            self._tell(source, done)
        return tuple(done), tuple(gone)

    def delete_mailbox(self, address: str, name: str) -> tuple[Expunged, ...]:
        """Remove a mailbox with its letters, which are returned; mailboxes below it stay. Raises NoSuchMailbox, BadName
        (INBOX cannot go: RFC 9051 6.3.5).
        """
        view = self.mailbox(address, name)
        if view.name == "INBOX":
            raise BadName("INBOX cannot be deleted")
        row = self._index.mailbox(view.address, view.name)
        gone = view.expunge(tuple([letter.uid for letter in view.messages()]))
        maildir.remove(self.disk, view.directory)
        self._index.delete(row)
        self._index.listeners.tell(row.id)
        return gone

    def rename_mailbox(self, address: str, old: str, new: str, now: int) -> tuple[Renamed, ...]:
        """Rename a mailbox and all below it; of INBOX the letters move and it stays, empty (RFC 9051 6.3.6).

        UIDs and UIDVALIDITY stay, but for letters from INBOX. Raises NoSuchMailbox, BadName, MailboxExists.
        """
        address, old, new = address.lower(), maildir.check_name(old), maildir.check_name(new)
        if old == "INBOX":
            return (self._empty_inbox(address, new, now),)
        below = old + DELIMITER
        if new.startswith(below):
            raise BadName(f"{new} lies below {old}: choose a name outside it")
        names = [name for name, _ in self._index.names(address)]
        moved = [name for name in names if name == old or name.startswith(below)]
        self._index.mailbox(address, moved[0] if moved else old)
        for name in moved:
            self._index.need_free(address, new + name[len(old) :])
        return tuple([self._rename(address, name, new + name[len(old) :]) for name in moved])

    def subscribe(self, address: str, name: str, *, wanted: bool = True) -> None:
        """Note that an account's owner wants to see a name, or not. Raises BadName."""
        change = self._index.subscribe if wanted else self._index.unsubscribe
        change(address.lower(), maildir.check_name(name))

    def subscriptions(self, address: str) -> tuple[str, ...]:
        """Return the names that an account's owner wants to see, sorted."""
        return self._index.subscriptions(address.lower())

    def set_quota(self, address: str, quota: Quota | None) -> None:
        """Limit what an account may keep, or (None) take the limit away."""
        self._quotas.pop(address.lower(), None)
        if quota is not None:
            self._quotas[address.lower()] = quota

    def quota(self, address: str) -> Quota | None:
        """Return an account's limits, None when it has none."""
        return self._quotas.get(address.lower())

    def usage(self, address: str) -> Usage:
        """Look up how much an account keeps."""
        octets, messages = self._index.usage(address.lower())
        return Usage(octets=octets, messages=messages)

    def need_room(self, address: str, octets: int, messages: int = 1) -> None:
        """Raise OverQuota unless so much more may be kept; an account without limits is not even counted."""
        quota = self._quotas.get(address.lower())
        if quota is not None and not self.usage(address).has_room(quota, octets, messages):
            raise OverQuota(f"the mailbox of {address.lower()} is full: delete letters or raise its quota")

    def maildrop(self, address: str) -> Maildrop:
        """Return POP3's view of an account's INBOX, not yet locked; raise NoSuchMailbox."""
        return Maildrop(self.mailbox(address), self._locks)

    def snapshot(self) -> Snapshot:
        """Return {address: {mailbox: [(uid, sorted flags, size)]}}, everything sorted; nothing is recorded by it."""
        dump: Snapshot = {}
        for address, name, rows in self._index.all():
            dump.setdefault(address, {})[name] = [(row.uid, row.flags.split(), row.size) for row in rows]
        return dump

    def _view(self, row: MailboxRow, address: str, name: str) -> MailboxView:
        return MailboxView(disk=self.disk, index=self._index, row=row, address=address, name=name, parse=self._parse)

    def _unique_name(self, now: int, size: int) -> str:
        self._deliveries += 1
        return maildir.unique_name(now, self._deliveries, self.host, size)

    def _record(self, row: MailboxRow, path: str, file: str, *, flags: str, now: int, size: int) -> Stored:
        uid = self._index.add(row, file=file, flags=flags, internal_date=now, size=size)
        self._index.listeners.tell(row.id)
        return Stored(path, uid, size, row.uid_validity)

    def _letters(self, source: MailboxView, uids: Iterable[int]) -> list[StoredMessage]:
        wanted = frozenset(uids)
        return [letter for letter in source.messages() if letter.uid in wanted]

    def _copy(self, letter: StoredMessage, target: MailboxView, now: int) -> Carried:
        octets = letter.octets()
        name = self._unique_name(now, letter.size)
        file = maildir.store(self.disk, target.directory, name, octets, letter.flags)
        return self._carried(letter, target, file)

    def _move(self, letter: StoredMessage, source: MailboxView, target: MailboxView, now: int) -> Carried:
        """Row, file, row: whatever a kill leaves, `mending` finds the letter in one mailbox and in one only."""
        file = maildir.with_flags(f"new/{self._unique_name(now, letter.size)}", letter.flags)
        carried = self._carried(letter, target, file)
        try:
            self.disk.rename(letter.path, carried.stored.path)
        except DiskError:
            self._index.remove(target.row_id, carried.stored.uid)
            raise
        self._index.remove(source.row_id, letter.uid)
        return carried

    def _carried(self, letter: StoredMessage, target: MailboxView, file: str) -> Carried:
        row = self._index.state(target.row_id)
        flags = " ".join(sorted(letter.flags))
        uid = self._index.add(row, file=file, flags=flags, internal_date=letter.internal_date, size=letter.size)
        stored = Stored(f"{target.directory}/{file}", uid, letter.size, row.uid_validity)
        return Carried(letter.uid, stored, letter.flags)

    def _tell(self, view: MailboxView, done: list[Carried]) -> None:
        if done:
            self._index.listeners.tell(view.row_id)

    def _empty_inbox(self, address: str, new: str, now: int) -> Renamed:
        target = self.create_mailbox(address, new, now)
        inbox = self.mailbox(address)
        carried, _ = self.move(inbox, [letter.uid for letter in inbox.messages()], target, now)
        return Renamed(before="INBOX", name=new, letters=carried)

    def _rename(self, address: str, old: str, new: str) -> Renamed:
        row = self._index.mailbox(address, old)
        attribute = dict(self._index.names(address))[old]
        maildir.rename(self.disk, maildir.mailbox_directory(address, old), maildir.mailbox_directory(address, new))
        self._index.rename(row, new, attribute)
        view = self.mailbox(address, new)
        letters = [
            Carried(letter.uid, Stored(letter.path, letter.uid, letter.size, row.uid_validity), letter.flags)
            for letter in view.messages()
        ]
        self._index.listeners.tell(row.id)
        return Renamed(before=old, name=new, letters=tuple(letters))


def _no_parser(octets: bytes) -> Parsed[object]:
    raise MailStoreError("this store was made without a parser of letters: pass parse=")
