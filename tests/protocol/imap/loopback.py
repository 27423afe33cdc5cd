"""Our IMAP and POP3 servers over the real mail store on a loopback port, for clients that nobody here wrote.

One thread serves all connections, because a store belongs to one thread; an idle client is pushed to after each round.
"""

from __future__ import annotations

import selectors
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

from simulator.keys.authority import Authority
from simulator.keys.contexts import server_context
from simulator.mailstore.failures import MaildropLocked
from simulator.mailstore.maildrop import Maildrop
from simulator.mailstore.store import MailStore
from simulator.message.structure import parse_structure
from simulator.nodes.imap_store import Account
from simulator.protocol import pop3, sasl
from simulator.protocol.imap import server as imap

BOB, PASSWORD = "bob@alpha.test", 'bob "pw\\'
NOW = 1_767_225_600_000_000
_DAY_US = 86_400_000_000


@cache
def authority() -> Authority:
    """The authority that judges trust."""
    now = int(time.time()) * 1_000_000
    return Authority(7, now - _DAY_US, now + 30 * _DAY_US)


@cache
def context() -> ssl.SSLContext:
    """What the server shows: a certificate for localhost."""
    now = int(time.time()) * 1_000_000
    return server_context(authority().issue(("localhost",), not_before=now - _DAY_US, not_after=now + _DAY_US))


def new_store() -> MailStore:
    """A store with Bob's account; made in the thread that serves it."""
    store = MailStore("alpha.test", seed="1", parse=parse_structure)
    store.accounts.keeps_passwords = True
    store.add_account(BOB, PASSWORD, NOW)
    return store


class Session(Protocol):
    """A connection's session without its socket."""

    def receive(self, octets: bytes) -> None: ...
    def take(self) -> bytes: ...
    def push(self) -> None: ...
    def ended(self) -> None: ...
    def tls_started(self) -> None: ...

    wants_tls: bool

    @property
    def closed(self) -> bool: ...


class ImapSession:
    """IMAP as a node runs it, without records."""

    def __init__(self, store: MailStore, *, clear: bool) -> None:
        self.core = imap.ImapServer(
            tls_available=clear, login_allowed=not clear, mechanisms=sasl.MECHANISMS, nonce="n1", hostname="localhost"
        )
        self.wants_tls = False
        self.store = store
        self.closed = False

    def receive(self, octets: bytes) -> None:
        self.core.receive_data(octets)
        self._pump()

    def _pump(self) -> None:
        while (event := self.core.next_event()) is not None:
            if isinstance(event, imap.Login):
                self.core.reply(self._judge(event))
            elif isinstance(event, imap.SecretAsked):
                self.core.provide(self.store.accounts.password(event.user))
            elif isinstance(event, imap.Answered):
                self.wants_tls = event.verb == "STARTTLS" and event.status == "OK"
        self.closed = self.core.closed

    def _judge(self, login: imap.Login) -> imap.LoggedIn | imap.Refused:
        known = login.verified
        if known is None:
            known = self.store.accounts.authenticate(login.user, login.password)
        if not known:
            return imap.Refused()
        return imap.LoggedIn(Account(self.store, login.user.lower(), now=lambda: NOW, read=lambda mailbox, uid: None))

    def take(self) -> bytes:
        return self.core.data_to_send()

    def push(self) -> None:
        self.core.push()
        self._pump()

    def tls_started(self) -> None:
        self.wants_tls = False
        self.core.tls_started()

    def ended(self) -> None:
        self.closed = True


class Pop3Session:
    """POP3 as a node runs it, without records."""

    def __init__(self, store: MailStore, *, clear: bool) -> None:
        self.core = pop3.Pop3Server(
            tls_available=clear,
            login_allowed=not clear,
            mechanisms=sasl.MECHANISMS,
            apop=True,
            nonce="n1",
            hostname="localhost",
        )
        self.wants_tls = False
        self.store = store
        self.drop: Maildrop | None = None
        self.closed = False

    def receive(self, octets: bytes) -> None:
        self.core.receive_data(octets)
        while (event := self.core.next_event()) is not None:
            if isinstance(event, pop3.Login):
                self.core.reply(self._judge(event))
            elif isinstance(event, pop3.SecretAsked):
                self.core.provide(self.store.accounts.password(event.user))
            elif isinstance(event, pop3.Update):
                assert self.drop is not None
                self.drop.delete(event.deleted)
                self.core.reply(pop3.Updated())
            elif isinstance(event, pop3.Command):
                self.wants_tls = event.verb == "STLS" and event.reply.startswith("+OK")
        self.closed = self.core.closed

    def _judge(self, login: pop3.Login) -> pop3.LoggedIn | pop3.Refused:
        known = login.verified
        if known is None:
            known = self.store.accounts.authenticate(login.user, login.password)
        if not known:
            return pop3.Refused()
        drop = self.store.maildrop(login.user)
        try:
            drop.lock()
        except MaildropLocked:
            return pop3.Refused("Mailbox is locked.", "IN-USE")
        self.drop = drop
        return pop3.LoggedIn(drop)

    def take(self) -> bytes:
        return self.core.data_to_send()

    def push(self) -> None:
        """POP3 never speaks first."""

    def tls_started(self) -> None:
        self.wants_tls = False
        self.core.tls_started()

    def ended(self) -> None:
        self.closed = True
        if self.drop is not None:
            self.drop.unlock()


@dataclass
class Loopback:
    """A server on a port of the loopback. `clear` begins without TLS, where STARTTLS comes before any password;
    `tls` begins with it; neither is plain, passwords and all. `prepare` fills the store.
    """

    kind: Callable[..., Session]
    clear: bool = False
    tls: bool = False
    prepare: Callable[[MailStore], object] = lambda store: None
    chunk: int = 4096
    port: int = 0
    snapshot: dict[str, dict[str, list[tuple[int, list[str], int]]]] = field(default_factory=dict)
    letters: dict[str, list[bytes]] = field(default_factory=dict)
    failure: BaseException | None = None

    def __enter__(self) -> Loopback:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join(20)
        assert not self._thread.is_alive()
        if self.failure is not None:
            raise self.failure

    def _run(self) -> None:
        try:
            self._serve()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shall show it
            self.failure = error
        finally:
            self._listener.close()

    def _serve(self) -> None:
        store = new_store()
        self.prepare(store)
        selector = selectors.DefaultSelector()
        selector.register(self._listener, selectors.EVENT_READ)
        sessions: dict[socket.socket, Session] = {}
        while not (self._done.is_set() and not sessions):
            for key, _ in selector.select(0.02):
                if key.fileobj is self._listener:
                    self._accept(store, selector, sessions)
                else:
                    connection = key.fileobj
                    assert isinstance(connection, socket.socket)
                    self._receive(connection, selector, sessions)
            for connection, session in tuple(sessions.items()):
                session.push()
                self._send(connection, session)
            if self._done.is_set():
                for connection, session in tuple(sessions.items()):
                    self._close(connection, session, selector, sessions)
        self.snapshot = store.snapshot()
        for name, _ in store.list_mailboxes(BOB):
            self.letters[name] = [message.octets() for message in store.mailbox(BOB, name).messages()]

    def _accept(
        self, store: MailStore, selector: selectors.BaseSelector, sessions: dict[socket.socket, Session]
    ) -> None:
        connection, _ = self._listener.accept()
        connection.settimeout(10)
        if self.tls:
            try:
                connection = context().wrap_socket(connection, server_side=True)
            except OSError:
                connection.close()
                return
        session = sessions[connection] = self.kind(store, clear=self.clear)
        selector.register(connection, selectors.EVENT_READ)
        self._send(connection, session)

    def _receive(
        self, connection: socket.socket, selector: selectors.BaseSelector, sessions: dict[socket.socket, Session]
    ) -> None:
        session = sessions[connection]
        try:
            octets = connection.recv(self.chunk)
            while isinstance(connection, ssl.SSLSocket) and connection.pending():
                octets += connection.recv(connection.pending())
        except OSError:
            octets = b""
        if octets:
            session.receive(octets)
            self._send(connection, session)
        if session.wants_tls:
            selector.unregister(connection)
            sessions.pop(connection)
            secure = context().wrap_socket(connection, server_side=True)
            sessions[secure] = session
            selector.register(secure, selectors.EVENT_READ)
            session.tls_started()
        elif not octets or session.closed:
            self._close(connection, session, selector, sessions)

    def _send(self, connection: socket.socket, session: Session) -> None:
        octets = session.take()
        try:
            connection.sendall(octets)
        except OSError:
            session.ended()

    def _close(
        self,
        connection: socket.socket,
        session: Session,
        selector: selectors.BaseSelector,
        sessions: dict[socket.socket, Session],
    ) -> None:
        session.ended()
        selector.unregister(connection)
        sessions.pop(connection)
        connection.close()
