"""What all server sessions share: octets in and out of a protocol core, the idle timer, and the end when one breaks.

An exception ends its own session, is recorded, and stops nothing else.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Protocol

from simulator import limits
from simulator.engine.kinds import Kind, Record
from simulator.engine.stream import Stream
from simulator.nodes.host import Host

__all__ = ["Core", "Session"]


class Core(Protocol):
    """What a session needs of any server core."""

    @property
    def closed(self) -> bool: ...
    def receive_data(self, octets: bytes) -> None: ...
    def next_event(self) -> Any: ...
    def data_to_send(self) -> bytes: ...


class Session(ABC):
    """One connection on a server; `idle_us` is how long its client may be silent."""

    def __init__(self, host: Host, stream: Stream, core: Core, idle_us: int) -> None:
        self.host = host
        self.stream = stream
        self.busy = False
        self._core = core
        self._idle_us = idle_us
        self._chunk: Record | None = None
        self._last = int(host.env.now)
        self._timer: int | None = host.env.call_later(idle_us, self._idle)
        stream.on_data = self._receive
        stream.on_close = self._closed

    @abstractmethod
    def handle(self, event: Any) -> None:
        """Deal with one event of the core; `env.cause` is the chunk that its command came in."""

    @abstractmethod
    def say_goodbye(self, *, late: bool) -> None:
        """Let the core end the session: the client is silent (`late`), or something broke."""

    def pump(self) -> None:
        """Answer what can be answered now, and send it as one chunk."""
        env = self.host.env
        try:
            while not self.busy and self.stream.unsent < limits.UNREAD_OUTPUT_OCTETS:
                event = self._core.next_event()
                if event is None:
                    break
                self.handle(event)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this session's
            self.broke(error)
            return
        self.flush()
        if self.stream.unsent >= limits.UNREAD_OUTPUT_OCTETS and self.stream.on_drained is None:
            cause = env.cause
            self.stream.on_drained = lambda: self._drained(cause)

    def flush(self) -> None:
        """Send what the core has to say; end the connection when it is done."""
        octets = self._core.data_to_send()
        if octets:
            self.stream.send(octets)
        if self._core.closed:
            self._stop_timer()
            self.stream.close()

    def broke(self, error: Exception) -> None:
        """End this session, and only this one, because of `error`."""
        self.host.alert(f"{type(error).__name__}: {error}")
        self.say_goodbye(late=False)
        self.flush()

    def write(self, kind: Kind, values: tuple[Any, ...], *, to_server: bool, **more: Any) -> Record:
        """Write a record of this session."""
        here, there = self.host.name, self.stream.remote.node
        frm, to = (there, here) if to_server else (here, there)
        return self.host.trace.write(kind, values, at=here, frm=frm, to=to, session=self.stream.session, **more)

    def begin_command(self) -> None:
        """Go back to the cause of the chunk that the next command came in."""
        self.host.env.cause = self._chunk

    def ended(self) -> None:  # noqa: B027 - most sessions hold nothing
        """Give back what the session held; the client is gone."""

    def _receive(self, octets: bytes) -> None:
        self._last = int(self.host.env.now)
        self._chunk = self.host.env.cause
        self._core.receive_data(octets)
        self.pump()

    def _drained(self, cause: Record | None) -> None:
        self.stream.on_drained = None
        self.host.env.cause = cause
        if not self.stream.closed:
            self.pump()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self.host.env.cancel(self._timer)
            self._timer = None

    def _closed(self, how: str) -> None:
        self._stop_timer()
        self.ended()
        self.stream.close()

    def _idle(self, _: object) -> None:
        env = self.host.env
        left = self._last + self._idle_us - int(env.now)
        if left > 0 or self.busy:
            self._timer = env.call_later(left if left > 0 else self._idle_us, self._idle)
            return
        self._timer = None
        self.say_goodbye(late=True)
        self.flush()
