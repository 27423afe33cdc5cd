"""One mailbox of a store as a session uses it: letters, flags, expunge.

Why: the shape is the one that the IMAP server asks for, and each change returns what a trace record needs. RFC 9051
2.3, 6.4.3, 6.4.6.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, TypeVar

from simulator.mailstore import maildir
from simulator.mailstore.disk import Disk
from simulator.mailstore.failures import NoSuchMailbox
from simulator.mailstore.index import Index, MailboxRow, MessageRow
from simulator.mailstore.listeners import OnChange

E_co = TypeVar("E_co", covariant=True)
RECENT = "\\Recent"
DELETED = "\\Deleted"


class Parsed(Protocol[E_co]):
    """A parsed letter, as far as a mailbox serves it."""

    def envelope(self) -> E_co: ...

    def section(self, numbers: tuple[int, ...], part: str | None, fields: tuple[str, ...]) -> bytes | None: ...

    def body(self) -> object: ...

    def body_structure(self) -> object: ...


Parser = Callable[[bytes], Parsed[Any]]


class FlagChange(NamedTuple):
    """A letter's flags before and after, and its path before and after (Maildir writes flags into the name)."""

    uid: int
    before: frozenset[str]
    flags: frozenset[str]
    path_before: str
    path: str


class Expunged(NamedTuple):
    """A letter that was removed: its UID, its sequence number when it went (RFC 9051 7.5.1), path and size."""

    uid: int
    number: int
    path: str
    size: int


class StoredMessage:
    """One letter of a mailbox; the octets are read from the disk, and parsed, when asked for."""

    __slots__ = ("_folder", "_parsed", "file", "flags", "internal_date", "row", "size", "uid")

    def __init__(self, folder: Folder, row: MessageRow) -> None:
        self.row = row
        self.uid, self.file, flags, self.internal_date, self.size = row
        self.flags: frozenset[str] = frozenset(flags.split())
        self._folder = folder
        self._parsed: Parsed[Any] | None = None

    @property
    def path(self) -> str:
        """The file on the simulated disk."""
        return f"{self._folder.directory}/{self.file}"

    def octets(self) -> bytes:
        """Return the whole letter."""
        return self._folder.octets(self.uid)

    def envelope(self) -> Any:
        """Return the envelope that the store's parser gives."""
        return self._parse().envelope()

    def section(self, numbers: tuple[int, ...], part: str | None, fields: tuple[str, ...] = ()) -> bytes | None:
        """Return a section of the letter, None when there is none such. RFC 9051 6.4.5.1."""
        return self._parse().section(numbers, part, fields)

    def body(self) -> object:
        """Return the structure of the letter without extension data. RFC 9051 7.5.2."""
        return self._parse().body()

    def body_structure(self) -> object:
        """Return the structure of the letter. RFC 9051 7.5.2."""
        return self._parse().body_structure()

    def _parse(self) -> Parsed[Any]:
        if self._parsed is None:
            self._parsed = self._folder.parse(self.octets())
        return self._parsed


class Folder:
    """A mailbox as far as its letters need it; apart from the view, which knows them, so that both go when unused."""

    __slots__ = ("_disk", "_index", "_name", "_place", "address", "id", "parse")

    def __init__(self, disk: Disk, index: Index, row: MailboxRow, address: str, name: str, parse: Parser) -> None:
        self._disk = disk
        self._index = index
        self._name = name
        self._place = (name, maildir.mailbox_directory(address, name))
        self.id = row.id
        self.address = address
        self.parse = parse

    @property
    def name(self) -> str:
        """The mailbox's name, also after somebody renamed it."""
        return self._index.name_now(self.id, self._name)

    @property
    def directory(self) -> str:
        """The mailbox's place on the disk."""
        name = self._index.name_now(self.id, self._name)
        if name != self._place[0]:
            self._place = (name, maildir.mailbox_directory(self.address, name))
        return self._place[1]

    def row(self, uid: int) -> MessageRow:
        """Return what the index knows of a letter; raise NoSuchMailbox when it was expunged."""
        row = self._index.message(self.id, uid)
        if row is None:
            raise NoSuchMailbox(f"{self.address} {self.name} has no letter with UID {uid}: it was expunged")
        return row

    def octets(self, uid: int) -> bytes:
        """Return a letter from the disk; raise NoSuchMailbox when it was expunged."""
        return self._disk.read(f"{self.directory}/{self.row(uid).file}")


class MailboxView:
    """A live view: every call answers for now, and NoSuchMailbox when the mailbox was deleted."""

    __slots__ = ("_disk", "_folder", "_id", "_index", "_messages", "_version", "address")

    def __init__(self, *, disk: Disk, index: Index, row: MailboxRow, address: str, name: str, parse: Parser) -> None:
        self._disk = disk
        self._index = index
        self._id = row.id
        self._folder = Folder(disk, index, row, address, name, parse)
        self._messages: tuple[StoredMessage, ...] = ()
        self._version = -1
        self.address = address

    @property
    def name(self) -> str:
        """The mailbox's name, also after somebody renamed it."""
        return self._folder.name

    @property
    def directory(self) -> str:
        """The mailbox's place on the disk."""
        return self._folder.directory

    @property
    def row_id(self) -> int:
        """The mailbox's number in the index, the same whatever it is called."""
        return self._id

    @property
    def uid_validity(self) -> int:
        """The number that says whether remembered UIDs still hold."""
        return self._index.state(self._id).uid_validity

    @property
    def uid_next(self) -> int:
        """The UID that the next letter will get."""
        return self._index.state(self._id).uid_next

    @property
    def version(self) -> int:
        """A number that grows with every change by anybody."""
        return self._index.state(self._id).version

    def messages(self) -> tuple[StoredMessage, ...]:
        """Return every letter there is now, UIDs ascending; the same objects until something changes."""
        version = self.version
        if version != self._version:
            kept = {message.row: message for message in self._messages}
            rows = self._index.messages(self._id)
            self._messages = tuple([kept.get(row) or StoredMessage(self._folder, row) for row in rows])
            self._version = version
        return self._messages

    def octets(self, uid: int) -> bytes:
        """Return a letter from the disk; raise NoSuchMailbox when it was expunged."""
        return self._folder.octets(uid)

    def flags(self, uid: int) -> frozenset[str]:
        """Return a letter's flags; raise NoSuchMailbox when it was expunged."""
        return frozenset(self._folder.row(uid).flags.split())

    def unseen_files(self) -> frozenset[int]:
        r"""Return the UIDs whose files still lie in new: what is `\Recent` to the next session that claims them."""
        return frozenset([m.uid for m in self.messages() if m.file.startswith("new/")])

    def claim_recent(self) -> tuple[FlagChange, ...]:
        """Move what lies in new to cur, as a server does when a mailbox is opened for writing; return the moves."""
        moves = tuple([self._move(self._folder.row(uid), self.flags(uid)) for uid in sorted(self.unseen_files())])
        if moves:
            self._index.listeners.tell(self._id)
        return moves

    def set_flags(self, uid: int, flags: frozenset[str]) -> FlagChange:
        r"""Replace a letter's flags (`\Recent` is no flag of a store); the file is renamed. Raises NoSuchMailbox for
        an expunged letter.
        """
        change = self._move(self._folder.row(uid), flags - {RECENT})
        self._index.listeners.tell(self._id)
        return change

    def expunge(self, uids: tuple[int, ...] | None = None) -> tuple[Expunged, ...]:
        r"""Remove these letters, or all that are `\Deleted`; UIDs that are gone already are passed over. Returned in
        order of UID.
        """
        gone: list[Expunged] = []
        wanted = None if uids is None else frozenset(uids)
        for number, message in enumerate(self.messages(), 1):
            if DELETED in message.flags if wanted is None else message.uid in wanted:
                path = message.path
                size = self._disk.remove(path)
                self._index.remove(self._id, message.uid)
                gone.append(Expunged(message.uid, number - len(gone), path, size))
        if gone:
            self._index.listeners.tell(self._id)
        return tuple(gone)

    def listen(self, callback: OnChange) -> OnChange:
        """Call `callback` after every operation that changes this mailbox, until what is returned is called."""
        return self._index.listeners.add(self._id, callback)

    def _move(self, row: MessageRow, flags: frozenset[str]) -> FlagChange:
        file = maildir.with_flags(row.file, flags)
        old, new = f"{self.directory}/{row.file}", f"{self.directory}/{file}"
        if new != old:
            self._disk.rename(old, new)
        self._index.update(self._id, row.uid, file=file, flags=" ".join(sorted(flags)))
        return FlagChange(row.uid, frozenset(row.flags.split()), flags, old, new)
