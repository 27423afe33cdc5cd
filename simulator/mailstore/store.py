"""The message store of one host: accounts, index and Maildir behind one object.

Why: delivery agent, IMAP and POP3 servers of a host share it, and each change hands back what the trace will say. RFC
5598 4.2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from simulator.mailstore import maildir
from simulator.mailstore.accounts import Accounts
from simulator.mailstore.database import OnStatement
from simulator.mailstore.disk import Disk
from simulator.mailstore.failures import MailStoreError
from simulator.mailstore.index import Index, MailboxRow
from simulator.mailstore.maildrop import Maildrop
from simulator.mailstore.view import RECENT, MailboxView, Parsed, Parser

DELIMITER = "."
STANDARD_MAILBOXES = (("INBOX", ""), ("Sent", "\\Sent"), ("Drafts", "\\Drafts"), ("Trash", "\\Trash"))  # RFC 6154 2
Snapshot = dict[str, dict[str, list[tuple[int, list[str], int]]]]


@dataclass(frozen=True, slots=True)
class Stored:
    """A letter that is on the disk now: full path, UID, size in octets, UIDVALIDITY of its mailbox."""

    path: str
    uid: int
    size: int
    uid_validity: int


class MailStore:
    """Everything that a host keeps. `now` is always µs since 1970; addresses are compared in lower case.

    `on_statement` hears the look-ups in the account database, `on_index_statement` those in the index. `parse` makes
    a letter's structure for envelope() and section(); without it these raise MailStoreError.
    """

    __slots__ = ("_deliveries", "_index", "_locks", "_parse", "accounts", "disk", "host")

    def __init__(
        self,
        host: str,
        *,
        seed: str = "",
        parse: Parser | None = None,
        disk: Disk | None = None,
        on_statement: OnStatement | None = None,
        on_index_statement: OnStatement | None = None,
    ) -> None:
        self.host = host
        self.disk = disk if disk is not None else Disk()
        self.accounts = Accounts(seed, on_statement)
        self._index = Index(on_index_statement)
        self._parse = parse or _no_parser
        self._deliveries = 0
        self._locks: set[str] = set()

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
        for name, attribute in STANDARD_MAILBOXES:
            self.create_mailbox(address, name, now, attribute=attribute)

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
        directory = maildir.mailbox_directory(address, name)
        file = maildir.deliver(self.disk, directory, self._unique_name(now, len(octets)), octets)
        return self._record(row, f"{directory}/{file}", file, flags="", now=now, size=len(octets))

    def append(self, address: str, mailbox: str, octets: bytes, flags: Iterable[str], now: int) -> Stored:
        """Put a letter with flags straight into cur, as IMAP's APPEND does; `now` becomes its internal date."""
        address, name = address.lower(), maildir.check_name(mailbox)
        row = self._index.mailbox(address, name)
        directory = maildir.mailbox_directory(address, name)
        kept = frozenset(flags) - {RECENT}
        file = maildir.store(self.disk, directory, self._unique_name(now, len(octets)), octets, kept)
        return self._record(row, f"{directory}/{file}", file, flags=" ".join(sorted(kept)), now=now, size=len(octets))

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
        return Stored(path, uid, size, row.uid_validity)


def _no_parser(octets: bytes) -> Parsed[object]:
    raise MailStoreError("this store was made without a parser of letters: pass parse=")
