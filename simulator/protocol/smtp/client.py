"""The client's side of an SMTP or LMTP session: commands in, octets out, replies back as events.

It checks each command against the same table as the server and against what the peer offers, and reads replies with
caps, so that no peer can fill the memory of a client. RFC 5321, 3 and 4.2; RFC 2920 (pipelining); 3030; 2033.
"""

import re
from collections import deque
from typing import Final, NamedTuple

from simulator import limits
from simulator.errors import LocalProtocolError, RemoteProtocolError
from simulator.protocol.octets import LineBuffer
from simulator.protocol.smtp import commands, extensions
from simulator.protocol.smtp.commands import ClientCommand
from simulator.protocol.smtp.faces import RELAY, Face
from simulator.protocol.smtp.paths import Path
from simulator.protocol.smtp.replies import Reply, read_reply, read_whole
from simulator.protocol.smtp.states import ENDS, TABLE, State, legal_now

_GROUP_MEMBERS: Final = frozenset({"MAIL", "RCPT", "RSET", "BDAT", "DATA-END"})
"""What another command may follow before its reply has come (RFC 2920, 3.1: content may begin a group; RFC 3030, 2)."""
_GREETING: Final = ClientCommand("GREETING", b"")
_DEAF: Final = frozenset({State.HANDSHAKE, State.CLOSED})
_REPLY_LINE: Final = re.compile(rb"[2-5][0-9]{2}(?:[ -]|\Z)")
_HELLOS: Final = frozenset({"EHLO", "HELO", "LHLO"})
_NOT_SAID: Final = frozenset({"GREETING", "TLS"})


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
        "_ahead", "_buffer", "_challenged", "_lines", "_out", "_pending", "_ready", "_recipients",
        "auth_in_clear", "authenticated", "extensions", "face", "hostname", "state", "tls",
    )  # fmt: skip

    def __init__(self, *, hostname: str, face: Face = RELAY, auth_in_clear: bool = False) -> None:
        self.face = face
        self.hostname = hostname
        self.auth_in_clear = auth_in_clear
        self.tls = face.implicit_tls
        self.authenticated = False
        self.extensions: dict[str, str] = {}
        """What the peer offers: keyword -> arguments; empty until the reply to EHLO or LHLO."""
        self.state = State.CONNECTED
        self._ahead = State.CONNECTED  # the state if every reply that is still to come were positive
        self._challenged = False
        self._pending: deque[tuple[ClientCommand, Path | None]] = deque([(_GREETING, None)])
        self._recipients: list[Path | None] = []
        self._ready: deque[Reply] = deque()
        self._lines: list[bytes] = []
        self._buffer = LineBuffer(limits.REPLY_LINE_ACCEPTED_OCTETS)
        self._out: list[bytes] = []

    @property
    def closed(self) -> bool:
        """Whether the session is over."""
        return self.state is State.CLOSED

    @property
    def unanswered(self) -> tuple[ClientCommand, ...]:
        """Commands whose reply has not come, oldest first."""
        return tuple(command for command, _ in self._pending if command is not _GREETING)

    @property
    def size_limit(self) -> int | None:
        """The largest content in octets that the peer takes, None if it does not say (RFC 1870, 4: 0 is no limit)."""
        return _number(self.extensions.get("SIZE", ""))

    @property
    def recipient_limit(self) -> int | None:
        """Recipients that the peer takes in one transaction, None if it does not say (RFC 9422, 4.2)."""
        words = dict(word.upper().partition("=")[::2] for word in self.extensions.get("LIMITS", "").split())
        return _number(words.get("RCPTMAX", ""))

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

    def send(self, command: ClientCommand) -> None:
        """Queue a command. Raises `LocalProtocolError`, and sends nothing, if it is illegal now or not offered."""
        if not self._is_legal(command.verb):
            raise LocalProtocolError(self._why_not(command.verb))
        self._check_offered(command)
        self._out.append(command.octets)
        if command.verb == "AUTH-RESPONSE":
            self._challenged = False
        if command.verb in ENDS and self.face.reply_each and self._recipients:
            self._pending += [(command, path) for path in self._recipients]
        elif command.verb == "DATA-END" and self.face.reply_each:
            self._move(command.verb)  # nobody, no reply: RFC 2033, 4.2
        else:
            self._pending.append((command, None))
        self._ahead = TABLE[self._ahead].get(command.verb, self._ahead)

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
        whole = None if self._ready or self._lines or len(self._buffer) else read_whole(octets)
        if whole is None:
            self._buffer.feed(octets)
        else:
            self._ready.extend(whole)

    def next_event(self) -> ReplyReceived | None:
        """Give the next reply, or None. Raises `RemoteProtocolError` for what is none, or too long; that closes."""
        if self.state in _DEAF:
            return None
        try:
            reply = self._ready.popleft() if self._ready else self._read_reply()
            return None if reply is None else self._received(reply)
        except RemoteProtocolError:
            self._close()
            raise

    def tls_started(self) -> None:
        """Say that the handshake after STARTTLS is done: what the peer said in clear is forgotten (RFC 3207, 4.2)."""
        if self.state is not State.HANDSHAKE:
            raise LocalProtocolError("TLS starts only after a 220 reply to STARTTLS; send that first")
        self.tls = True
        self.extensions = {}
        self._forget_input()
        self.state = self._ahead = TABLE[State.HANDSHAKE]["TLS"]

    # --- inside ---

    def _is_legal(self, verb: str) -> bool:
        if self._challenged:
            return verb == "AUTH-RESPONSE"
        if verb not in TABLE[self._ahead] or self._must_wait():
            return False
        if verb == "BDAT-LAST" and self.face.reply_each and self._pending:
            return False  # how many replies will come is known only when every RCPT has its own
        return verb in self.face.hello if verb in _HELLOS else verb not in _NOT_SAID

    def _must_wait(self) -> bool:
        if not self._pending:
            return False
        return "PIPELINING" not in self.extensions or self._pending[-1][0].verb not in _GROUP_MEMBERS

    def _why_not(self, verb: str) -> str:
        if self._must_wait() and not self._challenged:
            return f"{verb} must wait for the reply to {self._pending[-1][0].verb}"
        legal = ", ".join(self.legal_now()) or "nothing"
        return f"{verb} is out of order in state {self._ahead}; legal now: {legal}"

    def _check_offered(self, command: ClientCommand) -> None:
        for keyword in command.needs:
            if keyword not in self.extensions:
                raise LocalProtocolError(f"the peer does not offer {keyword}, which {command.verb} needs here")
        if command.verb == "AUTH" and not self.tls and not self.auth_in_clear:
            raise LocalProtocolError("a password must not go in clear; start TLS first")

    def _read_reply(self) -> Reply | None:
        while (line := self._buffer.next_line()) is not None:
            if _REPLY_LINE.match(line) is None:
                raise RemoteProtocolError("the peer sent a line that is no reply")
            lines = self._lines
            lines.append(line)
            if lines[0][:3] != line[:3] or len(lines) > limits.REPLY_LINES:
                raise RemoteProtocolError("the peer sent a reply whose lines do not belong together or do not end")
            if line[3:4] != b"-":
                self._lines = []
                return read_reply(tuple(lines))
        return None

    def _received(self, reply: Reply) -> ReplyReceived:
        if not self._pending:
            if reply.code != 421:
                raise RemoteProtocolError(f"the peer sent a reply ({reply.code}) to nothing")
            self._close()
            return ReplyReceived("", reply)
        command, recipient = self._pending.popleft()
        verb = "AUTH" if command.verb == "AUTH-RESPONSE" else command.verb
        if reply.code == 421 or (reply.code == 221 and verb != "QUIT"):
            self._close()
        elif reply.code == 334 and verb == "AUTH":
            self._challenged = True
        else:
            self._apply(verb, reply, command)
        return ReplyReceived(verb, reply, None if command is _GREETING else command, recipient)

    def _apply(self, verb: str, reply: Reply, command: ClientCommand) -> None:
        if reply.code < 400 and (reply.code >= 300) is not (verb == "DATA"):
            raise RemoteProtocolError(f"the peer answered {verb} with {reply.code}")
        last = verb not in ENDS or not self._pending or self._pending[0][0] is not command
        if last and (reply.positive or verb in ENDS):
            self._learn(verb, reply, command)
            self._move(verb)
        elif verb == "BDAT" and self.state in (State.RCPT, State.CHUNKS):
            self.state = State.READY  # RFC 3030, 2: the transaction has failed
            self._recipients = []
        self._ahead = self.state
        for later, _ in self._pending:
            self._ahead = TABLE[self._ahead].get(later.verb, self._ahead)

    def _learn(self, verb: str, reply: Reply, command: ClientCommand) -> None:
        if verb in ("EHLO", "LHLO"):
            self.extensions = extensions.parse_hello(reply)
        elif verb == "HELO":
            self.extensions = {}
        elif verb == "AUTH":
            self.authenticated = True
        elif verb == "RCPT":
            self._recipients.append(command.path)

    def _move(self, verb: str) -> None:
        # A peer may say 354 although it refused every recipient; empty content is then owed (RFC 2920, 3.1).
        self.state = State.DATA if verb == "DATA" else TABLE[self.state].get(verb, self.state)
        if self.state is State.CLOSED:
            self._close()
        elif self.state in (State.READY, State.HANDSHAKE):
            self._recipients = []

    def _close(self) -> None:
        self._lines = []
        self.state = self._ahead = State.CLOSED
        self._challenged = False
        self._forget_input()

    def _forget_input(self) -> None:
        self._ready.clear()
        self._buffer.clear()


def _number(text: str) -> int | None:
    """Read what a peer says of a limit: digits, where 0 and nonsense are no limit."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 20 and int(text) else None
