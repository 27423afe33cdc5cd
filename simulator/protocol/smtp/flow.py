"""The octets of a server's session: those that came in, read ahead where they are commands, and those to send.

Most chunks are nothing but short commands of good form, so they are read at once, and the same chunk is not read again.
All others, and what is no command (content, a response to AUTH), wait as octets. RFC 2920; RFC 3207, 4.2.
"""

from collections.abc import Iterable, Sequence
from typing import Final, Unpack

from simulator import limits
from simulator.protocol.octets import DotReader, LineBuffer
from simulator.protocol.smtp import extensions, verbs
from simulator.protocol.smtp.chunks import Chunks, Incoming
from simulator.protocol.smtp.events import Command, ServerEvent
from simulator.protocol.smtp.replies import Reply
from simulator.protocol.smtp.session import Session
from simulator.protocol.smtp.settings import Others, settled
from simulator.protocol.smtp.states import State
from simulator.protocol.smtp.syntax import read_before, read_lines

LINE_LIMIT: Final = limits.COMMAND_LINE_OCTETS + limits.MAIL_LINE_EXTRA_OCTETS + limits.RCPT_LINE_EXTRA_OCTETS
"""The longest command line, and the longest chunk that is read ahead, in octets."""
DEAF: Final = frozenset({State.HANDSHAKE, State.CLOSED})
"""States in which nothing is heard."""


class Flow(Session):
    """What flows in and out of a session, and how far it has been read."""

    __slots__ = (
        "_ahead", "_answers", "_aside", "_buffer", "_by_line", "_checks", "_chunks", "_greeted", "_incoming", "_out",
        "_provided", "_reader", "_waiting", "pending",
    )  # fmt: skip

    def __init__(
        self,
        *,
        offers: Iterable[str] = extensions.USUAL,
        auth_mechanisms: Sequence[str] = (),
        auth_nonce: str = "",
        **others: Unpack[Others],
    ) -> None:
        super().__init__(settled(extensions.checked(offers), tuple(auth_mechanisms), **others), auth_nonce)
        self._checks = verbs.checks_of(self.face.hello, needs_tls=self.needs_tls)
        self._buffer = LineBuffer(LINE_LIMIT)
        self._ahead: list[Command] = []  # commands that were read as they came in, the next one last
        self._by_line = False  # whether more may wait in the buffer
        self._out: list[bytes] = []
        self.pending = 0
        """Octets that wait in `data_to_send`."""
        self._waiting: ServerEvent | None = None
        self._reader: DotReader | None = None
        self._chunks: Chunks | None = None
        self._incoming: Incoming | None = None
        self._provided: ServerEvent | None = None
        self._answers: dict[int, Reply] = {}
        self._greeted = False
        self._aside = True  # whether something else than a command line may be what comes next; nothing is ahead then

    def receive_data(self, octets: bytes) -> None:
        """Take octets as they come; what comes in clear after STARTTLS or after the end is dropped (RFC 3207, 4.2)."""
        if self._aside or self._by_line or self._ahead:
            if self.state not in DEAF:
                self._buffer.feed(octets)
                self._by_line = True
            return
        lines = read_before.get(octets)
        if lines is None and len(octets) <= LINE_LIMIT:
            lines = read_lines(octets)
        if lines is None:
            self._buffer.feed(octets)
            self._by_line = True
        else:
            self._ahead.extend(lines)

    @property
    def unread(self) -> int:
        """Octets that have come in and wait; a caller holds the stream when they grow many."""
        return len(self._buffer) + sum([len(said.octets) for said in self._ahead])

    def data_to_send(self) -> bytes:
        """Give and forget the octets to send."""
        octets = b"".join(self._out)
        self._out.clear()
        self.pending = 0
        return octets

    @property
    def chunked(self) -> int:
        """Octets that have come by BDAT in this transaction."""
        return 0 if self._chunks is None else self._chunks.size

    def _step_aside(self) -> None:
        """Let what comes next be something else than a command line: what was read ahead of it is mere octets again."""
        self._aside = True
        ahead = self._ahead
        if ahead:
            self._buffer.give_back(b"".join([said.octets for said in reversed(ahead)]))
            ahead.clear()

    def _step_back(self) -> None:
        """Let commands come again; many that wait are not read ahead, because they might have to be given back."""
        waiting = len(self._buffer)
        self._aside, self._by_line = False, waiting > LINE_LIMIT
        if 0 < waiting <= LINE_LIMIT:
            self.receive_data(self._buffer.take_all())

    def _say(self, octets: bytes) -> None:
        self._out.append(octets)
        self.pending += len(octets)

    def _end_transaction(self) -> None:
        self.forget_transaction()
        self._answers.clear()
        self._chunks = None

    def _close(self) -> None:
        self.state, self.closed = State.CLOSED, True
        self._waiting = self._provided = self._incoming = self._reader = None
        self._ahead.clear()
        self._buffer.clear()
        self._aside = True
