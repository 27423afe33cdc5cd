"""The client side of one POP3 connection: commands in, replies out, nothing sent that the table forbids.

It checks itself by the server's table, refuses text that would inject a command, and caps whatever a hostile
server may send. RFC 1939, 3; RFC 2449, 6.6 for groups of commands and 8 for response codes.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Final, NamedTuple

from simulator import limits
from simulator.errors import LimitExceeded, LocalProtocolError, RemoteProtocolError
from simulator.protocol import sasl
from simulator.protocol.octets import CRLF, END_MARK, DotReader, LineBuffer
from simulator.protocol.pop3.authentication import apop_digest, apop_timestamp
from simulator.protocol.pop3.table import COMMANDS, LISTS, MULTI_LINE, TABLE, State, after, legal

_STATUS: Final = re.compile(rb"(\+OK|-ERR)(?: (?:\[([A-Za-z0-9/.\-]{1,64})\] ?)?(.*))?", re.DOTALL)
_INJECTION: Final = re.compile(r"[\r\n\x00]")
_WORDS: Final = {verb: f"{verb}\r\n".encode("ascii") for verb in COMMANDS}
"""Commands without an argument, as they go on the wire."""
_END: Final = CRLF + END_MARK
_DOTTED: Final = CRLF + b"."
_PIPELINING: Final = b"\nPIPELINING\r\n"
_ALONE: Final = frozenset({"AUTH", "STLS"})
"""What goes on in another way than by a reply, so that nothing may be under way with it."""
_TELLING: Final = _ALONE | {"CAPA"}
"""Commands whose +OK does more than lead to another state."""
_ITEM: Final = re.compile(rb"([0-9]{1,10}) ([\x21-\x7e]{1,70})(?: .*)?")


class Greeting(NamedTuple):
    """The server's first line; `ok` is false if it will not serve."""

    ok: bool
    text: str


class Reply(NamedTuple):
    """The whole reply to one command. `code` is the response code (`AUTH`) or None; `octets` the lines that followed,
    dots unstuffed and every CRLF kept, or None if it was a single line."""

    verb: str
    argument: str
    ok: bool
    code: str | None
    text: str
    octets: bytes | None = None

    def lines(self) -> tuple[bytes, ...]:
        """Give the lines that followed, without CRLF."""
        return tuple((self.octets or b"").split(CRLF)[:-1])

    def listing(self) -> dict[int, str]:
        """Give LIST's or UIDL's message numbers and what stands beside them; a line that is none raises
        `RemoteProtocolError`."""
        found: dict[int, str] = {}
        for line in self.lines() if self.octets is not None else (self.text.encode("utf-8"),):
            item = _ITEM.fullmatch(line)
            if item is None:
                raise RemoteProtocolError(f"the reply to {self.verb} holds a line that is no listing")
            found[int(item[1])] = item[2].decode("ascii")
        return found


_reply: Final[Callable[[tuple[str, str, bool, str | None, str, bytes | None]], Reply]] = partial(tuple.__new__, Reply)
"""Makes a `Reply` of its six values, at a third of the price."""

Event = Greeting | Reply


class Pop3Client:
    """The client side of one connection. `content_limit` caps the lines of one reply, in octets."""

    def __init__(self, *, content_limit: int = limits.MESSAGE_OCTETS + limits.HEADER_OCTETS) -> None:
        self.state = State.AUTHORIZATION
        self._content_limit = content_limit
        self._lines = LineBuffer(limits.REPLY_LINE_ACCEPTED_OCTETS)
        self._out: list[bytes] = []
        self._greeted = False
        self._pending: deque[tuple[str, str, State, bool]] = deque()
        """Commands under way: verb, argument, the state if all replies so far are +OK, whether lines follow."""
        self.in_steps = False
        """Whether there are octets that only `next_event` can read."""
        self.pipelining = False
        """Whether CAPA said that commands may follow each other before their replies have come (RFC 2449, 6.6)."""
        self._head: Reply | None = None
        """The first line of a reply whose other lines have not all come; `_reader` has those that have."""
        self._reader: DotReader | None = None
        self._exchange: sasl.ClientExchange | None = None
        self._initial: bytes | None = None
        self._gave_up = False
        self._handshaking = False
        self.timestamp: str | None = None
        """What APOP's digest must cover, as the greeting had it; None if the server offers no APOP."""

    def legal_now(self) -> tuple[str, ...]:
        """Name the commands that may be sent now."""
        if not self._greeted or self._handshaking or (self._pending and not self._goes_along()):
            return ()
        return legal(self._pending[-1][2] if self._pending else self.state)

    def _goes_along(self, verb: str = "") -> bool:
        """Tell whether a command may be sent while others are under way."""
        return self.pipelining and verb not in _ALONE and self._pending[-1][0] not in _ALONE

    def send(self, verb: str, argument: str = "") -> None:
        """Send one command; raises `LocalProtocolError`, and sends nothing, if it is illegal now or not one line."""
        verb, pending = verb.upper(), self._pending
        if not self._greeted or self._handshaking or (pending and not self._goes_along(verb)):
            raise LocalProtocolError(f"Wait for the server's reply before sending {verb}.")
        state = pending[-1][2] if pending else self.state
        then = TABLE[state].get(verb)
        if then is None:
            raise LocalProtocolError(f"{verb} may not be sent in the state {state.value}.")
        self._out.append(_written(verb, argument) if argument else _WORDS[verb])
        lists = not argument and verb in LISTS
        pending.append((verb, argument, state if lists and verb == "AUTH" else then, lists or verb in MULTI_LINE))

    def apop(self, user: str, password: str) -> None:
        """Send APOP (RFC 1939, 7); raises `LocalProtocolError` if the greeting had no timestamp."""
        if self.timestamp is None:
            raise LocalProtocolError("The server offers no APOP; log in in another way.")
        self.send("APOP", f"{user} {apop_digest(self.timestamp, password)}")

    def authenticate(self, exchange: sasl.ClientExchange) -> None:
        """Send AUTH (RFC 5034); the initial response goes along where the line can hold it."""
        initial = exchange.initial()
        argument = exchange.mechanism
        if initial is not None:
            response = sasl.encode_base64(initial).decode("ascii") or "="
            if len(argument) + len(response) <= limits.POP3_LINE_OCTETS - len("AUTH  \r\n"):
                argument, initial = f"{argument} {response}", None
        self.send("AUTH", argument)
        self._exchange, self._initial, self._gave_up = exchange, initial, False

    def tls_started(self) -> None:
        """Say that the handshake after STLS is done."""
        if not self._handshaking:
            raise LocalProtocolError("TLS starts only after +OK to STLS; wait for that first.")
        self._handshaking = False

    def data_to_send(self) -> bytes:
        """Drain the octets for the server."""
        out = self._out
        if not out:
            return b""
        octets = b"".join(out) if len(out) > 1 else out[0]
        out.clear()
        return octets

    def receive_data(self, octets: bytes) -> None:
        """Take octets from the server, in any chunks."""
        self.in_steps = True
        self._lines.feed(octets)

    def take_all(self, octets: bytes) -> list[Reply] | None:
        """Take a chunk of all the replies that are awaited, each +OK and only the last with lines, and give them.

        None, and nothing is taken, for any other chunk: then `receive_data` and `next_event` go step by step.
        """
        pending = self._pending
        heads = octets.split(CRLF, len(pending))
        rest, owes = heads.pop(), False
        if self.in_steps or not pending or len(heads) < len(pending) or self._exchange is not None:
            return None
        replies: list[Reply] = []
        for line, (verb, argument, _, lists) in zip(heads, pending, strict=True):
            said = None if owes else _read_ok(line)  # lines that are not the last one's
            if said is None:
                return None
            owes = lists
            replies.append(_reply((verb, argument, True, *said, _whole_lines(rest) if lists else None)))
        verb, _, then, _ = pending[-1]
        lines = replies[-1].octets if owes else rest
        if lines is None or len(lines) > (self._content_limit if owes else 0):
            return None
        if verb in _TELLING:
            self._learn(verb, replies[-1])
        pending.clear()
        self.state = then
        return replies

    def next_event(self) -> Event | None:
        """Give the greeting or a whole reply, or None until it is complete.

        Raises `RemoteProtocolError` for what is no POP3 and `LimitExceeded` for too much of it; close the connection
        then.
        """
        if self._head is not None:
            return self._content(self._head)
        lines = self._lines
        if not self._pending and self._greeted:
            if len(lines):
                raise RemoteProtocolError("the server sent octets that answer no command")
            return None
        line = lines.next_line()
        if line is not None:
            return self._status(line) if self._exchange is None else self._exchanged(self._exchange, line)
        if lines.overlong:
            raise LimitExceeded(f"reply line longer than {limits.REPLY_LINE_ACCEPTED_OCTETS} octets")
        return None

    def _exchanged(self, exchange: sasl.ClientExchange, line: bytes) -> Event | None:
        if not line.startswith(b"+ "):
            return self._status(line)
        self._out.append(self._respond(exchange, line[2:]) + CRLF)
        return self.next_event()

    def _respond(self, exchange: sasl.ClientExchange, challenge: bytes) -> bytes:
        """Answer a challenge; one that cannot be answered ends the exchange (RFC 5034, 4: `*`)."""
        initial, self._initial = self._initial, None
        if self._gave_up:
            raise RemoteProtocolError("the server goes on with an exchange that the client gave up")
        try:
            if initial is not None and not challenge:
                return sasl.encode_base64(initial)
            return sasl.encode_base64(exchange.step(sasl.decode_base64(challenge)))
        except RemoteProtocolError:
            self._gave_up = True
            return b"*"

    def _status(self, line: bytes) -> Event | None:
        accepted, code, text = _read_status(line)
        if not self._greeted:
            self._greeted = True
            self.timestamp = apop_timestamp(text)
            self.in_steps = self._lines.holds
            return Greeting(accepted, text)
        verb, argument, _, lists = self._pending[0]
        octets = None
        if accepted and lists:
            octets = self._lines.take_plain_content()
            if octets is None:
                self._head = head = Reply(verb, argument, accepted, code, text)
                self._reader = DotReader(self._content_limit)
                return self._content(head)
            if len(octets) > self._content_limit:
                raise self._too_long(verb)
        return self._done(verb, _reply((verb, argument, accepted, code, text, octets)))

    def _content(self, head: Reply) -> Reply | None:
        assert self._reader is not None
        octets = self._reader.read(self._lines)
        if self._reader.too_big:
            raise self._too_long(head.verb)
        if octets is None:
            return None
        self._head = self._reader = None
        return self._done(head.verb, head._replace(octets=octets))

    def _too_long(self, verb: str) -> LimitExceeded:
        return LimitExceeded(f"the reply to {verb} is longer than {self._content_limit} octets")

    def _done(self, verb: str, reply: Reply) -> Reply:
        """Note what a whole reply to `verb` changes."""
        if verb in _TELLING:
            self._learn(verb, reply)
        _, _, then, _ = self._pending.popleft()
        if reply.ok:
            self.state = then
        else:
            self._refused(verb)
        if not self._pending:
            self.in_steps = self._lines.holds
        return reply

    def _learn(self, verb: str, reply: Reply) -> None:
        if verb == "CAPA":
            self.pipelining = _PIPELINING in b"\n" + (reply.octets or b"")
        elif verb == "AUTH":
            if self._exchange is not None and reply.ok and not self._exchange.finished:
                raise RemoteProtocolError("the server accepts a login before it has proved itself")
            self._exchange = None
        elif reply.ok:
            self._handshaking = True
            if len(self._lines):
                raise RemoteProtocolError("the server said something in clear after its +OK to STLS")

    def _refused(self, verb: str) -> None:
        """Reckon anew where this reply and those to come lead to."""
        self.state = state = after(self.state, verb, ok=False)
        for number, (waiting, argument, _, lists) in enumerate(self._pending):
            state = TABLE[state].get(waiting, state)
            self._pending[number] = waiting, argument, state, lists


def _whole_lines(octets: bytes) -> bytes | None:
    """Give the lines of a reply that are all there and nothing after them, None if any begins with a dot."""
    end = len(octets) - len(_END)
    if octets.find(_DOTTED) == end and octets.endswith(_END) and not octets.startswith(b"."):
        return octets[: end + len(CRLF)]
    return b"" if octets == END_MARK else None


def _written(verb: str, argument: str) -> bytes:
    if not argument.isprintable() and _INJECTION.search(argument):
        raise LocalProtocolError(f"The argument of {verb} holds CR, LF or NUL; it must be one line.")
    octets = f"{verb} {argument}\r\n".encode()
    if len(octets) > limits.POP3_LINE_OCTETS:
        raise LocalProtocolError(f"{verb} would be longer than the {limits.POP3_LINE_OCTETS} octets of RFC 2449, 4.")
    return octets


@lru_cache(maxsize=256)
def _read_status(line: bytes) -> tuple[bool, str | None, str]:
    """Read +OK or -ERR, response code and text; remembered, because it hangs on the line alone, which is bounded."""
    found = _STATUS.fullmatch(line)
    if found is None:
        raise RemoteProtocolError("a reply that begins with neither +OK nor -ERR")
    code = found[2].decode("ascii") if found[2] else None
    return found[1] == b"+OK", code, (found[3] or b"").decode("utf-8", "replace")


@lru_cache(maxsize=256)
def _read_ok(line: bytes) -> tuple[str | None, str] | None:
    """Read response code and text of a clean +OK, None for any other line; remembered for the same reason."""
    if len(line) + len(CRLF) > limits.REPLY_LINE_ACCEPTED_OCTETS or b"\r" in line or b"\n" in line:
        return None
    found = _STATUS.fullmatch(line)
    return None if found is None or found[1] != b"+OK" else _read_status(line)[1:]
