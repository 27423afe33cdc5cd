"""The index of a host's mailboxes in SQLite: UIDVALIDITY, UIDNEXT, and a row for each letter.

Why: a server answers SELECT and FETCH FLAGS from its index; the octets are read from the Maildir only when they are
asked for. RFC 9051 2.3.1.1 (UID, UIDVALIDITY: ascending, never reused).
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final, NamedTuple

from simulator.mailstore.database import IN_MEMORY, Database, OnStatement
from simulator.mailstore.failures import MailboxExists, NoSuchMailbox
from simulator.mailstore.listeners import Listeners

_SCHEMA = """
CREATE TABLE IF NOT EXISTS mailboxes (id INTEGER PRIMARY KEY AUTOINCREMENT, address TEXT NOT NULL, name TEXT NOT NULL,
    attribute TEXT NOT NULL, uidvalidity INTEGER NOT NULL, uidnext INTEGER NOT NULL DEFAULT 1,
    version INTEGER NOT NULL DEFAULT 0, UNIQUE (address, name));
CREATE TABLE IF NOT EXISTS messages (mailbox INTEGER NOT NULL, uid INTEGER NOT NULL, file TEXT NOT NULL,
    flags TEXT NOT NULL, internal_date INTEGER NOT NULL, size INTEGER NOT NULL,
    PRIMARY KEY (mailbox, uid)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS subscriptions (address TEXT NOT NULL, name TEXT NOT NULL,
    PRIMARY KEY (address, name)) WITHOUT ROWID;
"""
_SELECT_MAILBOX = "SELECT id, uidvalidity, uidnext, version FROM mailboxes WHERE address = ? AND name = ?"
_SELECT_STATE = "SELECT id, uidvalidity, uidnext, version FROM mailboxes WHERE id = ?"
_SELECT_LAST_VALIDITY = "SELECT COALESCE(MAX(uidvalidity), 0) FROM mailboxes"
_SELECT_NAMES = "SELECT name, attribute FROM mailboxes WHERE address = ? ORDER BY id"
_SELECT_ALL = "SELECT address, name, id FROM mailboxes ORDER BY address, name"
_INSERT_MAILBOX = "INSERT INTO mailboxes (address, name, attribute, uidvalidity) VALUES (?, ?, ?, ?)"
_TAKE_UID = "UPDATE mailboxes SET uidnext = uidnext + 1, version = version + 1 WHERE id = ?"
_TOUCH = "UPDATE mailboxes SET version = version + 1 WHERE id = ?"
_INSERT_MESSAGE = "INSERT INTO messages (mailbox, uid, file, flags, internal_date, size) VALUES (?, ?, ?, ?, ?, ?)"
_SELECT_MESSAGES = "SELECT uid, file, flags, internal_date, size FROM messages WHERE mailbox = ? ORDER BY uid"
_SELECT_MESSAGE = "SELECT uid, file, flags, internal_date, size FROM messages WHERE mailbox = ? AND uid = ?"
_UPDATE_MESSAGE = "UPDATE messages SET file = ?, flags = ? WHERE mailbox = ? AND uid = ?"
_DELETE_MAILBOX = "DELETE FROM mailboxes WHERE id = ?"
_RENAME_MAILBOX = "UPDATE mailboxes SET name = ?, attribute = ?, version = version + 1 WHERE id = ?"
_SELECT_USAGE = (
    "SELECT COALESCE(SUM(size), 0), COUNT(*) FROM messages JOIN mailboxes ON mailboxes.id = mailbox WHERE address = ?"
)
_SUBSCRIBE = "INSERT OR IGNORE INTO subscriptions (address, name) VALUES (?, ?)"
_UNSUBSCRIBE = "DELETE FROM subscriptions WHERE address = ? AND name = ?"
_SELECT_SUBSCRIPTIONS = "SELECT name FROM subscriptions WHERE address = ? ORDER BY name"
_DELETE_MESSAGE = "DELETE FROM messages WHERE mailbox = ? AND uid = ?"


class MailboxRow(NamedTuple):
    """One mailbox: row id, UIDVALIDITY, UIDNEXT, and a version that grows with every change."""

    id: int
    uid_validity: int
    uid_next: int
    version: int


class MessageRow(NamedTuple):
    """One letter: UID, file below the mailbox's directory, flags joined by spaces and sorted, internal date in µs,
    size in octets.
    """

    uid: int
    file: str
    flags: str
    internal_date: int
    size: int


_mailbox: Final[Callable[[Iterable[Any]], MailboxRow]] = partial(tuple.__new__, MailboxRow)
_message: Final[Callable[[Iterable[Any]], MessageRow]] = partial(tuple.__new__, MessageRow)
"""Make rows of what SQLite gives, at a third of the price."""


class Index:
    """The index of all mailboxes on a host, in the file `path` if it is to be kept. Statements go to `on_statement`.

    What a server asks many times in one command, the state of a mailbox, is remembered until something changes.
    """

    __slots__ = ("_last_validity", "_names", "_states", "database", "listeners")

    def __init__(self, on_statement: OnStatement | None = None, path: str = IN_MEMORY) -> None:
        self.database = Database(_SCHEMA, on_statement, path)
        with self.database.unheard():
            self._last_validity: int = self.database.execute(_SELECT_LAST_VALIDITY).fetchone()[0]
        self._states: dict[int, MailboxRow] = {}
        self._names: dict[int, str] = {}
        self.listeners = Listeners()

    def create(self, address: str, name: str, attribute: str, now: int) -> MailboxRow:
        """Add a mailbox; its UIDVALIDITY is the second of its creation, or the next number not yet given on this
        host. `now` in µs.
        """
        self.need_free(address, name)
        self._last_validity = max(now // 1_000_000, self._last_validity + 1, 1)
        self.database.execute(_INSERT_MAILBOX, (address, name, attribute, self._last_validity))
        return self.mailbox(address, name)

    def need_free(self, address: str, name: str) -> None:
        """Raise MailboxExists when a name is taken."""
        if self.database.execute(_SELECT_MAILBOX, (address, name)).fetchone():
            raise MailboxExists(f"{address} has a mailbox {name} already")

    def mailbox(self, address: str, name: str) -> MailboxRow:
        """Return a mailbox; raise NoSuchMailbox."""
        row = self.database.execute(_SELECT_MAILBOX, (address, name)).fetchone()
        if row is None:
            raise NoSuchMailbox(f"{address} has no mailbox {name}: create it first")
        self._states[row[0]] = state = _mailbox(row)
        return state

    def state(self, mailbox: int) -> MailboxRow:
        """Return a mailbox by its row id; raise NoSuchMailbox."""
        known = self._states.get(mailbox)
        if known is not None:
            return known
        row = self.database.execute(_SELECT_STATE, (mailbox,)).fetchone()
        if row is None:
            raise NoSuchMailbox("the mailbox was removed: close it")
        self._states[mailbox] = state = _mailbox(row)
        return state

    def delete(self, mailbox: MailboxRow) -> None:
        """Forget a mailbox, which must be empty; its row id is never given again, so that old views find nothing."""
        self._states.pop(mailbox.id, None)
        self.database.execute(_DELETE_MAILBOX, (mailbox.id,))

    def rename(self, mailbox: MailboxRow, name: str, attribute: str) -> None:
        """Give a mailbox another name; letters, UIDs and UIDVALIDITY stay."""
        self._states.pop(mailbox.id, None)
        self._names[mailbox.id] = name
        self.database.execute(_RENAME_MAILBOX, (name, attribute, mailbox.id))

    def name_now(self, mailbox: int, name: str) -> str:
        """Return the name that a mailbox once called `name` has now."""
        return self._names.get(mailbox, name)

    def usage(self, address: str) -> tuple[int, int]:
        """Return the octets and the number of all letters of an account."""
        octets, messages = self.database.execute(_SELECT_USAGE, (address,)).fetchone()
        return octets, messages

    def subscribe(self, address: str, name: str) -> None:
        """Remember that somebody wants to see a name; it need not be a mailbox's."""
        self.database.execute(_SUBSCRIBE, (address, name))

    def unsubscribe(self, address: str, name: str) -> None:
        """Forget a name; one that is not remembered does no harm."""
        self.database.execute(_UNSUBSCRIBE, (address, name))

    def subscriptions(self, address: str) -> tuple[str, ...]:
        """Return the names that somebody wants to see, sorted."""
        return tuple([row[0] for row in self.database.execute(_SELECT_SUBSCRIPTIONS, (address,))])

    def names(self, address: str) -> tuple[tuple[str, str], ...]:
        """Return (name, special-use attribute or "") of an account's mailboxes, in the order of their creation."""
        return tuple(self.database.execute(_SELECT_NAMES, (address,)).fetchall())

    def add(self, mailbox: MailboxRow, *, file: str, flags: str, internal_date: int, size: int) -> int:
        """Add a letter under the next UID and return that UID."""
        self._states.pop(mailbox.id, None)
        self.database.execute(_TAKE_UID, (mailbox.id,))
        self.database.execute(_INSERT_MESSAGE, (mailbox.id, mailbox.uid_next, file, flags, internal_date, size))
        return mailbox.uid_next

    def messages(self, mailbox: int) -> list[MessageRow]:
        """Return the letters of a mailbox, UIDs ascending."""
        return list(map(_message, self.database.execute(_SELECT_MESSAGES, (mailbox,))))

    def message(self, mailbox: int, uid: int) -> MessageRow | None:
        """Return one letter, or None."""
        row = self.database.execute(_SELECT_MESSAGE, (mailbox, uid)).fetchone()
        return None if row is None else _message(row)

    def update(self, mailbox: int, uid: int, *, file: str, flags: str) -> None:
        """Give a letter another file name and other flags."""
        self.database.execute(_UPDATE_MESSAGE, (file, flags, mailbox, uid))
        self._touch(mailbox)

    def remove(self, mailbox: int, uid: int) -> None:
        """Forget a letter; its UID is not given again."""
        self.database.execute(_DELETE_MESSAGE, (mailbox, uid))
        self._touch(mailbox)

    def _touch(self, mailbox: int) -> None:
        self._states.pop(mailbox, None)
        self.database.execute(_TOUCH, (mailbox,))

    def all(self) -> list[tuple[str, str, list[MessageRow]]]:
        """Return (address, mailbox, letters) of everything, sorted; for dumps, so not recorded."""
        with self.database.unheard():
            return [
                (address, name, self.messages(row))
                for address, name, row in self.database.execute(_SELECT_ALL).fetchall()
            ]
