"""The POP3 server of a host: the protocol core over a locked maildrop, with records of what it does."""

from __future__ import annotations

import ssl

from simulator import limits
from simulator.engine.kinds import Record
from simulator.engine.stream import Stream
from simulator.engine.trace import LETTER
from simulator.mailstore.failures import MaildropLocked
from simulator.mailstore.maildrop import Maildrop
from simulator.mailstore.store import MailStore
from simulator.nodes.access import Door, letter_read
from simulator.nodes.host import Host
from simulator.nodes.login import check_login
from simulator.nodes.session import Session
from simulator.protocol.pop3.server import Command, Event, LoggedIn, Login, Pop3Server, Refused, Update, Updated
from simulator.records.kinds_access import MAILBOX_EXPUNGE, POP3_COMMAND, POP3_REPLY

__all__ = ["Pop3Session", "pop3_door"]


class Pop3Session(Session):
    """One POP3 connection after its TLS handshake."""

    def __init__(self, host: Host, store: MailStore, stream: Stream) -> None:
        self.core = Pop3Server(greeting=f"{host.hostname} ready.")
        super().__init__(host, stream, self.core, limits.IDLE_POP3_US)
        self._store = store
        self._drop: Maildrop | None = None
        self.write(POP3_REPLY, ("+OK", "CONNECT", f"{host.hostname} ready.", 0), to_server=False)
        self.flush()

    def say_goodbye(self, *, late: bool) -> None:
        """End without UPDATE: nothing is removed (RFC 1939, 3)."""
        self.core.shut_down("Disconnected for inactivity." if late else "Internal error; try again.")
        self.ended()

    def ended(self) -> None:
        """Give the maildrop free."""
        if self._drop is not None:
            self._drop.unlock()

    def handle(self, event: Event) -> None:
        """Record a command and its reply; check passwords and remove letters for the core."""
        self.begin_command()
        if isinstance(event, Command):
            self._command(event)
            return
        self.write(POP3_COMMAND, (event.verb, event.argument or getattr(event, "password", "")), to_server=True)
        if isinstance(event, Login):
            self._login(event)
        else:
            self._update(event)

    def _command(self, event: Command) -> None:
        self.write(POP3_COMMAND, (event.verb, event.argument), to_server=True)
        arrival = self._retrieved(event) if event.verb in ("RETR", "TOP") else None
        status, _, text = event.reply.partition(" ")
        letter = None if arrival is None else arrival[LETTER]
        values = (status, event.verb, text, event.octets)
        self.write(POP3_REPLY, values, to_server=False, letter=letter, also=(arrival,))

    def _retrieved(self, event: Command) -> Record | None:
        number = event.argument.split(" ")[0]
        if self._drop is None or not event.reply.startswith("+OK") or not number.isdecimal():
            return None
        drop = self._drop
        return letter_read(self.host, drop.address, "INBOX", drop.uids()[int(number) - 1], "POP3")

    def _login(self, event: Login) -> None:
        good = check_login(
            self.host,
            self._store,
            self.stream,
            user=event.user,
            password=event.password,
            mechanism="USER",
            service="pop3",
        )
        answer: LoggedIn | Refused = Refused()
        if good:
            answer = self._locked(event.user)
        self._reply("PASS", answer)

    def _locked(self, user: str) -> LoggedIn | Refused:
        drop = self._store.maildrop(user)
        try:
            drop.lock()
        except MaildropLocked:
            return Refused("Mailbox is locked by another POP3 session.", "IN-USE")
        self._drop = drop
        return LoggedIn(drop)

    def _update(self, event: Update) -> None:
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
        self._reply("QUIT", Updated())

    def _reply(self, verb: str, answer: LoggedIn | Updated | Refused) -> None:
        """Let the core say what was decided, and record its words."""
        self.flush()
        self.core.reply(answer)
        octets = self.core.data_to_send()
        status, _, text = octets.decode("latin-1").rstrip("\r\n").partition(" ")
        self.write(POP3_REPLY, (status, verb, text, 0), to_server=False)
        self.stream.send(octets)


def pop3_door(host: Host, store: MailStore, port: int, context: ssl.SSLContext) -> Door:
    """Return the POP3 service for a host, behind implicit TLS."""
    return Door(host, store, port, context, "pop3s", Pop3Session)
