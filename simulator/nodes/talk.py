"""A client's dialogue over a stream: take what the protocol core wants to say, wait for what the server answers.

Deadlines and the handling of servers that break off are the same for every protocol.
"""

from __future__ import annotations

import ssl
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from typing import Any, Protocol

from simulator.engine.environment import Token
from simulator.engine.stream import Stream, StreamTimeout
from simulator.engine.task import Starter, Task
from simulator.errors import MailflowError, RemoteProtocolError
from simulator.limits import REPLY_TIMEOUT_US
from simulator.nodes.host import Host
from simulator.nodes.tls_filter import secure_client

__all__ = ["Talk", "TalkFailed", "TurnTalk", "ended", "secured"]


class TalkFailed(MailflowError):
    """The dialogue cannot go on: the peer is silent, hung up, broke the protocol, or refused what is needed."""


class ClientCore(Protocol):
    """What a dialogue needs of any client core."""

    def receive_data(self, octets: bytes) -> None: ...
    def next_event(self) -> Any: ...
    def data_to_send(self) -> bytes: ...


def secured(host: Host, stream: Stream, service: str, name: str, *, context: ssl.SSLContext | None = None) -> Starter:
    """Wait for a TLS handshake with the server called `name`; raises TlsError or TalkFailed in the task.

    Its certificate is checked, unless a `context` is given that trusts anybody.
    """

    def start(task: Task) -> None:
        task.waits_for = f"TLS with {name}"
        waiting = _Handshake(host, stream, task)
        secure_client(host, stream, service, name, waiting.ready, waiting.failed, context=context)

    return start


class _Handshake:
    """A task that waits for TLS: it goes on when the handshake is done, failed, broken off or too slow."""

    __slots__ = ("_host", "_stream", "_task", "_timer")

    def __init__(self, host: Host, stream: Stream, task: Task) -> None:
        self._host = host
        self._stream = stream
        self._task = task
        self._timer: Token | None = host.env.call_later(REPLY_TIMEOUT_US, self._late)
        stream.on_close = self._closed
        task.give_up = self._over

    def ready(self) -> None:
        self._over()
        self._task.resume()

    def failed(self, error: Exception) -> None:
        self._over()
        self._task.fail(error)

    def _closed(self, how: str) -> None:
        peer = self._stream.remote
        self._stream.close()
        self.failed(TalkFailed(f"lost connection with {peer.node}[{peer.address}] in the TLS handshake"))

    def _late(self, _: object) -> None:
        peer = self._stream.remote
        self._timer = None
        self._stream.reset()
        self.failed(TalkFailed(f"the TLS handshake with {peer.node}[{peer.address}] timed out"))

    def _over(self) -> None:
        self._stream.on_close = None
        if self._timer is not None:
            self._host.env.cancel(self._timer)
            self._timer = None


def ended(talk: Talk, steps: Generator[Any, Any, Any]) -> Generator[Any, Any, None]:
    """Go through the steps of a dialogue, and end its connection whatever comes of them."""
    try:
        yield from steps
    finally:
        talk.stream.close()


class Talk:
    """One dialogue over one stream; its steps are used with `yield from` and raise TalkFailed."""

    _interjects = True
    """Whether the core may have to say something before the next event: that a peer may "go on" inside a command."""

    def __init__(self, host: Host, stream: Stream, core: ClientCore) -> None:
        self.host = host
        self.stream = stream
        self._core = core
        self._next: Callable[[], Any] = core.next_event

    def flush(self) -> None:
        """Send what the core wants to say, as one chunk."""
        octets = self._core.data_to_send()
        if octets:
            self.stream.send(octets)

    def next_event(self, deadline: int = 0) -> Generator[Any, Any, Any]:
        """Send what waits, and give the next event of the core; it has REPLY_TIMEOUT_US in all, however it drips in.

        Where the wait for it began before, `deadline` says when it is over, in µs.
        """
        self.flush()
        env, stream = self.host.env, self.stream
        try:
            while (event := self._next()) is None:
                if self._interjects:
                    self.flush()
                left = max(deadline - env.now, 0) if deadline else REPLY_TIMEOUT_US
                deadline = deadline or env.now + left
                octets = yield stream.receive(left)
                if not octets:
                    raise self._lost()
                self._core.receive_data(octets)
        except StreamTimeout:
            raise self._silent() from None
        except RemoteProtocolError as error:
            raise self._broken(error) from error
        return event

    def _read(self) -> Any:
        """Give the next event of the core that is there, or None."""
        try:
            event = self._next()
        except RemoteProtocolError as error:
            raise self._broken(error) from error
        if event is None and self._interjects:
            self.flush()
        return event

    def _lost(self) -> TalkFailed:
        self.stream.close()
        return TalkFailed(f"lost connection with {self._peer()}")

    def _silent(self) -> TalkFailed:
        self.stream.reset()
        return TalkFailed(f"conversation with {self._peer()} timed out")

    def _broken(self, error: RemoteProtocolError) -> TalkFailed:
        self.stream.reset()
        return TalkFailed(f"{self.stream.remote.node}: {error}")

    def _peer(self) -> str:
        return f"{self.stream.remote.node}[{self.stream.remote.address}]"


class TurnCore(ClientCore, Protocol):
    """What a dialogue in turns needs of a client core."""

    in_steps: bool

    def take_all(self, octets: bytes) -> Sequence[Any] | None: ...


class TurnTalk(Talk, ABC):
    """A dialogue whose turns are answered by a number of replies; the core takes them at once if they are the usual."""

    _core: TurnCore

    def _turn(self, count: int) -> Generator[Any, Any, Any]:
        """Send what waits, and give `count` replies, or fewer as `_reply_by_reply` says."""
        core, stream = self._core, self.stream
        if core.in_steps:
            return (yield from self._reply_by_reply(count))
        stream.send(core.data_to_send())
        try:
            octets = yield stream.receive(REPLY_TIMEOUT_US)
        except StreamTimeout:
            raise self._silent() from None
        replies = core.take_all(octets)
        if replies is not None:
            return replies if len(replies) == count else replies[:count]
        if not octets:
            raise self._lost()
        core.receive_data(octets)
        return (yield from self._reply_by_reply(count, stream.deadline))

    @abstractmethod
    def _reply_by_reply(self, count: int, deadline: int = 0) -> Generator[Any, Any, Any]:
        """Give `count` replies one by one; the wait for the first is over at `deadline`, if it began before."""
