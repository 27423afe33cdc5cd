"""The server side of one POP3 connection: octets in, events and octets out.

Policy is asked at login and at QUIT only; everything between is answered from the maildrop that policy gave, so that
no session code repeats the protocol. RFC 1939, 2449, 2595, 3206, 5034; texts in Dovecot's flavour.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from simulator import limits
from simulator.errors import LimitExceeded, LocalProtocolError, RemoteProtocolError
from simulator.protocol import sasl
from simulator.protocol.octets import LineBuffer
from simulator.protocol.pop3 import transaction
from simulator.protocol.pop3.authentication import PRIVACY, Apop, Auth, Terms
from simulator.protocol.pop3.events import (
    MASK,
    Begun,
    Command,
    Event,
    Failed,
    LoggedIn,
    Login,
    Refused,
    SecretAsked,
    Update,
    Updated,
    command,
)
from simulator.protocol.pop3.lines import UNKNOWN, Said, read_chunk, read_line
from simulator.protocol.pop3.maildrop import MarkedMaildrop
from simulator.protocol.pop3.replies import OK, Answer, challenge, err, multi_line, ok
from simulator.protocol.pop3.table import MOVING, SHOWN, TABLE, State, after, legal

__all__ = ["Command", "Event", "LoggedIn", "Login", "Pop3Server", "Refused", "Update", "Updated"]

_SAFE: Final = re.compile(r"[\x20-\x7e]{1,64}")
_CAPABILITIES: Final = (b"CAPA", b"TOP", b"UIDL", b"RESP-CODES", b"PIPELINING", b"AUTH-RESP-CODE")
_TLS_ACTIVE: Final = err("TLS is already active.")
_NO_TLS: Final = err("TLS support isn't enabled.")
_BEGIN_TLS: Final = ok("Begin TLS negotiation now.")
_NO_ARGUMENT: Final = err("This command takes no argument.")
_NO_NAME: Final = err("No username given.")
_LOGGED_IN: Final = ok("Logged in.")
_GOODBYE: Final = ok("Logging out.")
_GOODBYE_DELETED: Final = ok("Logging out, messages deleted.")


class Pop3Server:
    """The server side of one connection; the greeting waits in `data_to_send()` from the start.

    `login_allowed` is false where USER and PASS would send a password in clear, `tls_available` true where STLS may
    mend that. APOP and mechanisms that need a nonce are offered only with one: printable, without `,<>@`, different in
    each session. `errors` counts -ERR replies, so that a session can answer late after `limits.ERRORS_SLOW`,
    `pending` the octets that wait in `data_to_send()`; when `closed`, send what waits, then close.
    """

    def __init__(
        self,
        *,
        greeting: str = "POP3 server ready.",
        login_allowed: bool = True,
        tls_available: bool = False,
        mechanisms: tuple[str, ...] | None = None,
        apop: bool = False,
        nonce: str = "",
        hostname: str = "localhost",
    ) -> None:
        self.state = State.AUTHORIZATION
        self.closed = False
        self.errors = self.failed_logins = 0
        self.user = ""
        self.maildrop: MarkedMaildrop | None = None
        offered = sasl.server_mechanisms() if mechanisms is None else mechanisms
        self._terms = Terms(
            tls_available=tls_available,
            tls=False,
            login_allowed=login_allowed,
            apop=apop and bool(nonce),
            mechanisms=offered if nonce else _without_nonce(offered),
            nonce=nonce,
            hostname=hostname,
        )
        self._lines = LineBuffer(limits.POP3_LINE_OCTETS)
        self._ahead: list[Said] = []  # what came before the octets in `_lines`, the next command last
        self._by_line = False  # whether `_lines` may hold anything
        self.greeting = f"{greeting} {self._terms.timestamp}".rstrip()
        self._out = [ok(self.greeting).wire]
        self.pending = len(self._out[0])
        self._events: deque[Event] = deque()
        self._waiting: Login | Update | SecretAsked | None = None
        self._exchange: Apop | Auth | None = None
        self._handshaking = False

    def receive_data(self, octets: bytes) -> None:
        """Take octets from the client, in any chunks."""
        if not self._by_line or not (self._lines.holds or self._exchange):
            commands = None if self._ahead else read_chunk(octets)
            if commands is not None:
                self._by_line = False
                self._ahead.extend(commands)
                return
        self._by_line = True
        self._lines.feed(octets)

    def data_to_send(self) -> bytes:
        """Drain the octets for the client."""
        out = self._out
        if not out:
            return b""
        octets = b"".join(out) if len(out) > 1 else out[0]
        out.clear()
        self.pending = 0
        return octets

    def _say(self, octets: bytes) -> None:
        self._out.append(octets)
        self.pending += len(octets)

    def legal_now(self) -> tuple[str, ...]:
        """Name the commands that may come now."""
        return legal(self.state)

    def next_event(self) -> Event | None:
        """Give the next event; None if more octets or the answer to a policy event must come first."""
        if self._events:
            return self._events.popleft()
        if self._waiting is not None or self.closed or self._handshaking:
            return None
        if self._ahead:
            return self._command(*self._ahead.pop())
        return self._read_on() if self._by_line else None

    def _read_on(self) -> Event | None:
        """Give the event of the next line, if it is there."""
        try:
            line = self._lines.next_line()
        except LimitExceeded:
            return self._unreadable("Input line too long.")
        except RemoteProtocolError:
            return self._unreadable("Lines must end with CRLF.")
        if line is None:
            return None
        if self._exchange is not None:
            return self._response(self._exchange, line)
        try:
            verb, argument = read_line(line)
        except RemoteProtocolError as error:
            return self._unreadable(error.reply or UNKNOWN)
        return self._command(verb, argument)

    def tls_started(self) -> None:
        """Say that the handshake after STLS is done: what came in clear is forgotten (RFC 2595, 4)."""
        if not self._handshaking:
            raise LocalProtocolError("TLS starts only after +OK to STLS; wait for that command first.")
        self._handshaking = False
        self._lines.clear()
        self._ahead.clear()
        self.user = ""
        self._terms.tls = self._terms.login_allowed = True

    def provide(self, secret: sasl.Secret) -> None:
        """Answer the `SecretAsked` event given last; after `shut_down()` it comes too late and is passed over."""
        if self.closed:
            return
        if not isinstance(self._waiting, SecretAsked) or self._exchange is None:
            raise LocalProtocolError("No secret is asked for; call provide() once for each SecretAsked event.")
        self._waiting = None
        self._go_on(self._exchange, self._exchange.provide(secret))

    def reply(self, answer: LoggedIn | Updated | Refused) -> str:
        """Answer the policy event given last, and return the line that the client gets for it.

        An answer of the wrong kind raises `LocalProtocolError`; after `shut_down()` any comes too late: it is passed
        over, and the line is "".
        """
        if self.closed:
            return ""
        waiting = self._waiting
        if isinstance(waiting, Login) and not isinstance(answer, Updated):
            self._waiting = None
            return self._logged_in(waiting.verb, answer)
        if isinstance(waiting, Update) and not isinstance(answer, LoggedIn):
            self._waiting = None
            return self._updated(answer)
        raise LocalProtocolError("This is no answer to the last event; answer each Login and Update once, in kind.")

    def shut_down(self, text: str = "Server shutting down.") -> None:
        """Send -ERR (time-out, shutdown) and close without UPDATE (RFC 1939, 3)."""
        if not self.closed:
            self._say(err(text, "SYS/TEMP").wire)
            self.state, self.closed = State.CLOSED, True

    def _logged_in(self, verb: str, answer: LoggedIn | Refused) -> str:
        if isinstance(answer, LoggedIn):
            self.maildrop = MarkedMaildrop(answer.maildrop)
            return self._send(verb, _LOGGED_IN)
        line = self._send(verb, err(answer.text, answer.code))
        self._count_failure(counts=answer.code in (None, "AUTH"))  # a busy maildrop is nobody's wrong guess
        return line

    def _count_failure(self, *, counts: bool) -> None:
        self.failed_logins += counts
        if self.failed_logins >= limits.FAILED_LOGINS:
            self.state, self.closed = State.CLOSED, True

    def _updated(self, answer: Updated | Refused) -> str:
        assert self.maildrop is not None
        self.closed = True
        if isinstance(answer, Refused):
            return self._send("QUIT", err(answer.text, answer.code))
        return self._send("QUIT", _GOODBYE_DELETED if self.maildrop.deleted else _GOODBYE)

    def _unreadable(self, text: str) -> Event:
        answer = err(text)
        if self._exchange is not None:
            return self._failed(answer)
        self._send("", answer)
        return Command(verb="", argument="", masked=MASK, reply=answer.first, octets=0)

    def _command(self, verb: str, argument: str) -> Event:
        if verb not in TABLE[self.state]:
            return self._answered(verb, argument, self._illegal(verb))
        own = _ANSWERS.get(verb)
        if own is None:
            assert self.maildrop is not None
            return self._answered(verb, argument, transaction.answer(self.maildrop, verb, argument))
        said = own(self, argument)
        return self._answered(verb, argument, said) if isinstance(said, Answer) else said

    def _answered(self, verb: str, argument: str, answer: Answer) -> Command:
        is_ok, first, wire, octets, lines = answer
        self._out.append(wire)
        self.pending += len(wire)
        if not is_ok:
            self._count_error()  # no -ERR to a command moves the session: AFTER_ERR is about policy's
        elif verb in MOVING and verb != "AUTH":  # which only lists mechanisms if it is answered at once
            self.state = TABLE[self.state][verb]
        masked = argument if not argument or verb in SHOWN else MASK
        return command((verb, argument, masked, first, octets, lines))

    def _begin(self, verb: str, argument: str) -> Event:
        mechanism, space, initial = argument.partition(" ")
        masked = f"{mechanism} {MASK}" if space else mechanism
        self._events.append(Begun(verb=verb, argument=argument, masked=masked))
        if verb == "AUTH":
            auth = Auth(self._terms.begin(mechanism.upper()))
            self._go_on(auth, auth.start(initial if space else None))
            return self._events.popleft()
        try:
            apop = Apop(self._terms.timestamp, argument)
        except RemoteProtocolError as error:
            self._events.append(self._failed(err(error.reply or "")))
        else:
            self._go_on(apop, apop.start())
        return self._events.popleft()

    def _response(self, exchange: Apop | Auth, line: bytes) -> Event | None:
        if isinstance(exchange, Auth):
            self._go_on(exchange, exchange.take(line))
        return self._events.popleft() if self._events else self.next_event()

    def _go_on(self, exchange: Apop | Auth, said: bytes | SecretAsked | Login | Answer) -> None:
        """Send a challenge and read its response next, or ask the session, or end with what was refused."""
        self._exchange = exchange
        self._lines.limit = limits.AUTH_LINE_OCTETS  # RFC 5034, 4
        if isinstance(said, bytes):
            self._say(challenge(said))
        elif isinstance(said, Answer):
            self._events.append(self._failed(said))
        else:
            self._waiting = said
            self._events.append(said)
            if isinstance(said, Login):
                self._end_exchange()

    def _failed(self, answer: Answer) -> Failed:
        verb = "APOP" if self._exchange is None or isinstance(self._exchange, Apop) else "AUTH"
        self._end_exchange()
        self._send(verb, answer)
        self._count_failure(counts="[AUTH]" in answer.first)
        return Failed(verb=verb, reply=answer.first)

    def _end_exchange(self) -> None:
        self._exchange = None
        self._lines.limit = limits.POP3_LINE_OCTETS

    def _illegal(self, verb: str) -> Answer:
        if self.state is State.AUTHORIZATION and verb == "PASS":
            return _NO_NAME
        if self.state is State.TRANSACTION and _SAFE.fullmatch(verb):
            return err(f"Unknown command: {verb}")
        return err(UNKNOWN)

    def _user(self, argument: str) -> Answer:
        if not self._terms.login_allowed:
            return PRIVACY
        if not argument:
            return _NO_NAME
        self.user = argument
        return OK

    def _pass(self, argument: str) -> Event | Answer:
        if not self._terms.login_allowed:
            return PRIVACY
        self._waiting = login = Login(self.user, argument)
        return login

    def _quit(self, argument: str) -> Event | Answer:
        if argument:
            return _NO_ARGUMENT
        if self.maildrop is None:
            self.closed = True
            return _GOODBYE
        self._waiting = update = Update(tuple(sorted(self.maildrop.deleted)))
        return update

    def _apop(self, argument: str) -> Event | Answer:
        if self._terms.apop:
            return self._begin("APOP", argument)
        return err("APOP is not offered here.", "AUTH")

    def _auth(self, argument: str) -> Event | Answer:
        """Begin an exchange; without a mechanism name those there are (as Dovecot); refuse what is not offered."""
        terms = self._terms
        if not argument:
            return multi_line("", [name.encode("ascii") for name in terms.offered()])
        mechanism = argument.partition(" ")[0].upper()
        if mechanism in terms.offered():
            return self._begin("AUTH", argument)
        return PRIVACY if mechanism in terms.mechanisms else err("Unsupported authentication mechanism.")

    def _stls(self, argument: str) -> Answer:
        if argument:
            return _NO_ARGUMENT
        if self._terms.tls:
            return _TLS_ACTIVE
        self._handshaking = self._terms.tls_available
        return _BEGIN_TLS if self._handshaking else _NO_TLS

    def _capa(self, argument: str) -> Answer:
        """Name what can be done in this state, in Dovecot's order (RFC 2449, 5 and 6; RFC 5034, 3)."""
        if argument:
            return _NO_ARGUMENT
        terms = self._terms
        if self.maildrop is not None:
            return _capabilities()
        names = []
        if terms.tls_available and not terms.tls:
            names.append(b"STLS")
        if terms.login_allowed:
            names.append(b"USER")
        if offered := terms.offered():
            names.append(" ".join(("SASL", *offered)).encode("ascii"))
        return _capabilities(*names)

    def _send(self, verb: str, answer: Answer) -> str:
        self._say(answer.wire)
        self.state = after(self.state, verb, ok=answer.is_ok)
        if not answer.is_ok:
            self._count_error()
        return answer.first

    def _count_error(self) -> None:
        self.errors += 1
        if self.errors >= limits.ERRORS_CLOSE:
            self.state, self.closed = State.CLOSED, True


_ANSWERS: Final[dict[str, Callable[[Pop3Server, str], Event | Answer]]] = {
    "APOP": Pop3Server._apop,
    "AUTH": Pop3Server._auth,
    "CAPA": Pop3Server._capa,
    "PASS": Pop3Server._pass,
    "QUIT": Pop3Server._quit,
    "STLS": Pop3Server._stls,
    "USER": Pop3Server._user,
}
"""What does not only ask the maildrop."""


@lru_cache(maxsize=64)
def _without_nonce(mechanisms: tuple[str, ...]) -> tuple[str, ...]:
    """Leave the mechanisms that need no nonce; there are few such tuples, one for each way in."""
    return tuple([name for name in mechanisms if name in sasl.PASSWORD_MECHANISMS])


@lru_cache(maxsize=64)
def _capabilities(*more: bytes) -> Answer:
    """Answer CAPA; remembered, because it hangs on the names alone, and these on the way in."""
    return multi_line("", (*_CAPABILITIES, *more))
