"""The server side of one IMAP connection: octets in, events and octets out.

It frames, checks order by the table, lets the command's own module act, and tells of changes where that is
allowed; nothing here knows a socket, a clock or a disk. RFC 9051, 2 and 7; RFC 3501 where clients still speak it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

from simulator import limits
from simulator.errors import LocalProtocolError, RemoteProtocolError
from simulator.protocol import sasl
from simulator.protocol.imap.framing import Framer, LiteralAnnounced, Overlong
from simulator.protocol.imap.scanner import TAG, WORD, Scanner
from simulator.protocol.imap.server import capabilities as offers
from simulator.protocol.imap.server.authenticated.append import TOO_BIG
from simulator.protocol.imap.server.authenticated.idle import Idle
from simulator.protocol.imap.server.capabilities import CAPABILITIES
from simulator.protocol.imap.server.context import Context, Continuation, Outcome, Result, Terms, bad, no, ok
from simulator.protocol.imap.server.events import Answered, Command, Event, LoggedIn, Login, Pushed, Refused
from simulator.protocol.imap.server.handlers import HANDLERS
from simulator.protocol.imap.server.masking import argument_of, masked
from simulator.protocol.imap.server.not_authenticated.authenticate import Exchange
from simulator.protocol.imap.server.selected.updates import announce
from simulator.protocol.imap.table import NO_EXPUNGE_DURING, TABLE, State, after, legal
from simulator.protocol.imap.view import MailboxGone, MailboxRefused

__all__ = ["CAPABILITIES", "ImapServer"]

_UNREADABLE: Final = "Error in IMAP command received by server."
_SAFE: Final = re.compile(r"[\x20-\x7e]*")
_APPEND: Final = re.compile(rb"[^ ]{1,64} APPEND ", re.IGNORECASE)


class _Unit(NamedTuple):
    """One command between its two events; `outcome` is there already if it may not act."""

    tag: str
    verb: str
    scanner: Scanner
    outcome: Outcome | None = None


class ImapServer:
    """The server side of one connection; the greeting waits in `data_to_send()` from the start.

    `login_allowed` is false where LOGIN would send a password in clear, `tls_available` true where STARTTLS may mend
    that; `capabilities` replaces what the core says of itself. Mechanisms that need a nonce are offered only with
    one: printable, no comma, different in each session. `append_limit` is in octets. `errors` counts BAD responses, so
    that a session can answer late after `limits.ERRORS_SLOW`; `closed` is true after BYE: send what waits, then close.
    """

    def __init__(
        self,
        *,
        greeting: str = "IMAP server ready.",
        capabilities: tuple[str, ...] | None = None,
        login_allowed: bool = True,
        tls_available: bool = False,
        mechanisms: tuple[str, ...] | None = None,
        nonce: str = "",
        hostname: str = "localhost",
        append_limit: int = limits.MESSAGE_OCTETS,
    ) -> None:
        self.state = State.NOT_AUTHENTICATED
        self.closed = False
        self.errors = 0
        self.failed_logins = 0
        self._capabilities = capabilities
        self._literal_plus = capabilities is None or "LITERAL+" in capabilities
        self._framer = Framer(line_limit=limits.IMAP_LINE_BEFORE_LOGIN_OCTETS)
        self._literal_octets = 0
        self._unit: _Unit | None = None
        self._waiting: _Unit | None = None
        self._asking: Exchange | None = None
        self._handshaking = False
        self._open: tuple[_Unit, Continuation] | None = None
        offered = sasl.server_mechanisms() if mechanisms is None else mechanisms
        terms = Terms(
            tls_available=tls_available,
            tls=False,
            login_allowed=login_allowed,
            mechanisms=offered if nonce else tuple([name for name in offered if name in sasl.PASSWORD_MECHANISMS]),
            nonce=nonce,
            hostname=hostname,
        )
        self._context = Context(terms, append_limit=append_limit)
        self._context.capabilities = offers.offered(terms, capabilities)
        self._context.out.append(f"* OK [CAPABILITY {self._context.capabilities}] {greeting}\r\n".encode("ascii"))

    def receive_data(self, octets: bytes) -> None:
        """Take octets from the client, in any chunks."""
        self._framer.feed(octets)

    def data_to_send(self) -> bytes:
        """Drain the octets for the client."""
        out = self._context.out
        if not out:
            return b""
        octets = b"".join(out)
        out.clear()
        return octets

    @property
    def pending(self) -> int:
        """Octets that wait in `data_to_send`."""
        out = self._context.out
        return sum(map(len, out)) if out else 0

    def legal_now(self) -> tuple[str, ...]:
        """Name the commands that may come now; none while a command goes on (DONE, a response)."""
        return legal(self.state) if self._open is None else ()

    @property
    def idling(self) -> bool:
        """Whether the client waits for news (IDLE)."""
        return self._open is not None and isinstance(self._open[1], Idle)

    def next_event(self) -> Event | None:
        """Give the next event; None if octets, the answer to `Login` or `SecretAsked`, or TLS must come first.

        Carries out the command whose `Command` event was given last.
        """
        events = self._context.events
        while not events:
            if self.closed or self._waiting is not None or self._handshaking:
                return None
            if self._unit is not None:
                unit, self._unit = self._unit, None
                self._go_on(unit, partial(self._perform, unit))
            elif not self._read():
                return None
        return events.popleft()

    def reply(self, answer: LoggedIn | Refused) -> None:
        """Answer the `Login` event given last; after `shut_down()` the answer comes too late and is passed over."""
        if self.closed:
            return
        unit = self._waiting
        if unit is None or self._asking is not None:
            raise LocalProtocolError("No login waits for an answer; call reply() once for each Login event.")
        self._waiting = None
        context = self._context
        if isinstance(answer, LoggedIn):
            context.store = answer.store
            context.capabilities = offers.granted(self._capabilities, append_limit=context.append_limit)
            self._framer.line_limit = limits.IMAP_LINE_AFTER_LOGIN_OCTETS
            self._finish(unit, ok(f"[CAPABILITY {context.capabilities}] Logged in"))
            return
        self._finish(unit, no(f"[{answer.code}] {answer.text}" if answer.code else answer.text))
        self._count_failure(counts=answer.code in (None, "AUTHENTICATIONFAILED"))

    def provide(self, secret: sasl.Secret) -> None:
        """Answer the `SecretAsked` event given last; after `shut_down()` it comes too late and is passed over."""
        if self.closed:
            return
        unit, asking = self._waiting, self._asking
        if unit is None or asking is None:
            raise LocalProtocolError("No secret is asked for; call provide() once for each SecretAsked event.")
        self._waiting = self._asking = None
        self._go_on(unit, partial(asking.provide, self._context, secret))

    def tls_started(self) -> None:
        """Say that the handshake after STARTTLS is done: what came in clear is forgotten (RFC 9051, 6.2.1)."""
        if not self._handshaking:
            raise LocalProtocolError("TLS starts only after OK to STARTTLS; wait for that command first.")
        self._handshaking = False
        self._framer.clear()
        terms = self._context.terms
        terms.tls = terms.login_allowed = True
        self._context.capabilities = offers.offered(terms, self._capabilities)

    def push(self) -> None:
        """Tell an idle client what has changed; the session calls this whenever the mailbox changes (RFC 2177).

        A `Pushed` event follows if there was something to tell. Does nothing while the client is not idle.
        """
        selected = self._context.selected
        if self.closed or not self.idling or selected is None:
            return
        try:
            announce(self._context, selected, may_expunge=True)
        except MailboxGone:
            self._bye("Mailbox was deleted.")
            return
        untagged, count = self._context.take_summaries()
        if count:
            self._context.events.append(Pushed(untagged=untagged, untagged_count=count))

    def shut_down(self, text: str = "Server shutting down.") -> None:
        """Send BYE (time-out, shutdown: RFC 9051, 7.1.5); nothing is read any more."""
        if not self.closed:
            self._bye(text)

    def _bye(self, text: str) -> None:
        self._context.untagged(f"BYE {text}".encode("ascii"))
        self._answered("*", "", Outcome("BYE", text))
        self.state = State.LOGOUT
        self.closed = True

    def _count_failure(self, *, counts: bool) -> None:
        self.failed_logins += counts
        if self.failed_logins >= limits.FAILED_LOGINS and not self.closed:
            self._bye("Too many failed logins.")

    def _read(self) -> bool:
        """Read one command, or a line of one that goes on; false if it is not complete."""
        unit = self._framer.next_unit()
        while isinstance(unit, LiteralAnnounced):
            if not self._take_literal(unit):
                return True
            unit = self._framer.next_unit()
        if unit is None:
            return False
        self._literal_octets = 0
        if self._open is not None:
            self._take_line(unit, *self._open)
        elif isinstance(unit, Overlong):
            self._begin(unit.head + b"\r\n", bad("Error in IMAP command received by server: Too long argument."))
        else:
            self._begin(unit)
        return True

    def _take_line(self, line: bytes | Overlong, unit: _Unit, continuation: Continuation) -> None:
        self._open = None
        self._framer.literals = True
        if isinstance(line, Overlong) or not line.endswith(b"\r\n"):
            self._finish(unit, bad("Line is too long or does not end with CRLF."))
            return
        self._go_on(unit, lambda: continuation.take(self._context, line[:-2]) or continuation)

    def _take_literal(self, announced: LiteralAnnounced) -> bool:
        logged_in = self._context.store is not None
        appends = logged_in and _APPEND.match(announced.head) is not None
        limit = limits.IMAP_LINE_AFTER_LOGIN_OCTETS if logged_in else limits.IMAP_LITERAL_BEFORE_LOGIN_OCTETS
        limit += self._context.append_limit if appends else 0
        allowed = announced.waits or self._literal_plus
        if allowed and self._literal_octets + announced.size <= limit:
            self._literal_octets += announced.size
            self._framer.accept()
            if announced.waits:
                self._context.out.append(b"+ OK\r\n")
            return True
        self._literal_octets = 0
        self._framer.refuse()
        too_big = bad("Error in IMAP command received by server: Literal size too large.")
        self._begin(announced.head, no(TOO_BIG) if appends else too_big)
        if not announced.waits:  # RFC 7888, 4: its octets are coming and nobody may take them for commands
            self._bye("[TOOBIG] Literal size too large.")
        return False

    def _begin(self, octets: bytes, outcome: Outcome | None = None) -> None:
        scanner = Scanner(octets)
        tag = TAG.match(octets)
        scanner.at = tag.end() if tag else 0
        verb = self._verb(scanner) if tag else ""
        if not verb:
            outcome = outcome or bad(_UNREADABLE)
        name = tag[1].decode("ascii") if tag else "*"
        rest = octets[scanner.at :]
        argument = argument_of(verb, rest)
        shown = masked(self.state, verb, argument, rest) if self.state is State.NOT_AUTHENTICATED else argument
        self._context.events.append(Command(name, verb, argument, shown))
        self._unit = _Unit(name, verb, scanner, outcome or self._illegal(verb))

    def _verb(self, scanner: Scanner) -> str:
        word = scanner.match(WORD) if scanner.skip(b" ") else None
        verb = word[0].decode("ascii").upper() if word else ""
        if verb == "UID" and scanner.skip(b" "):
            second = scanner.match(WORD)
            verb = f"UID {second[0].decode('ascii').upper()}" if second else verb
        return verb

    def _illegal(self, verb: str) -> Outcome | None:
        if verb in TABLE[self.state]:
            return None
        if self.state is State.NOT_AUTHENTICATED:
            return bad(_UNREADABLE)
        if self.state is State.AUTHENTICATED and verb in TABLE[State.SELECTED]:
            return bad("No mailbox selected.")
        return bad(f"Error in IMAP command {verb}: Unknown command.")

    def _perform(self, unit: _Unit) -> Result:
        if unit.outcome is not None:
            return unit.outcome
        context = self._context
        context.tag = unit.tag
        if context.selected is not None:
            context.selected.look()
        return HANDLERS[unit.verb](context, unit.scanner)

    def _go_on(self, unit: _Unit, act: Callable[[], Result]) -> None:
        """Let a command act, and do what follows from what it gave."""
        try:
            result = act()
        except MailboxGone:
            self._bye("Mailbox was deleted.")
            return
        except MailboxRefused as refusal:
            text = refusal.text if _SAFE.fullmatch(refusal.text) else "Mailbox cannot be used so."
            result = no(f"[{refusal.code}] {text}" if refusal.code else text)
        except RemoteProtocolError as error:
            result = bad(f"Error in IMAP command {unit.verb}: {error.reply}")
        if isinstance(result, Outcome):
            self._finish(unit, result)
            self._count_failure(counts=unit.verb == "AUTHENTICATE" and "AUTHENTICATIONFAILED" in result.text)
        elif isinstance(result, Login):
            self._context.events.append(result)
            self._waiting = unit
        elif isinstance(result, Exchange) and result.asked is not None:
            self._context.events.append(result.asked)
            self._waiting, self._asking = unit, result
        else:
            self._open = unit, result
            self._framer.literals = False
            self.push()

    def _finish(self, unit: _Unit, outcome: Outcome) -> None:
        context = self._context
        was_open = self.state is State.SELECTED
        try:
            if context.selected is not None:
                announce(context, context.selected, may_expunge=unit.verb not in NO_EXPUNGE_DURING)
        except MailboxGone:
            self._bye("Mailbox was deleted.")
            return
        context.out.append(f"{unit.tag} {outcome.status} {outcome.text}\r\n".encode("ascii"))
        self.state = after(self.state, unit.verb, outcome.status, closed=was_open and context.selected is None)
        self._answered(unit.tag, unit.verb, outcome)
        self._handshaking = unit.verb == "STARTTLS" and outcome.status == "OK"
        self.closed = self.closed or self.state is State.LOGOUT
        self.errors += outcome.status == "BAD"
        if self.errors >= limits.ERRORS_CLOSE and not self.closed:
            self._bye("Too many invalid IMAP commands.")

    def _answered(self, tag: str, verb: str, outcome: Outcome) -> None:
        untagged, count = self._context.take_summaries()
        self._context.events.append(Answered(tag, verb, outcome.status, outcome.text, untagged, count))
