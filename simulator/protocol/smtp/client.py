"""The client's side of an SMTP or LMTP session: commands in, octets out, replies back as events.

It checks each command against the same table as the server and against what the peer offers, and reads replies with
caps, so that no peer can fill the memory of a client. RFC 5321, 3 and 4.2; RFC 2920 (pipelining); 3030; 2033.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from simulator import limits
from simulator.errors import LocalProtocolError, RemoteProtocolError
from simulator.protocol.octets import LineBuffer
from simulator.protocol.smtp import commands, extensions
from simulator.protocol.smtp.commands import ClientCommand
from simulator.protocol.smtp.faces import RELAY, Face
from simulator.protocol.smtp.moves import GROUP_MEMBERS, HELLOS, NOT_SAID, USUAL, Move, move, plain_moves
from simulator.protocol.smtp.paths import Path
from simulator.protocol.smtp.replies import Reply, read_again, read_named, read_reply
from simulator.protocol.smtp.states import ENDS, TABLE, State, legal_now

_GREETING: Final = ClientCommand("GREETING", b"")
_UNASKED: Final = ClientCommand("", b"")
_IN_DATA: Final = State.DATA  # a member of an enumeration is found slowly
_DEAF: Final = frozenset({State.HANDSHAKE, State.CLOSED})
_REPLY_LINE: Final = re.compile(rb"[2-5][0-9]{2}(?:[ -]|\Z)")
_TELLING: Final = frozenset({*HELLOS, "AUTH"})
"""What a positive reply to says more than where the session stands."""
_CLEARING: Final = frozenset({State.READY, State.HANDSHAKE, State.CLOSED})
"""States that are entered without recipients."""


class ReplyReceived(NamedTuple):
    """A reply and the command that it answers: None for the greeting and for a 421 that nobody asked for.

    `verb` is that of the command, or GREETING, or "" for such a 421. `recipient` is set for a reply to LMTP content.
    """

    verb: str
    reply: Reply
    command: ClientCommand | None = None
    recipient: Path | None = None


class SmtpClient:
    """One session; it waits for the greeting first. `hostname` is the name given in `hello`.

    A password in clear is refused unless `auth_in_clear`. When `closed`, the connection is to be closed. After a
    `RemoteProtocolError` the session is closed too.
    """

    __slots__ = (
        "_ahead", "_awaited", "_buffer", "_challenged", "_lines", "_moves", "_out", "_pending", "_ready", "_recipients",
        "auth_in_clear", "authenticated", "extensions", "face", "hostname", "in_steps", "pipelining", "state", "tls",
    )  # fmt: skip

    def __init__(self, *, hostname: str, face: Face = RELAY, auth_in_clear: bool = False) -> None:
        self.face = face
        self.hostname = hostname
        self.auth_in_clear = auth_in_clear
        self.tls = face.implicit_tls
        self.authenticated = False
        self.extensions: Mapping[str, str] = {}
        """What the peer offers: keyword -> arguments; empty until the reply to EHLO or LHLO."""
        self.pipelining = False
        """Whether the peer takes commands in groups (RFC 2920)."""
        self.in_steps = False
        """Whether something came that `take_all` did not take; then all is read step by step, until nothing waits."""
        self.state = State.CONNECTED
        self._ahead = State.GREETED  # the state if every reply that is still to come were positive
        self._challenged = False
        self._moves = plain_moves(face.hello)
        self._pending = [_GREETING]  # what is not answered; the end of content once for each reply
        self._awaited = [USUAL["GREETING"]]  # the usual replies to it, 0 where there is none; not kept up `in_steps`
        self._recipients: list[Path | None] = []  # accepted ones, for whom LMTP's letter is not answered
        self._ready: list[Reply] = []  # whole replies, the last one first
        self._lines: list[bytes] = []
        self._buffer: LineBuffer | None = None  # for what does not come in whole replies
        self._out: list[bytes] = []

    @property
    def closed(self) -> bool:
        """Whether the session is over."""
        return self.state is State.CLOSED

    @property
    def unanswered(self) -> tuple[ClientCommand, ...]:
        """Commands whose reply has not come, oldest first."""
        return tuple(command for command in self._pending if command is not _GREETING)

    @property
    def size_limit(self) -> int | None:
        """The largest content in octets that the peer takes, None if it does not say (RFC 1870, 4: 0 is no limit)."""
        return _number(self.extensions.get("SIZE", ""))

    @property
    def recipient_limit(self) -> int | None:
        """Recipients that the peer takes in one transaction, None if it does not say (RFC 9422, 4.2)."""
        said = self.extensions.get("LIMITS")
        return None if said is None else _recipient_limit(said)

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """SASL mechanisms that the peer offers now, in its order."""
        return tuple(self.extensions.get("AUTH", "").upper().split())

    def hello(self) -> ClientCommand:
        """Build the hello of this face: EHLO or LHLO."""
        return commands.lhlo(self.hostname) if "LHLO" in self.face.hello else commands.ehlo(self.hostname)

    def legal_now(self) -> tuple[str, ...]:
        """Verbs that `send` would take now, as far as order goes; () while it must wait for a reply."""
        if self._challenged:
            return ("AUTH-RESPONSE",)
        if self._must_wait():
            return ()
        return tuple(verb for verb in legal_now(self._ahead) if self._is_legal(verb))

    def send(self, *group: ClientCommand) -> None:
        """Queue commands in turn.

        Raises `LocalProtocolError` for the first that is illegal now or not offered: it is not sent, nor what follows.
        """
        pending, awaited, out, moves = self._pending, self._awaited, self._out, self._moves
        follows = not self._challenged and (not pending or (self.pipelining and pending[-1].verb in GROUP_MEMBERS))
        for command in group:
            verb = command.verb
            plain = moves[self._ahead].get(verb) if follows else None
            after, usual, leads = plain or self._checked(command)
            if command.needs:
                self._check_offered(command)
            out.append(command.octets)
            self._ahead = after
            if verb in ENDS and self.face.reply_each:
                self._await_each(command)
            else:
                pending.append(command)
                awaited.append(usual)
            follows = leads and self.pipelining

    def data_to_send(self) -> bytes:
        """Give and forget the octets to send."""
        if not self._out:
            return b""
        octets = b"".join(self._out)
        self._out.clear()
        return octets

    def receive_data(self, octets: bytes) -> None:
        """Take octets as they come; what comes in clear after STARTTLS's reply or after the end is dropped."""
        if self.state in _DEAF:
            return
        self.in_steps = True
        if self._buffer is None:
            if not self._ready:
                pending = self._pending
                unique = pending and pending[0].verb in ENDS  # it names the letter: nobody hears it twice
                whole = read_named(octets) if unique else read_again(octets)
                if whole is not None:
                    self._ready = [*reversed(whole[0])]
                    return
            self._buffer = LineBuffer(limits.REPLY_LINE_ACCEPTED_OCTETS)
        self._buffer.feed(octets)

    def take_all(self, octets: bytes) -> tuple[Reply, ...] | None:
        """Take a chunk that holds all the replies that are awaited, each the usual one, and give them.

        None, and nothing is taken, for any other chunk: then `receive_data` and `next_reply` go step by step.
        """
        if self.in_steps or not octets:
            return None
        heard = read_named(octets) if self.state is _IN_DATA else read_again(octets)
        if heard is None:
            return None
        replies, codes = heard
        if codes != self._awaited:
            return None
        command = self._pending[-1]
        if command.verb in _TELLING:
            self._learn(command.verb, replies[-1], command)
        if self.face.reply_each:
            self._note_recipients()
        self._pending.clear()
        self._awaited.clear()
        self.state = self._ahead
        return replies

    def next_event(self) -> ReplyReceived | None:
        """Give the next reply, or None. Raises `RemoteProtocolError` for what is none, or too long; that closes."""
        command = self._pending[0] if self._pending else _UNASKED
        recipient = self._recipients[0] if self.face.reply_each and command.verb in ENDS else None
        reply = self.next_reply()
        if reply is None:
            return None
        verb = "AUTH" if command.verb == "AUTH-RESPONSE" else command.verb
        return ReplyReceived(verb, reply, command if command.octets else None, recipient)

    def next_reply(self) -> Reply | None:
        """Do as `next_event`, for a caller who knows what is answered."""
        reply = None
        try:
            if self._ready:
                reply = self._ready.pop()
            elif self._buffer is not None:
                reply = self._read_reply(self._buffer)
            if reply is not None:
                self._take(reply)
                self._awaited.clear()
                self.in_steps = bool(self._pending or self._ready or self._buffer is not None)
        except RemoteProtocolError:
            self._close()
            raise
        return reply

    def tls_started(self) -> None:
        """Say that the handshake after STARTTLS is done: what the peer said in clear is forgotten (RFC 3207, 4.2)."""
        if self.state is not State.HANDSHAKE:
            raise LocalProtocolError("TLS starts only after a 220 reply to STARTTLS; send that first")
        self.tls = True
        self._offer({})
        self.state = self._ahead = TABLE[State.HANDSHAKE]["TLS"]

    # --- inside ---

    def _is_legal(self, verb: str) -> bool:
        if self._challenged:
            return verb == "AUTH-RESPONSE"
        if verb not in TABLE[self._ahead] or self._must_wait():
            return False
        if verb == "BDAT-LAST" and self.face.reply_each and self._pending:
            return False  # how many replies will come is known only when every RCPT has its own
        return verb in self.face.hello if verb in HELLOS else verb not in NOT_SAID

    def _must_wait(self) -> bool:
        pending = self._pending
        return bool(pending) and not (self.pipelining and pending[-1].verb in GROUP_MEMBERS)

    def _checked(self, command: ClientCommand) -> Move:
        """Give what comes of a command that is not plain now; raise if it must not be sent."""
        verb = command.verb
        if not self._is_legal(verb):
            raise LocalProtocolError(self._why_not(verb))
        if verb == "AUTH":
            self._check_offered(command)
        self._challenged = False  # if it was, only the answer to it is legal
        return move(self._ahead, verb)

    def _await_each(self, command: ClientCommand) -> None:
        """Expect a reply for each recipient; for nobody, no reply (RFC 2033, 4.2)."""
        self._pending += [command] * len(self._recipients)
        self._awaited += [USUAL.get(command.verb, 0)] * len(self._recipients)
        if not self._recipients:
            self._enter(TABLE[self.state].get(command.verb, self.state))

    def _why_not(self, verb: str) -> str:
        if self._must_wait() and not self._challenged:
            return f"{verb} must wait for the reply to {self._pending[-1].verb}"
        legal = ", ".join(self.legal_now()) or "nothing"
        return f"{verb} is out of order in state {self._ahead}; legal now: {legal}"

    def _check_offered(self, command: ClientCommand) -> None:
        for keyword in command.needs:
            if keyword not in self.extensions:
                raise LocalProtocolError(f"the peer does not offer {keyword}, which {command.verb} needs here")
        if command.verb == "AUTH" and not self.tls and not self.auth_in_clear:
            raise LocalProtocolError("a password must not go in clear; start TLS first")

    def _read_reply(self, buffer: LineBuffer) -> Reply | None:
        """Read what did not come in whole replies, line by line."""
        lines = self._lines
        while (line := buffer.next_line()) is not None:
            if _REPLY_LINE.match(line) is None:
                raise RemoteProtocolError("the peer sent a line that is no reply")
            lines.append(line)
            if lines[0][:3] != line[:3] or len(lines) > limits.REPLY_LINES:
                raise RemoteProtocolError("the peer sent a reply whose lines do not belong together or do not end")
            if line[3:4] != b"-":
                self._lines = []
                self._buffer = buffer if len(buffer) else None
                return read_reply(lines)
        return None

    def _take(self, reply: Reply) -> None:
        """Move the session as a reply says."""
        pending = self._pending
        if not pending:
            self._take_unasked(reply)
            return
        command = pending.pop(0)
        verb = command.verb
        after = TABLE[self.state].get(verb) if USUAL.get(verb) == reply.code else None
        if verb in ENDS and self._recipients:
            self._recipients.pop(0)
        if after is None or (pending and pending[0] is command):
            self._take_unusual("AUTH" if verb == "AUTH-RESPONSE" else verb, reply, command)
            return
        self._learn(verb, reply, command)
        self.state = after
        if after in _CLEARING:
            self._clear()

    def _note_recipients(self) -> None:
        """Go through commands that are all answered by a positive reply; what opens or ends a transaction forgets."""
        for command in self._pending:
            if command.verb == "RCPT":
                self._recipients.append(command.path)
            elif command.verb != "DATA":
                self._recipients.clear()

    def _take_unasked(self, reply: Reply) -> None:
        if reply.code != 421:
            raise RemoteProtocolError(f"the peer sent a reply ({reply.code}) to nothing")
        self._close()

    def _take_unusual(self, verb: str, reply: Reply, command: ClientCommand) -> None:
        if reply.code == 421 or (reply.code == 221 and verb != "QUIT"):
            self._close()
        elif reply.code == 334 and verb == "AUTH":
            self._challenged = True
        else:
            self._apply(verb, reply, command)

    def _apply(self, verb: str, reply: Reply, command: ClientCommand) -> None:
        if reply.code < 400 and (reply.code >= 300) is not (verb == "DATA"):
            raise RemoteProtocolError(f"the peer answered {verb} with {reply.code}")
        if verb in ENDS and self._pending and self._pending[0] is command:
            return  # the last of them moves the session
        if reply.positive or verb in ENDS:
            self._learn(verb, reply, command)
            # A peer may say 354 although it refused every recipient; empty content is then owed (RFC 2920, 3.1).
            self._enter(State.DATA if verb == "DATA" else TABLE[self.state].get(verb, self.state))
        elif verb == "BDAT" and self.state in (State.RCPT, State.CHUNKS):
            self._enter(State.READY)  # RFC 3030, 2: the transaction has failed
        self._ahead = self.state
        for later in self._pending:
            self._ahead = TABLE[self._ahead].get(later.verb, self._ahead)

    def _learn(self, verb: str, reply: Reply, command: ClientCommand) -> None:
        if verb in HELLOS:
            self._offer({} if verb == "HELO" else extensions.parse_hello(reply))
        elif verb == "AUTH":
            self.authenticated = True
        elif verb == "RCPT":
            self._recipients.append(command.path)

    def _offer(self, offered: Mapping[str, str]) -> None:
        self.extensions = offered
        self.pipelining = "PIPELINING" in offered

    def _enter(self, state: State) -> None:
        self.state = state
        if state in _CLEARING:
            self._clear()

    def _clear(self) -> None:
        self._recipients.clear()
        if self.state is not State.READY:
            self._forget_input()

    def _close(self) -> None:
        self._enter(State.CLOSED)
        self._ahead = State.CLOSED
        self._challenged = False

    def _forget_input(self) -> None:
        """Drop what came in clear before TLS (RFC 3207, 4.2), or after the end."""
        self._ready = []
        self._lines = []
        self._buffer = None


@lru_cache(maxsize=64)
def _recipient_limit(limits_said: str) -> int | None:
    words = dict(word.upper().partition("=")[::2] for word in limits_said.split())
    return _number(words.get("RCPTMAX", ""))


def _number(text: str) -> int | None:
    """Read what a peer says of a limit: digits, where 0 and nonsense are no limit."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 20 and int(text) else None
