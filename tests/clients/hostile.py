"""Servers that mean harm, made for one test each: they say what they like, when they like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from simulator.engine.stream import Stream
from simulator.nodes.tls_filter import secure_server
from tests.nodes.mail_world import BETA, MINUTE, SECOND, MailWorld

__all__ = ["DRIPS", "FLOOD", "Hostile", "ends", "hostile_world"]

Answer = Callable[[bytes], bytes]
HOUR = 60 * MINUTE
DRIPS = [
    b"2",
    b"220-",
    b"220-still here\r\n",
    b"* OK x\r\n",
    b"* BYE x\r\n",
    b"* 1 EXISTS\r\n",
    b"+",
    b"+OK\r\n",
    b"a1 ",
    b"\0",
]
FLOOD = b"x" * 200_000


@dataclass(slots=True)
class Hostile:
    """A server on one port: `greeting` first, then `answer(line)` for each line; `drip` every second in between.

    `implicit` serves TLS first of all, `starts_tls` after whatever was answered to STARTTLS.
    """

    world: MailWorld
    port: int
    greeting: bytes = b""
    answer: Answer = lambda line: b""
    drip: bytes = b""
    implicit: bool = False
    starts_tls: bool = False
    heard: bytes = b""
    """What came in clear."""
    heard_sealed: bytes = b""
    """What came under TLS."""
    connections: int = 0
    said: int = 0
    streams: list[Stream] = field(default_factory=list)
    _rest: bytes = b""
    _sealed: bool = False

    def listen(self) -> None:
        """Wait for the victim."""
        self.world.network.listen("mx-beta", self.port, self._accept)

    def _accept(self, stream: Stream) -> None:
        self.connections += 1
        self._rest, self._sealed = b"", False
        self.streams.append(stream)
        stream.on_data = lambda octets: self._hear(stream, octets)
        stream.on_close = lambda how: stream.close()
        if self.implicit:
            self._secure(stream, self.greeting)
        else:
            self._say(stream, self.greeting)
            self._drip(stream)

    def _secure(self, stream: Stream, first: bytes) -> None:
        def ready() -> None:
            self._sealed = True
            self._say(stream, first)
            self._drip(stream)

        context = self.world.internet.server_context(("mx.beta.example",))
        secure_server(self.world.hosts["mx-beta"], stream, "hostile", context, ready)

    def _say(self, stream: Stream, octets: bytes) -> None:
        if not stream.closed:
            self.said += len(octets)
            stream.send(octets)

    def _drip(self, stream: Stream) -> None:
        def next_drop(_: object) -> None:
            if not stream.closed:
                self._say(stream, self.drip)
                self.world.env.call_later(SECOND, next_drop)

        if self.drip:
            next_drop(None)

    def _hear(self, stream: Stream, octets: bytes) -> None:
        if self._sealed:
            self.heard_sealed += octets
        else:
            self.heard += octets
        *lines, self._rest = (self._rest + octets).split(b"\r\n")
        for line in lines:
            self._say(stream, self.answer(line))
            if self.starts_tls and b"STARTTLS" in line.upper() and not self._sealed:
                self._secure(stream, b"")


def hostile_world(port: int, **how: object) -> tuple[MailWorld, Hostile]:
    """A world in which mx-beta, where Boris reads and to which Anna's server relays, is such a server."""
    world = MailWorld(beta_serves=False, reads="pop3s" if port == 995 else "imaps")
    world.host("mx-beta", BETA, "mx.beta.example")
    server = Hostile(world, port, **how)  # type: ignore[arg-type]
    server.listen()
    return world, server


def ends(world: MailWorld, server: Hostile, patience: int = HOUR) -> None:
    """The client has let go of every connection by now, has not read for ever, and broke nothing."""
    world.env.advance(patience)
    assert server.connections
    assert all(stream.closed for stream in server.streams)
    assert not world.network.open_sessions and not list(world.env.waiting())
    assert not world.ask("alert | count")
