"""The IMAP server of a host: the protocol core over its mail store, with records of commands, responses and changes."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence

from simulator import limits
from simulator.engine.kinds import Kind, Record
from simulator.engine.stream import Stream
from simulator.engine.trace import LETTER
from simulator.mailstore.failures import MailStoreError
from simulator.mailstore.store import DELIMITER, MailStore
from simulator.mailstore.view import MailboxView, StoredMessage
from simulator.nodes.access import Door, letter_read
from simulator.nodes.host import Host
from simulator.nodes.login import check_login
from simulator.nodes.session import Session
from simulator.protocol.imap.server.core import ImapServer
from simulator.protocol.imap.server.events import (
    Answered,
    Command,
    Event,
    Expunged,
    FlagsChanged,
    LoggedIn,
    Login,
    Refused,
    Selected,
)
from simulator.protocol.imap.view import Envelope, ListedMailbox
from simulator.records.kinds_access import IMAP_COMMAND, IMAP_RESPONSE, MAILBOX_EXPUNGE, MAILBOX_FLAGS

__all__ = ["ImapSession", "imap_door"]

_Read = Callable[[str, int], None]


class ImapSession(Session):
    """One IMAP connection after its TLS handshake."""

    def __init__(self, host: Host, store: MailStore, stream: Stream) -> None:
        self.core = ImapServer(greeting=f"{host.hostname} ready.")
        super().__init__(host, stream, self.core, limits.IDLE_IMAP_US)
        self._store = store
        self._account = ""
        self._arrival: Record | None = None
        self._verb = ""
        self.write(IMAP_RESPONSE, ("*", "CONNECT", "OK", f"{host.hostname} ready.", 0), to_server=False)
        self.flush()

    def say_goodbye(self, *, late: bool) -> None:
        """Send BYE (RFC 9051, 7.1.5)."""
        self.core.shut_down("Disconnected for inactivity." if late else "Internal error; try again.")

    def handle(self, event: Event) -> None:
        """Record what the core tells, and check passwords for it."""
        if isinstance(event, Command):
            self.begin_command()
            self._arrival = None
            self._verb = event.verb
            self.write(IMAP_COMMAND, (event.tag, event.verb, event.argument), to_server=True)
        elif isinstance(event, Login):
            self._login(event)
        elif isinstance(event, FlagsChanged):
            flags = tuple(sorted(event.after))
            self._change(MAILBOX_FLAGS, event.mailbox, event.uid, flags)
        elif isinstance(event, Expunged):
            for uid in event.uids:
                self._change(MAILBOX_EXPUNGE, event.mailbox, uid)
        elif isinstance(event, Answered):
            self._answered(event)
        elif not isinstance(event, Selected):
            raise TypeError(f"the IMAP core gave {event!r}, which no session knows")

    def _login(self, event: Login) -> None:
        good = check_login(
            self.host,
            self._store,
            self.stream,
            user=event.user,
            password=event.password,
            mechanism="LOGIN",
            service="imap",
        )
        if good:
            self._account = event.user.lower()
        self.core.reply(LoggedIn(_Account(self._store, self._account, self._read)) if good else Refused())

    def _answered(self, event: Answered) -> None:
        arrival = self._arrival
        values = (event.tag, event.verb, event.status, event.text, event.untagged_count)
        letter = None if arrival is None else arrival[LETTER]
        self.write(IMAP_RESPONSE, values, to_server=False, letter=letter, also=(arrival,))

    def _read(self, mailbox: str, uid: int) -> None:
        """Hear that the client is given the octets of a letter."""
        self._arrival = letter_read(self.host, self._account, mailbox, uid, "IMAP")

    def _change(self, kind: Kind, mailbox: str, uid: int, *values: object) -> None:
        arrival = self.host.arrivals.get((self._account, mailbox, uid))
        letter = None if arrival is None else arrival[LETTER]
        record = (self._account, mailbox, uid, *values)
        self.host.trace.write(kind, record, at=self.host.name, session=self.stream.session, letter=letter)


class _Account:
    """The mailboxes of one account, as the core asks for them."""

    delimiter = DELIMITER

    def __init__(self, store: MailStore, account: str, read: _Read) -> None:
        self._store = store
        self._account = account
        self._read = read

    def list_mailboxes(self) -> Sequence[ListedMailbox]:
        """Give every mailbox in the order of creation."""
        return [
            ListedMailbox(name, (attribute,) if attribute else ())
            for name, attribute in self._store.list_mailboxes(self._account)
        ]

    def open(self, name: str, *, read_only: bool) -> _Box | None:
        """Open a mailbox, None if there is none."""
        try:
            view = self._store.mailbox(self._account, name)
        except MailStoreError:
            return None
        recent = view.unseen_files()
        if not read_only:
            view.claim_recent()
        return _Box(view, recent, self._read)


class _Box:
    """One open mailbox."""

    def __init__(self, view: MailboxView, recent: frozenset[int], read: _Read) -> None:
        self._view = view
        self._recent = recent
        self._read = read

    @property
    def uid_validity(self) -> int:
        return self._view.uid_validity

    @property
    def uid_next(self) -> int:
        return self._view.uid_next

    @property
    def version(self) -> int:
        return self._view.version

    def messages(self) -> Sequence[_Served]:
        return [_Served(message, self._view.name, self._read) for message in self._view.messages()]

    def recent(self) -> frozenset[int]:
        return self._recent

    def set_flags(self, uid: int, flags: frozenset[str]) -> None:
        self._view.set_flags(uid, flags)

    def expunge(self, uids: tuple[int, ...]) -> None:
        self._view.expunge(uids)


class _Served:
    """One letter; whoever takes its octets is heard."""

    __slots__ = ("_mailbox", "_message", "_read", "flags", "internal_date", "size", "uid")

    def __init__(self, message: StoredMessage, mailbox: str, read: _Read) -> None:
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


def imap_door(host: Host, store: MailStore, port: int, context: ssl.SSLContext) -> Door:
    """Return the IMAP service for a host, behind implicit TLS."""
    return Door(host, store, port, context, "imaps", ImapSession)
