"""The server side of one IMAP connection: octets in, events and octets out.

It frames, checks order by the table, lets the command's own module act, and tells of changes where that is
allowed; nothing here knows a socket, a clock or a disk. RFC 9051, 2 and 7; RFC 3501 where clients still speak it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from simulator import limits
from simulator.errors import LocalProtocolError, RemoteProtocolError
from simulator.protocol.imap.framing import Framer, LiteralAnnounced, Overlong
from simulator.protocol.imap.scanner import TAG, WORD, Scanner
from simulator.protocol.imap.server.any_state import capability, logout, noop
from simulator.protocol.imap.server.authenticated import list as list_
from simulator.protocol.imap.server.authenticated import select, status
from simulator.protocol.imap.server.context import Context, Outcome, bad, no, ok
from simulator.protocol.imap.server.events import Answered, Command, Event, LoggedIn, Refused
from simulator.protocol.imap.server.not_authenticated import login
from simulator.protocol.imap.server.selected import expunge, fetch, search, store
from simulator.protocol.imap.server.selected.updates import announce
from simulator.protocol.imap.table import NO_EXPUNGE_DURING, TABLE, State, after, legal
from simulator.protocol.imap.view import MailboxRefused

CAPABILITIES: Final = ("IMAP4rev1", "LITERAL+", "UIDPLUS", "UNSELECT")
"""What this core can do. UIDPLUS is UID EXPUNGE here; its response codes belong to commands we do not have yet."""

_HANDLERS: Final[Mapping[str, Callable[[Context, Scanner], Outcome]]] = MappingProxyType(
    {
        "CAPABILITY": capability.run,
        "NOOP": noop.run,
        "CHECK": noop.check,
        "LOGOUT": logout.run,
        "LIST": list_.run,
        "SELECT": select.select,
        "EXAMINE": select.examine,
        "STATUS": status.run,
        "FETCH": fetch.fetch,
        "UID FETCH": fetch.uid_fetch,
        "STORE": store.store,
        "UID STORE": store.uid_store,
        "SEARCH": search.search,
        "UID SEARCH": search.uid_search,
        "EXPUNGE": expunge.expunge,
        "UID EXPUNGE": expunge.uid_expunge,
        "CLOSE": expunge.close,
        "UNSELECT": expunge.unselect,
    }
)
_UNREADABLE: Final = "Error in IMAP command received by server."
_PRIVACY: Final = "[PRIVACYREQUIRED] Plaintext authentication disallowed on non-secure (SSL/TLS) connections."
_MASK: Final = "***"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    """One command between its two events; `outcome` is there already if it may not act."""

    tag: str
    verb: str
    scanner: Scanner
    outcome: Outcome | None = None


class ImapServer:
    """The server side of one connection; the greeting waits in `data_to_send()` from the start.

    `login_allowed` is false where LOGIN would send a password in clear. `errors` counts BAD responses, so that a
    session can answer late after `limits.ERRORS_SLOW`; `closed` is true after BYE: send what waits, then close.
    """

    def __init__(
        self,
        *,
        greeting: str = "IMAP server ready.",
        capabilities: tuple[str, ...] = CAPABILITIES,
        login_allowed: bool = True,
    ) -> None:
        self.state = State.NOT_AUTHENTICATED
        self.closed = False
        self.errors = 0
        self.failed_logins = 0
        self._login_allowed = login_allowed
        self._capabilities = " ".join(capabilities)
        self._literal_plus = "LITERAL+" in capabilities
        self._framer = Framer(line_limit=limits.IMAP_LINE_BEFORE_LOGIN_OCTETS)
        self._literal_octets = 0
        self._unit: _Unit | None = None
        self._waiting: _Unit | None = None
        before_login = self._capabilities if login_allowed else f"{self._capabilities} LOGINDISABLED"
        self._context = Context(before_login)
        self._context.out.append(f"* OK [CAPABILITY {before_login}] {greeting}\r\n".encode("ascii"))

    def receive_data(self, octets: bytes) -> None:
        """Take octets from the client, in any chunks."""
        self._framer.feed(octets)

    def data_to_send(self) -> bytes:
        """Drain the octets for the client."""
        octets = b"".join(self._context.out)
        self._context.out.clear()
        return octets

    def legal_now(self) -> tuple[str, ...]:
        """Name the commands that may come now."""
        return legal(self.state)

    def next_event(self) -> Event | None:
        """Give the next event; None if more octets or the answer to `Login` must come first.

        Carries out the command whose `Command` event was given last.
        """
        events = self._context.events
        while not events:
            if self.closed or self._waiting is not None:
                return None
            if self._unit is not None:
                self._carry_out(self._unit)
            elif not self._read():
                return None
        return events.popleft()

    def reply(self, answer: LoggedIn | Refused) -> None:
        """Answer the `Login` event given last; after `shut_down()` the answer comes too late and is passed over."""
        if self.closed:
            return
        unit, self._waiting = self._waiting, None
        if unit is None:
            raise LocalProtocolError("No LOGIN waits for an answer; call reply() once for each Login event.")
        if isinstance(answer, LoggedIn):
            self._context.store = answer.store
            self._context.capabilities = self._capabilities
            self._framer.line_limit = limits.IMAP_LINE_AFTER_LOGIN_OCTETS
            self._finish(unit, ok(f"[CAPABILITY {self._capabilities}] Logged in"))
            return
        self._finish(unit, no(f"[{answer.code}] {answer.text}" if answer.code else answer.text))
        self.failed_logins += answer.code in (None, "AUTHENTICATIONFAILED")
        if self.failed_logins >= limits.FAILED_LOGINS:
            self._bye("Too many failed logins.")

    def shut_down(self, text: str = "Server shutting down.") -> None:
        """Send BYE (time-out, shutdown: RFC 9051, 7.1.5); nothing is read any more."""
        if not self.closed:
            self._bye(text)

    def _bye(self, text: str) -> None:
        self._context.untagged(f"BYE {text}".encode("ascii"))
        self._answered("*", "", Outcome("BYE", text))
        self.state = State.LOGOUT
        self.closed = True

    def _read(self) -> bool:
        """Read one command and give its `Command` event; false if it is not complete."""
        unit = self._framer.next_unit()
        while isinstance(unit, LiteralAnnounced):
            if not self._take_literal(unit):
                return True
            unit = self._framer.next_unit()
        if unit is None:
            return False
        self._literal_octets = 0
        if isinstance(unit, Overlong):
            self._begin(unit.head + b"\r\n", bad("Error in IMAP command received by server: Too long argument."))
        else:
            self._begin(unit)
        return True

    def _take_literal(self, announced: LiteralAnnounced) -> bool:
        logged_in = self._context.store is not None
        limit = limits.IMAP_LINE_AFTER_LOGIN_OCTETS if logged_in else limits.IMAP_LITERAL_BEFORE_LOGIN_OCTETS
        allowed = announced.waits or self._literal_plus
        if allowed and self._literal_octets + announced.size <= limit:
            self._literal_octets += announced.size
            self._framer.accept()
            if announced.waits:
                self._context.out.append(b"+ OK\r\n")
            return True
        self._literal_octets = 0
        self._framer.refuse()
        self._begin(announced.head, bad("Error in IMAP command received by server: Literal size too large."))
        if not announced.waits:  # RFC 7888, 4: its octets are coming and nobody may take them for commands
            self._bye("[TOOBIG] Literal size too large.")
        return False

    def _begin(self, octets: bytes, outcome: Outcome | None = None) -> None:
        scanner = Scanner(octets)
        tag = scanner.match(TAG)
        verb = self._verb(scanner) if tag else ""
        if not verb:
            outcome = outcome or bad(_UNREADABLE)
        argument = octets[scanner.at :].removesuffix(b"\r\n").removeprefix(b" ").decode("latin-1")
        name = tag[1].decode("ascii") if tag else "*"
        masked = self._masked(verb, argument, octets[scanner.at :])
        self._context.events.append(Command(tag=name, verb=verb, argument=argument, masked=masked))
        self._unit = _Unit(tag=name, verb=verb, scanner=scanner, outcome=outcome or self._illegal(verb))

    def _verb(self, scanner: Scanner) -> str:
        word = scanner.match(WORD) if scanner.skip(b" ") else None
        verb = word[0].decode("ascii").upper() if word else ""
        if verb == "UID" and scanner.skip(b" "):
            second = scanner.match(WORD)
            verb = f"UID {second[0].decode('ascii').upper()}" if second else verb
        return verb

    def _masked(self, verb: str, argument: str, octets: bytes) -> str:
        if self.state is not State.NOT_AUTHENTICATED or (verb != "LOGIN" and verb in TABLE[self.state]):
            return argument
        try:
            return f"{login.read(Scanner(octets), tag='').user} {_MASK}"
        except RemoteProtocolError:
            return _MASK  # what cannot be read may hold a password anywhere

    def _illegal(self, verb: str) -> Outcome | None:
        if verb in TABLE[self.state]:
            return None
        if self.state is State.NOT_AUTHENTICATED:
            return bad(_UNREADABLE)
        if self.state is State.AUTHENTICATED and verb in TABLE[State.SELECTED]:
            return bad("No mailbox selected.")
        return bad(f"Error in IMAP command {verb}: Unknown command.")

    def _carry_out(self, unit: _Unit) -> None:
        self._unit = None
        outcome = unit.outcome or self._perform(unit)
        if outcome is not None:
            self._finish(unit, outcome)

    def _perform(self, unit: _Unit) -> Outcome | None:
        context = self._context
        if context.selected is not None:
            context.selected.look()
        try:
            if unit.verb == "LOGIN":
                return self._log_in(unit)
            return _HANDLERS[unit.verb](context, unit.scanner)
        except MailboxRefused as refusal:
            return no(f"[{refusal.code}] {refusal.text}" if refusal.code else refusal.text)
        except RemoteProtocolError as error:
            return bad(f"Error in IMAP command {unit.verb}: {error.reply}")

    def _log_in(self, unit: _Unit) -> Outcome | None:
        if not self._login_allowed:
            return no(_PRIVACY)
        self._context.events.append(login.read(unit.scanner, tag=unit.tag))
        self._waiting = unit
        return None

    def _finish(self, unit: _Unit, outcome: Outcome) -> None:
        context = self._context
        if context.selected is not None:
            announce(context, context.selected, may_expunge=unit.verb not in NO_EXPUNGE_DURING)
        context.out.append(f"{unit.tag} {outcome.status} {outcome.text}\r\n".encode("ascii"))
        self.state = after(self.state, unit.verb, outcome.status)
        self._answered(unit.tag, unit.verb, outcome)
        self.closed = self.closed or self.state is State.LOGOUT
        self.errors += outcome.status == "BAD"
        if self.errors >= limits.ERRORS_CLOSE and not self.closed:
            self._bye("Too many invalid IMAP commands.")

    def _answered(self, tag: str, verb: str, outcome: Outcome) -> None:
        untagged, count = self._context.take_summaries()
        self._context.events.append(
            Answered(
                tag=tag,
                verb=verb,
                status=outcome.status,
                text=outcome.text,
                untagged=untagged,
                untagged_count=count,
            )
        )
