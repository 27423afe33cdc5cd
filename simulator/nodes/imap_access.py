"""The IMAP server of a host: the protocol core over its mail store, with records of commands, responses and changes."""

from __future__ import annotations

import ssl
from collections.abc import Callable

from simulator import limits
from simulator.engine.kinds import Kind, Record
from simulator.engine.stream import Stream
from simulator.engine.trace import LETTER
from simulator.mailstore.store import Carried, MailStore
from simulator.nodes.access import Door, letter_read
from simulator.nodes.clear_door import ClearDoor
from simulator.nodes.host import Host
from simulator.nodes.imap_store import Account, Box
from simulator.nodes.session import LAST_WORDS, Goodbye, Session
from simulator.nodes.tls_filter import secure_server
from simulator.nodes.way_in import UNDER_TLS, Way, is_admitted, nonce_for, stored_secret
from simulator.protocol.imap.server import (
    Added,
    Answered,
    Arranged,
    Command,
    Event,
    Expunged,
    FlagsChanged,
    Idling,
    ImapServer,
    LoggedIn,
    Login,
    Pushed,
    Refused,
    SecretAsked,
    Selected,
    Transferred,
)
from simulator.records.kinds_access import (
    IMAP_COMMAND,
    IMAP_RESPONSE,
    MAILBOX_APPEND,
    MAILBOX_EXPUNGE,
    MAILBOX_FLAGS,
)

__all__ = ["ImapSession", "imap_clear_door", "imap_door"]


class ImapSession(Session):
    """One IMAP connection; `way` says whether its TLS handshake is done or still to come, and who may come in."""

    def __init__(self, host: Host, store: MailStore, stream: Stream, way: Way = UNDER_TLS) -> None:
        self.core = ImapServer(
            greeting=f"{host.hostname} ready.",
            tls_available=way.tls_available,
            login_allowed=way.login_allowed,
            mechanisms=way.mechanisms,
            nonce=nonce_for(host, way, "imap"),
            hostname=host.hostname,
        )
        super().__init__(host, stream, self.core, limits.IDLE_IMAP_US)
        self._store = store
        self._way = way
        self._account = ""
        self._mailboxes: Account | None = None
        self._box: Box | None = None
        self._arrival: Record | None = None
        self._stop_listening: Callable[[], None] | None = None
        self._push_waits = False
        self.write(IMAP_RESPONSE, ("*", "CONNECT", "OK", f"{host.hostname} ready.", 0), to_server=False)
        self.flush()

    def say_goodbye(self, why: Goodbye) -> None:
        """Send BYE (RFC 9051, 7.1.5)."""
        self.core.shut_down(LAST_WORDS[why])

    def ended(self) -> None:
        """Stop to listen for changes."""
        if self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None

    def handle(self, event: Event) -> None:
        """Record what the core tells, and check passwords for it."""
        match event:
            case Command():
                self.begin_command()
                self._arrival = None
                self.write(IMAP_COMMAND, (event.tag, event.verb, event.argument), to_server=True)
            case Answered():
                self._answered(event)
            case Login():
                self._login(event)
            case SecretAsked():
                self.core.provide(stored_secret(self._store, event.mechanism, event.user))
            case Selected():
                self._box = self._mailboxes.box if self._mailboxes else None
            case Idling():
                self._listen()
            case Pushed():
                text = event.untagged[0] if event.untagged else ""
                self.write(IMAP_RESPONSE, ("*", "", "", text, event.untagged_count), to_server=False)
            case _:
                self._changed(event)

    def _changed(self, event: FlagsChanged | Expunged | Added | Transferred | Arranged) -> None:
        match event:
            case FlagsChanged():
                self._change(MAILBOX_FLAGS, self._here(event.mailbox), event.uid, tuple(sorted(event.after)))
            case Expunged():
                for uid in event.uids:
                    self._change(MAILBOX_EXPUNGE, self._here(event.mailbox), uid)
            case Added():
                self._added(event)
            case Transferred():
                self._transferred(event)
            case Arranged():
                self._arranged(event)

    def _here(self, mailbox: str) -> str:
        """Give the name that the selected mailbox has now: somebody else may have renamed it."""
        return mailbox if self._box is None else self._box.view.name

    def _login(self, event: Login) -> None:
        if not is_admitted(self.host, self._store, self.stream, event, "imap"):
            self.core.reply(Refused())
            return
        self._account = event.user.lower()
        self._mailboxes = Account(self._store, self._account, now=lambda: self.host.internet.epoch, read=self._read)
        self.core.reply(LoggedIn(self._mailboxes))

    def _answered(self, event: Answered) -> None:
        arrival, (tag, verb, status, text, _, count) = self._arrival, event
        letter = None if arrival is None else arrival[LETTER]
        self.write(IMAP_RESPONSE, (tag, verb, status, text, count), to_server=False, letter=letter, also=(arrival,))
        if verb == "IDLE":
            self.ended()
        elif verb == "STARTTLS" and status == "OK":
            self._start_tls()

    def _start_tls(self) -> None:
        self.flush()
        self.forget_waiting()
        secure_server(self.host, self.stream, "imap", self._way.secure(), self.core.tls_started)

    def _listen(self) -> None:
        if self._box is not None:
            self._stop_listening = self._box.view.listen(self._hear)

    def _hear(self) -> None:
        """The mailbox changed; tell the client when whoever changed it is done with that."""
        if not self._push_waits:
            self._push_waits = True
            self.host.env.call_later(0, self._push)

    def _push(self, _: object) -> None:
        self._push_waits = False
        if not self.stream.closed and not self._blocked():  # one that does not read is told at DONE
            self.core.push()
            self.pump()

    def _read(self, mailbox: str, uid: int) -> None:
        """Hear that the client is given the octets of a letter."""
        self._arrival = letter_read(self.host, self._account, mailbox, uid, "IMAP")

    def _change(self, kind: Kind, mailbox: str, uid: int, *values: object) -> None:
        arrival = self.host.arrivals.get((self._account, mailbox, uid))
        letter = None if arrival is None else arrival[LETTER]
        record = (self._account, mailbox, uid, *values)
        self.host.trace.write(kind, record, at=self.host.name, session=self.stream.session, letter=letter)
        if kind is MAILBOX_EXPUNGE:
            self.host.arrivals.pop((self._account, mailbox, uid), None)

    def _added(self, event: Added) -> None:
        stored = self._mailboxes.stored if self._mailboxes else None
        path = "" if stored is None else stored.path
        values = (self._account, event.mailbox, event.uid, event.size, tuple(sorted(event.flags)), path)
        self.host.arrivals[self._account, event.mailbox, event.uid] = self.host.trace.write(
            MAILBOX_APPEND, values, at=self.host.name, session=self.stream.session
        )

    def _transferred(self, event: Transferred) -> None:
        carried = self._mailboxes.carried if self._mailboxes else ()
        source = self._here(event.mailbox)
        for one in carried:
            self._put(one, source, event.target)
            if event.moved:
                self._change(MAILBOX_EXPUNGE, source, one.uid)

    def _arranged(self, event: Arranged) -> None:
        account = self._mailboxes
        if account is not None and event.verb == "DELETE":
            for gone in account.gone:
                self._change(MAILBOX_EXPUNGE, event.name, gone.uid)
        if account is not None and event.verb == "RENAME":
            for renamed in account.renamed:
                for one in renamed.letters:
                    self._put(one, renamed.before, renamed.name)
                    self._change(MAILBOX_EXPUNGE, renamed.before, one.uid)

    def _put(self, one: Carried, source: str, target: str) -> None:
        """Record that a letter of `source` is in `target` now; it stays the same letter."""
        arrival = self.host.arrivals.get((self._account, source, one.uid))
        letter = None if arrival is None else arrival[LETTER]
        stored, flags = one.stored, tuple(sorted(one.flags))
        values = (self._account, target, stored.uid, stored.size, flags, stored.path)
        self.host.arrivals[self._account, target, stored.uid] = self.host.trace.write(
            MAILBOX_APPEND,
            values,
            at=self.host.name,
            session=self.stream.session,
            letter=letter,
            also=(arrival,),
        )


def imap_door(host: Host, store: MailStore, port: int, context: ssl.SSLContext, way: Way = UNDER_TLS) -> Door:
    """Return the IMAP service for a host, behind implicit TLS; `way` names the mechanisms."""
    return Door(host, store, port, context, "imaps", lambda host, store, stream: ImapSession(host, store, stream, way))


def imap_clear_door(host: Host, store: MailStore, port: int, way: Way) -> ClearDoor:
    """Return the IMAP service in clear, where STARTTLS comes before any password unless `way.login_allowed`."""
    return ClearDoor(host, port, lambda stream: ImapSession(host, store, stream, way))
