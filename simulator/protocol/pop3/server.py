"""The server side of one POP3 connection: octets in, events and octets out.

Policy is asked twice only, at PASS and at QUIT; everything between is answered from the maildrop that policy gave,
so that no session code repeats the protocol. RFC 1939, 2449, 3206; texts in Dovecot's flavour.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from typing import Final

from simulator import limits
from simulator.errors import LimitExceeded, LocalProtocolError, RemoteProtocolError
from simulator.protocol.octets import LineBuffer
from simulator.protocol.pop3 import transaction
from simulator.protocol.pop3.maildrop import Maildrop, MarkedMaildrop
from simulator.protocol.pop3.replies import OK, Answer, err, multi_line, ok
from simulator.protocol.pop3.table import COMMANDS, TABLE, State, after, legal

_LINE: Final = re.compile(rb"([A-Za-z]{1,16})(?: ([^\x00]*))?")
_SAFE: Final = re.compile(r"[\x20-\x7e]{1,64}")
_CAPABILITIES: Final = (b"CAPA", b"TOP", b"UIDL", b"RESP-CODES", b"PIPELINING", b"AUTH-RESP-CODE")
_WITHOUT_ARGUMENT: Final = frozenset({"CAPA", "QUIT", "STAT", "RSET", "NOOP"})
_UNKNOWN: Final = "Unknown command."
_MASK: Final = "***"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command that the core has answered: `reply` is its first line without CRLF, `octets` the size of the lines
    that follow on the wire. `masked` is the argument with a password hidden. An unreadable line has verb ""."""

    verb: str
    argument: str
    masked: str
    reply: str
    octets: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """PASS asks for policy: answer with `reply(LoggedIn(maildrop))` or `reply(Refused(...))`."""

    user: str
    password: str
    verb: str = "PASS"
    argument: str = ""
    masked: str = _MASK
    reply: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """QUIT asks for the removal of `deleted` (message numbers, ascending): answer with `reply(Updated())` when it is
    done, or `reply(Refused(...))`. Nothing else ever removes a message."""

    deleted: tuple[int, ...]
    verb: str = "QUIT"
    argument: str = ""
    masked: str = ""
    reply: None = None


Event = Command | Login | Update


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Answer to `Login`: the locked maildrop."""

    maildrop: Maildrop


@dataclass(frozen=True, slots=True)
class Updated:
    """Answer to `Update`: the messages are gone."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Answer to `Login` or `Update`: -ERR, with a response code (AUTH, IN-USE, SYS/TEMP, SYS/PERM, LOGIN-DELAY:
    RFC 2449, 8; RFC 3206) or None."""

    text: str = "Authentication failed."
    code: str | None = "AUTH"


class Pop3Server:
    """The server side of one connection; the greeting waits in `data_to_send()` from the start.

    `login_allowed` is false where USER and PASS would send a password in clear. `errors` counts -ERR replies, so that
    a session can answer late after `limits.ERRORS_SLOW`; when `closed`, send what waits, then close.
    """

    def __init__(self, *, greeting: str = "POP3 server ready.", login_allowed: bool = True) -> None:
        self.state = State.AUTHORIZATION
        self.closed = False
        self.errors = 0
        self.failed_logins = 0
        self.user = ""
        self.maildrop: MarkedMaildrop | None = None
        self._login_allowed = login_allowed
        self._lines = LineBuffer(limits.POP3_LINE_OCTETS)
        self._out: list[bytes] = [ok(greeting).wire]
        self._events: deque[Event] = deque()
        self._waiting: Login | Update | None = None

    def receive_data(self, octets: bytes) -> None:
        """Take octets from the client, in any chunks."""
        self._lines.feed(octets)

    def data_to_send(self) -> bytes:
        """Drain the octets for the client."""
        octets = b"".join(self._out)
        self._out.clear()
        return octets

    def legal_now(self) -> tuple[str, ...]:
        """Name the commands that may come now."""
        return legal(self.state)

    def next_event(self) -> Event | None:
        """Give the next event; None if more octets or the answer to a policy event must come first."""
        if self._events:
            return self._events.popleft()
        if self.closed or self._waiting is not None:
            return None
        try:
            line = self._lines.next_line()
        except LimitExceeded:
            return self._unreadable("Input line too long.")
        except RemoteProtocolError:
            return self._unreadable("Lines must end with CRLF.")
        return None if line is None else self._command(line)

    def reply(self, answer: LoggedIn | Updated | Refused) -> None:
        """Answer the policy event given last; an answer of the wrong kind raises `LocalProtocolError`.

        After `shut_down()` the answer comes too late and is passed over.
        """
        if self.closed:
            return
        waiting = self._waiting
        if isinstance(waiting, Login) and not isinstance(answer, Updated):
            self._waiting = None
            self._logged_in(answer)
        elif isinstance(waiting, Update) and not isinstance(answer, LoggedIn):
            self._waiting = None
            self._updated(answer)
        else:
            raise LocalProtocolError("This is no answer to the last event; answer each Login and Update once, in kind.")

    def shut_down(self, text: str = "Server shutting down.") -> None:
        """Send -ERR (time-out, shutdown) and close without UPDATE (RFC 1939, 3)."""
        if not self.closed:
            self._out.append(err(text, "SYS/TEMP").wire)
            self.state, self.closed = State.CLOSED, True

    def _logged_in(self, answer: LoggedIn | Refused) -> None:
        if isinstance(answer, LoggedIn):
            self.maildrop = MarkedMaildrop(answer.maildrop)
            self._send("PASS", ok("Logged in."))
            return
        self._send("PASS", err(answer.text, answer.code))
        self.failed_logins += answer.code in (None, "AUTH")  # a busy maildrop is nobody's wrong guess
        if self.failed_logins >= limits.FAILED_LOGINS:
            self.state, self.closed = State.CLOSED, True

    def _updated(self, answer: Updated | Refused) -> None:
        assert self.maildrop is not None
        if isinstance(answer, Refused):
            self._send("QUIT", err(answer.text, answer.code))
        else:
            self._send("QUIT", ok("Logging out, messages deleted." if self.maildrop.deleted else "Logging out."))
        self.closed = True

    def _unreadable(self, text: str) -> Command:
        answer = err(text)
        self._send("", answer)
        return Command(verb="", argument="", masked=_MASK, reply=answer.first, octets=0)

    def _command(self, line: bytes) -> Event:
        found = _LINE.fullmatch(line)
        if found is None:
            return self._unreadable(_UNKNOWN)
        verb = found[1].decode("ascii").upper()
        try:
            argument = (found[2] or b"").decode("utf-8")
        except UnicodeDecodeError:
            return self._unreadable("Arguments must be UTF-8.")
        if verb not in TABLE[self.state]:
            return self._answered(verb, argument, self._illegal(verb))
        self._waiting = self._for_policy(verb, argument)
        return self._waiting or self._answered(verb, argument, self._answer(verb, argument))

    def _for_policy(self, verb: str, argument: str) -> Login | Update | None:
        if verb == "PASS" and self._login_allowed:
            return Login(user=self.user, password=argument)
        if verb == "QUIT" and self.maildrop is not None and not argument:
            return Update(deleted=tuple(sorted(self.maildrop.deleted)))
        return None

    def _answered(self, verb: str, argument: str, answer: Answer) -> Command:
        self._send(verb if answer.is_ok else "", answer)  # a QUIT that is no QUIT must not end the session
        masked = argument if verb in COMMANDS and verb != "PASS" else _MASK
        return Command(verb=verb, argument=argument, masked=masked, reply=answer.first, octets=answer.octets)

    def _illegal(self, verb: str) -> Answer:
        if self.state is State.AUTHORIZATION and verb == "PASS":
            return err("No username given.")
        if self.state is State.TRANSACTION and _SAFE.fullmatch(verb):
            return err(f"Unknown command: {verb}")
        return err(_UNKNOWN)

    def _answer(self, verb: str, argument: str) -> Answer:
        if verb in _WITHOUT_ARGUMENT and argument:
            return err("This command takes no argument.")
        match verb:
            case "CAPA":
                return multi_line("", self._capabilities())
            case "USER":
                return self._name_user(argument)
            case "PASS":
                return err("Plaintext authentication disallowed on non-secure (SSL/TLS) connections.", "AUTH")
            case "QUIT" if self.maildrop is None:
                self.closed = True
                return ok("Logging out.")
        assert self.maildrop is not None
        return transaction.answer(self.maildrop, verb, argument)

    def _capabilities(self) -> tuple[bytes, ...]:
        offers_user = self.maildrop is None and self._login_allowed
        return (*_CAPABILITIES, b"USER") if offers_user else _CAPABILITIES

    def _name_user(self, argument: str) -> Answer:
        if not self._login_allowed:
            return err("Plaintext authentication disallowed on non-secure (SSL/TLS) connections.", "AUTH")
        if not argument:
            return err("No username given.")
        self.user = argument
        return OK

    def _send(self, verb: str, answer: Answer) -> None:
        self._out.append(answer.wire)
        self.state = after(self.state, verb, ok=answer.is_ok)
        self.errors += not answer.is_ok
        if self.errors >= limits.ERRORS_CLOSE:
            self.state, self.closed = State.CLOSED, True
