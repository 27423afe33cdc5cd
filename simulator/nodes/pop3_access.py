"""The POP3 server of a host: the protocol core over a locked maildrop, with records of what it does."""

from __future__ import annotations

import ssl

from simulator import limits
from simulator.engine.kinds import Record
from simulator.engine.stream import Stream
from simulator.engine.trace import LETTER
from simulator.mailstore.failures import MaildropLocked, NoSuchMailbox
from simulator.mailstore.maildrop import Maildrop
from simulator.mailstore.store import MailStore
from simulator.nodes.access import Door, letter_read
from simulator.nodes.clear_door import ClearDoor
from simulator.nodes.host import Host
from simulator.nodes.session import LAST_WORDS, Goodbye, Session
from simulator.nodes.tls_filter import secure_server
from simulator.nodes.way_in import UNDER_TLS, Way, is_admitted, nonce_for, stored_secret
from simulator.protocol.pop3 import (
    Begun,
    Command,
    Event,
    Failed,
    LoggedIn,
    Login,
    MessageGone,
    Pop3Server,
    Refused,
    SecretAsked,
    Update,
    Updated,
)
from simulator.records.kinds_access import MAILBOX_EXPUNGE, POP3_COMMAND, POP3_REPLY

__all__ = ["Pop3Session", "pop3_clear_door", "pop3_door"]

_RETRIEVE = frozenset({"RETR", "TOP"})
_UPDATED = Updated()


class Pop3Session(Session):
    """One POP3 connection; `way` says whether its TLS handshake is done or still to come, and who may come in."""

    def __init__(self, host: Host, store: MailStore, stream: Stream, way: Way = UNDER_TLS) -> None:
        self.core = Pop3Server(
            greeting=f"{host.hostname} ready.",
            tls_available=way.tls_available,
            login_allowed=way.login_allowed,
            mechanisms=way.mechanisms,
            apop=way.apop,
            nonce=nonce_for(host, way, "pop3"),
            hostname=host.hostname,
        )
        super().__init__(host, stream, self.core, limits.IDLE_POP3_US)
        self._store = store
        self._way = way
        self._drop: Maildrop | None = None
        self.write(POP3_REPLY, ("+OK", "CONNECT", self.core.greeting, 0), to_server=False)
        self.flush()

    def say_goodbye(self, why: Goodbye) -> None:
        """End without UPDATE: nothing is removed (RFC 1939, 3)."""
        self.core.shut_down(LAST_WORDS[why])
        self.ended()

    def ended(self) -> None:
        """Give the maildrop free."""
        if self._drop is not None:
            self._drop.unlock()

    def handle(self, event: Event) -> None:
        """Record a command and its reply; check passwords and remove letters for the core."""
        self._env.cause = self._chunk
        if not isinstance(event, Command):
            self._decide(event)
            return
        verb, argument, _, reply, _, lines = event
        heard = self._trace.heard
        if heard:
            self._write_command(verb, argument)
        arrival = self._retrieved(argument) if verb in _RETRIEVE and reply.startswith("+OK") else None
        if heard or arrival is not None:
            self._record_reply(verb, reply, lines, arrival)
        if verb == "STLS" and reply.startswith("+OK"):
            self._start_tls()

    def _decide(self, event: Event) -> None:
        """Deal with what is not the core's to answer."""
        match event:
            case Login():
                self._login(event)
            case Update():
                self._update(event)
            case Begun():
                self._write_command(event.verb, event.argument)
            case SecretAsked():
                self.core.provide(stored_secret(self._store, event.mechanism, event.user))
            case Failed():
                self._record_reply(event.verb, event.reply)

    def _start_tls(self) -> None:
        self.flush()
        self.forget_waiting()
        secure_server(self.host, self.stream, "pop3", self._way.secure(), self.core.tls_started)

    def _retrieved(self, argument: str) -> Record | None:
        """Give the record that put the letter into the maildrop which RETR or TOP named."""
        drop = self._drop
        if drop is None:
            return None
        number = int(argument.partition(" ")[0])
        return letter_read(self.host, drop.address, "INBOX", drop.uid(number), "POP3")

    def _login(self, event: Login) -> None:
        if event.verb == "PASS":
            self._write_command(event.verb, event.password)
        good = is_admitted(self.host, self._store, self.stream, event, "pop3")
        self._reply(event.verb, self._locked(event.user) if good else Refused())

    def _locked(self, user: str) -> LoggedIn | Refused:
        drop = self._store.maildrop(user)
        try:
            drop.lock()
        except MaildropLocked:
            return Refused("Mailbox is locked by another POP3 session.", "IN-USE")
        self._drop = drop
        return LoggedIn(_Served(drop))

    def _update(self, event: Update) -> None:
        self._write_command(event.verb, event.argument)
        drop = self._drop
        if drop is not None:
            for gone in drop.delete(event.deleted):
                arrival = self.host.arrivals.pop((drop.address, "INBOX", gone.uid), None)
                letter = None if arrival is None else arrival[LETTER]
                values = (drop.address, "INBOX", gone.uid)
                self.host.trace.write(
                    MAILBOX_EXPUNGE, values, at=self.host.name, session=self.stream.session, letter=letter
                )
            drop.unlock()
        self._reply("QUIT", _UPDATED)

    def _reply(self, verb: str, answer: LoggedIn | Updated | Refused) -> None:
        """Let the core say what was decided, and record its words; whoever is refused waits for nothing after them."""
        line = self.core.reply(answer)
        if self._trace.heard:
            self._record_reply(verb, line)
        if isinstance(answer, Refused):
            self.point_out(self._env.cause)

    def _write_command(self, verb: str, argument: str) -> None:
        if self._trace.heard:
            here, there = self._server, self._client
            self._trace.write_next(POP3_COMMAND, (verb, argument), here, there, here, self._number)

    def _record_reply(self, verb: str, line: str, lines: int = 0, arrival: Record | None = None) -> None:
        """Record a reply by its first line and the number of those that follow; `arrival` brought the letter in it."""
        status, _, text = line.partition(" ")
        values = (status, verb, text, lines)
        if arrival is not None:
            self.write(POP3_REPLY, values, to_server=False, letter=arrival[LETTER], also=(arrival,))
        elif self._trace.heard:
            here = self._server
            self._trace.write_next(POP3_REPLY, values, here, here, self._client, self._number)


class _Served:
    """A locked maildrop as the core asks for it."""

    __slots__ = ("_drop", "sizes", "unique_ids")

    def __init__(self, drop: Maildrop) -> None:
        self._drop = drop
        self.sizes = drop.sizes
        self.unique_ids = drop.unique_ids

    def octets(self, number: int) -> bytes:
        try:
            return self._drop.octets(number)
        except NoSuchMailbox as error:
            raise MessageGone(str(error)) from error


def pop3_door(host: Host, store: MailStore, port: int, context: ssl.SSLContext, way: Way = UNDER_TLS) -> Door:
    """Return the POP3 service for a host, behind implicit TLS; `way` names the mechanisms."""
    return Door(host, store, port, context, "pop3s", lambda host, store, stream: Pop3Session(host, store, stream, way))


def pop3_clear_door(host: Host, store: MailStore, port: int, way: Way) -> ClearDoor:
    """Return the POP3 service in clear, where STLS comes before any password unless `way.login_allowed`."""
    return ClearDoor(host, port, lambda stream: Pop3Session(host, store, stream, way))
