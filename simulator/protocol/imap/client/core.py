"""The client side of one IMAP connection: commands in, their ends and the server's data out.

It sends nothing that the table forbids, refuses text that would inject a command, and caps whatever a hostile
server may announce. RFC 9051, 2.2, 6 and 7.
"""

from __future__ import annotations

from typing import Final

from simulator import limits
from simulator.errors import LimitExceeded, LocalProtocolError, RemoteProtocolError
from simulator.protocol import sasl
from simulator.protocol.imap.client import data, responses
from simulator.protocol.imap.client.commands import Commands
from simulator.protocol.imap.client.writer import Writer
from simulator.protocol.imap.framing import Framer, LiteralAnnounced, Overlong
from simulator.protocol.imap.table import CLOSING, TABLE, State, after, legal

LINE_OCTETS: Final = 1_048_576
"""Text of one response, literals not counted: a SEARCH of a large mailbox is one line."""
TOTAL_OCTETS: Final = 67_108_864
"""Everything that may come in answer to one command."""
_NOTED: Final = (data.Condition, data.Capabilities)
"""What may say what the server can, or that it closed a mailbox."""


class ImapClient(Commands):
    """The client side of one connection; one command at a time. `literal_limit` caps one literal in octets.

    `capabilities` is what the server has said of itself in this state, () if nothing yet.
    """

    def __init__(self, *, literal_limit: int = limits.MESSAGE_OCTETS + limits.HEADER_OCTETS) -> None:
        self.state = State.NOT_AUTHENTICATED
        self.capabilities: tuple[str, ...] = ()
        self.idling = False
        self._handshaking = False
        self._exchange: sasl.ClientExchange | None = None
        self._closed = False
        self._literal_limit = literal_limit
        self._framer = Framer(line_limit=LINE_OCTETS)
        self._greeted = False
        self._count = 0
        self._tag = ""
        self._verb = ""
        self._said_initial = self._gave_up = False
        self._pieces: list[bytes] = []
        self._out: list[bytes] = []
        self._untagged: list[data.Untagged] = []
        self._received = 0

    def legal_now(self) -> tuple[str, ...]:
        """Name the commands that may be sent now."""
        return legal(self.state) if self._greeted and not self._tag and not self._handshaking else ()

    def authenticate(self, exchange: sasl.ClientExchange) -> str:
        """AUTHENTICATE (RFC 9051, 6.2.2), with an initial response where the server takes one (RFC 4959)."""
        mechanism = exchange.mechanism.encode("ascii")
        initial = exchange.initial() if "SASL-IR" in self.capabilities else None
        writer = Writer().plain(mechanism)
        if initial is not None:
            writer.plain(sasl.encode_base64(initial) or b"=")
        tag = self.send("AUTHENTICATE", writer)
        self._exchange = exchange
        self._said_initial, self._gave_up = initial is not None, False
        return tag

    def done(self) -> None:
        """End IDLE; its `Completed` follows."""
        if not self.idling:
            raise LocalProtocolError("DONE ends IDLE; send IDLE first and wait until the server idles.")
        self.idling = False
        self._out.append(b"DONE\r\n")

    def tls_started(self) -> None:
        """Say that the handshake after STARTTLS is done; what the server said before it counts no more."""
        if not self._handshaking:
            raise LocalProtocolError("TLS starts only after OK to STARTTLS; wait for that first.")
        self._handshaking = False
        self.capabilities = ()

    def send(self, verb: str, arguments: Writer | None = None) -> str:
        """Send one command and give its tag; raises `LocalProtocolError`, sending nothing, if it is illegal now."""
        if not self._greeted or self._tag or self._handshaking:
            raise LocalProtocolError(f"Wait for the server's response before sending {verb}.")
        if verb not in TABLE[self.state]:
            raise LocalProtocolError(f"{verb} may not be sent in the state {self.state.value}.")
        if verb == "LOGIN" and "LOGINDISABLED" in self.capabilities:
            raise LocalProtocolError("The server takes no LOGIN in clear; send STARTTLS first.")
        self._count += 1
        self._tag, self._verb, self._received = f"a{self._count}", verb, 0
        first, *self._pieces = arguments.pieces if arguments else [b""]
        self._out.append(f"{self._tag} {verb}".encode("ascii") + first)
        self._end_if_whole()
        return self._tag

    # --- octets

    def data_to_send(self) -> bytes:
        """Drain the octets for the server."""
        if not self._out:
            return b""
        octets = b"".join(self._out)
        self._out.clear()
        return octets

    def receive_data(self, octets: bytes) -> None:
        """Take octets from the server, in any chunks."""
        self._framer.feed(octets)

    def next_event(self) -> data.Event | None:
        """Give the next event, or None until more octets are here.

        Raises `RemoteProtocolError` for what is no IMAP and `LimitExceeded` for too much of it, such as a literal of
        99 GB; close the connection then.
        """
        if self._handshaking and len(self._framer):
            raise RemoteProtocolError("the server said something in clear after its OK to STARTTLS")
        while (unit := self._unit()) is not None:
            event = self._take(responses.read(unit))
            if event is not None:
                return event
        return None

    def _unit(self) -> bytes | None:
        unit = self._framer.next_unit()
        if unit is None:
            return None
        while isinstance(unit, LiteralAnnounced):
            if unit.size > self._literal_limit:
                raise LimitExceeded(f"the server announces {unit.size} octets; the limit is {self._literal_limit}")
            self._framer.accept()
            unit = self._framer.next_unit()
        if isinstance(unit, Overlong):
            raise LimitExceeded(f"the server sent a response line of more than {LINE_OCTETS} octets")
        self._received += len(unit or b"")
        if self._received > TOTAL_OCTETS:
            raise LimitExceeded(f"the server answers one command with more than {TOTAL_OCTETS} octets")
        return unit

    def _take(self, response: responses.Tagged | responses.Continue | data.Untagged) -> data.Event | None:
        if not self._greeted:
            return self._greeting(response)
        if isinstance(response, responses.Continue):
            return self._go_on(response)
        if isinstance(response, responses.Tagged):
            return self._complete(response)
        if isinstance(response, data.Condition) and response.status == "BYE" and self._verb != "LOGOUT":
            self.state = State.LOGOUT
            return data.Goodbye(response)
        if isinstance(response, _NOTED):
            self._note(response)
        if not self._tag or self.idling:
            return data.Unsolicited(response)
        self._untagged.append(response)
        return None

    def _note(self, response: data.Condition | data.Capabilities) -> None:
        if isinstance(response, data.Capabilities):
            self.capabilities = response.names
        elif response.code == "CAPABILITY":
            self.capabilities = tuple(response.argument.upper().split())
        elif response.code == "CLOSED" and self._verb == CLOSING:
            self._closed = True

    def _greeting(self, response: object) -> data.Greeting:
        if not isinstance(response, data.Condition) or response.status not in ("OK", "PREAUTH", "BYE"):
            raise RemoteProtocolError("a greeting that is neither OK, PREAUTH nor BYE")
        self._greeted = True
        self._note(response)
        states = {"PREAUTH": State.AUTHENTICATED, "BYE": State.LOGOUT}
        self.state = states.get(response.status, self.state)
        return data.Greeting(response)

    def _go_on(self, response: responses.Continue) -> data.Event | None:
        if self._verb == "IDLE" and not self.idling:
            self.idling = True
            return data.Idling()
        if self._exchange is not None:
            self._out.append(self._respond(self._exchange, response.text) + b"\r\n")
            return None
        if not self._pieces:
            raise RemoteProtocolError("the server asks for more of a command that is whole")
        self._out.append(self._pieces.pop(0))
        self._end_if_whole()
        return None

    def _respond(self, exchange: sasl.ClientExchange, challenge: bytes) -> bytes:
        """Answer a challenge; one that cannot be answered ends the exchange (RFC 9051, 6.2.2: `*`)."""
        initial = None if self._said_initial else exchange.initial()
        self._said_initial = True
        if self._gave_up:
            raise RemoteProtocolError("the server goes on with an exchange that the client gave up")
        try:
            if initial is not None and not challenge:
                return sasl.encode_base64(initial)
            return sasl.encode_base64(exchange.step(sasl.decode_base64(challenge)))
        except RemoteProtocolError:
            self._gave_up = True
            return b"*"

    def _end_if_whole(self) -> None:
        if not self._pieces:
            self._out.append(b"\r\n")

    def _complete(self, response: responses.Tagged) -> data.Completed:
        if response.tag != self._tag or response.condition.status not in ("OK", "NO", "BAD"):
            raise RemoteProtocolError("a final response that answers no command")
        completed = data.Completed(self._tag, self._verb, response.condition, tuple(self._untagged))
        status = response.condition.status
        if status == "OK" and self._exchange is not None and not self._exchange.finished:
            raise RemoteProtocolError("the server accepts a login before it has proved itself")
        self.state = after(self.state, self._verb, status, closed=self._closed)
        self._settle(response.condition)
        self._tag = self._verb = ""
        self._pieces = []
        self._untagged.clear()
        return completed

    def _settle(self, condition: data.Condition) -> None:
        """What the end of a command leaves behind beside the state of the table."""
        self._handshaking = self._verb == "STARTTLS" and condition.status == "OK"
        if self._handshaking and len(self._framer):
            raise RemoteProtocolError("the server said something in clear after its OK to STARTTLS")
        if condition.status == "OK" and self._verb in ("LOGIN", "AUTHENTICATE"):
            self.capabilities = ()  # RFC 9051, 6.2.3: after login ask anew, or take them from this response
        self._note(condition)
        self._exchange = None
        self._closed = self.idling = False
