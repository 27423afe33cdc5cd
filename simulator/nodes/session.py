"""What all server sessions share: octets in and out of a protocol core, the idle timer, and the end when one breaks.

An exception ends its own session, is recorded, and stops nothing else.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from functools import partial
from typing import Any, Final, Literal, Protocol

from simulator import limits
from simulator.engine.environment import Token
from simulator.engine.kinds import Kind, Record
from simulator.engine.stream import Stream
from simulator.nodes.host import Host

__all__ = ["LAST_WORDS", "Core", "Goodbye", "Session"]

Goodbye = Literal["silence", "fault", "stop"]
"""Why a server ends a session by itself."""

LAST_WORDS: Final[dict[Goodbye, str]] = {
    "silence": "Disconnected for inactivity.",
    "fault": "Internal error; try again.",
    "stop": "Server shutting down.",
}
"""What IMAP and POP3 say then, in Dovecot's words."""

_ROOM: Final = limits.UNREAD_OUTPUT_OCTETS


class Core(Protocol):
    """What a session needs of any server core."""

    @property
    def closed(self) -> bool: ...
    @property
    def errors(self) -> int: ...
    @property
    def pending(self) -> int: ...
    def receive_data(self, octets: bytes) -> None: ...
    def next_event(self) -> Any: ...
    def data_to_send(self) -> bytes: ...


class Session(ABC):
    """One connection on a server; `idle_us` is how long its client may be silent.

    While a command takes time (`busy`), or the client does not read what it asked for, no further command is taken:
    chunks wait here, each with its own cause, and beyond UNREAD_OUTPUT_OCTETS on the link.
    """

    def __init__(self, host: Host, stream: Stream, core: Core, idle_us: int) -> None:
        self.host = host
        self.stream = stream
        self.busy = False
        self._env, self._trace = host.env, host.trace
        self._server, self._client, self._number = host.name, stream.remote.node, stream.session
        self._core = core
        self._errors = 0
        self._idle_us = idle_us
        self._chunk: Record | None = None
        self._waiting: deque[tuple[bytes, Record | None]] = deque()
        self._backlog = 0
        self._held = False
        self._client_done = False
        self._behind = False  # whether something ever had to wait, so that there may be more to do after a round
        self._landmark: Record | None = None
        self._timers = stream.timers
        self._last = self._timers.now
        self._timer: Token | None = self._timers.call_later(idle_us, self._idle)
        stream.on_data = self._receive
        stream.on_close = self._closed
        host.sessions[self] = None

    @abstractmethod
    def handle(self, event: Any) -> None:
        """Deal with one event of the core; `env.cause` is the chunk that its command came in."""

    @abstractmethod
    def say_goodbye(self, why: Goodbye) -> None:
        """Let the core end the session: the client is silent, something broke, or the server stops."""

    def pump(self) -> None:
        """Answer what can be answered now, and send it as one chunk."""
        if self._blocked():
            self.flush()
            self._wait_or_go_on()
        else:
            self._answer()

    def _answer(self) -> None:
        core, stream = self._core, self.stream
        try:
            while True:
                event = core.next_event()
                if event is None and not self._waiting:
                    break
                if event is None:
                    self._take_waiting()
                    continue
                self.handle(event)
                if core.errors != self._errors and self._slows_down():
                    return
                if self.busy or stream.unsent + core.pending >= _ROOM:
                    break
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this session's
            self.broke(error)
            return
        self.flush()
        if self._behind or stream.unsent >= _ROOM:
            self._wait_or_go_on()

    def _take_waiting(self) -> None:
        octets, self._chunk = self._waiting.popleft()
        self._backlog -= len(octets)
        self._core.receive_data(octets)

    def _blocked(self) -> bool:
        return self.busy or self.stream.unsent + self._core.pending >= _ROOM

    def _slows_down(self) -> bool:
        """Hold back the reply to each error from the tenth on (Postfix: smtpd_error_sleep_time)."""
        before, self._errors = self._errors, self._core.errors
        if self._errors <= before or self._errors < limits.ERRORS_SLOW or self._core.closed:
            return False
        if not self.busy:
            self.busy = True
            self._env.call_later(limits.ERROR_DELAY_US, self._go_on)
        return True

    def _go_on(self, _: object) -> None:
        self.busy = False
        if not self.stream.closed:
            self.pump()

    def _wait_or_go_on(self) -> None:
        """After a round: wait for the client to read, or take what waits on the link, or end with the client."""
        stream = self.stream
        if self.busy:
            return
        if stream.unsent >= _ROOM:
            if stream.on_drained is None:
                stream.on_drained = partial(self._drained, self._env.cause)
        elif self._held:
            self._held = False
            stream.release()
        elif self._client_done:
            self._end()

    def flush(self) -> None:
        """Send what the core has to say; end the connection when it is done."""
        core = self._core
        octets = core.data_to_send()
        if octets and self._landmark is None:
            self.stream.send(octets)
        elif octets:
            self._send_because(self._landmark, octets)
        if core.closed:
            self._stop_timer()
            self.stream.close()

    def _send_because(self, landmark: Record | None, octets: bytes) -> None:
        """Send what was said because of the landmark among it, not of the last."""
        self._landmark = None
        env = self._env
        before, env.cause = env.cause, landmark
        self.stream.send(octets)
        env.cause = before

    def point_out(self, record: Record | None) -> None:
        """Let the next chunk be sent because of `record`, whatever is said with it: it is what the client waits for."""
        self._landmark = record

    def broke(self, error: Exception) -> None:
        """End this session, and only this one, because of `error`."""
        self.host.alert(f"{type(error).__name__}: {error}", session=self.stream.session)
        self._say_last_words("fault")

    def stop(self) -> None:
        """End this session because the server stops (RFC 5321, 3.8)."""
        if not self.stream.closed:
            self._say_last_words("stop")

    def _say_last_words(self, why: Goodbye) -> None:
        """End the session from this side; in the middle of a TLS handshake nothing can be said (RFC 3207, 4)."""
        try:
            if not self.stream.handshaking:
                self.say_goodbye(why)
                self.flush()
        except Exception as error:  # noqa: BLE001 - a session that cannot even end is cut off
            self.host.alert(f"{type(error).__name__}: {error}", session=self.stream.session)
        self._stop_timer()
        self.ended()
        if not self.stream.closed:
            self.stream.reset()

    def write(
        self,
        kind: Kind,
        values: tuple[Any, ...],
        *,
        to_server: bool,
        letter: int | None = None,
        also: tuple[Record | None, ...] = (),
    ) -> None:
        """Write a record of this session. Where nobody hears, only one that names a letter changes anything."""
        trace, here, there = self._trace, self._server, self._client
        frm, to = (there, here) if to_server else (here, there)
        if letter is not None or also:
            trace.write(kind, values, at=here, frm=frm, to=to, session=self._number, letter=letter, also=also)
        elif trace.heard:
            trace.write_next(kind, values, here, frm, to, self._number)

    def begin_command(self) -> None:
        """Go back to the cause of the chunk that the next command came in."""
        self._env.cause = self._chunk

    def ended(self) -> None:  # noqa: B027 - most sessions hold nothing
        """Give back what the session held; the client is gone."""

    def _receive(self, octets: bytes) -> None:
        self._last = self._timers.now
        if self._waiting or self.busy or self.stream.unsent >= _ROOM:
            self._let_wait(octets)
            return
        self._chunk = self._env.cause
        self._core.receive_data(octets)
        self._answer()

    def _let_wait(self, octets: bytes) -> None:
        self._behind = True
        self._waiting.append((octets, self._env.cause))
        self._backlog += len(octets)
        if self._backlog >= _ROOM and not self._held:
            self._held = True
            self.stream.hold()

    def forget_waiting(self) -> None:
        """Drop what the client said too early: in clear, before TLS (RFC 3207, 4.2)."""
        self._waiting.clear()
        self._backlog = 0

    def _drained(self, cause: Record | None) -> None:
        self.stream.on_drained = None
        self._env.cause = cause
        if not self.stream.closed:
            self.pump()

    def _stop_timer(self) -> None:
        self.host.sessions.pop(self, None)
        if self._timer is not None:
            self._timers.cancel(self._timer)
            self._timer = None

    def _closed(self, how: str) -> None:
        """The client is done, or gone; one that only said all it had to say still gets its answers."""
        if self._timer is None and self.stream.closed:  # the session ended before
            self.ended()
        elif how == "fin" and not self.stream.closed and (self._blocked() or self._waiting):
            self._client_done = self._behind = True
        else:
            self._end()

    def _end(self) -> None:
        self._stop_timer()
        self.ended()
        self.stream.close()

    def _idle(self, _: object) -> None:
        env, timers = self._env, self._timers
        self._timer = None
        if self.stream.closed:
            return
        left = int(self._last) + self._idle_us - int(timers.now)
        if left > 0 or self.busy:
            self._timer = timers.call_later(left if left > 0 else self._idle_us, self._idle)
            return
        env.cause = self._chunk or env.cause
        self._say_last_words("silence")
