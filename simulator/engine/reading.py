"""How a task reads from its side of a connection: what waits for it, and for how long it waits.

A read costs no timer of its own: a side has one, set anew when it runs too early for the reader that waits then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.engine.endpoint import Endpoint, StreamTimeout
from simulator.engine.environment import Token
from simulator.engine.kinds import Record
from simulator.engine.task import Starter, Task

if TYPE_CHECKING:
    from simulator.engine.transport import Network

__all__ = ["Reading"]


class Reading:
    """The part of a stream from which tasks read; `ended` is how the other side ended, None if it has not."""

    __slots__ = ("_due", "_inbox", "_network", "_reader", "_reason", "_timer", "deadline", "ended", "remote")

    remote: Endpoint
    ended: str | None
    _network: Network
    _inbox: list[tuple[bytes, Record | None]] | None
    """What came while nobody read."""
    _reader: Task | None
    _reason: Record | None
    """Why the reader waits."""
    _timer: Token | None
    """A call at `_due`; the reader waits until `deadline`, never less."""
    _due: int
    deadline: int
    """When the wait that was begun last is over, in µs."""

    def receive(self, timeout: int) -> Starter:
        """Wait for octets: `octets = yield stream.receive(timeout)`; b"" at the end of the connection.

        Raises `StreamTimeout` in the task after `timeout` µs from now.
        """
        self.deadline = self._network.env.now + timeout
        return self._await

    def _await(self, task: Task) -> None:
        task.waits_for = self
        self._reader = task
        if self._inbox or self.ended is not None:
            self._wake()
            return
        task.give_up = self._forget_reader
        self._reason = self._network.env.cause
        if self._timer is None or self.deadline < self._due:
            self._set_timer()

    def __str__(self) -> str:
        """What a reader waits for."""
        return f"octets from {self.remote.node} port {self.remote.port}"

    def _forget_reader(self) -> None:
        """Let what comes wait for the next reader; the timer serves that one too."""
        self._reader = None

    def _set_timer(self) -> None:
        env, self._due = self._network.env, self.deadline
        if self._timer is not None:
            env.cancel(self._timer)
        self._timer = env.call_later(self.deadline - env.now, self._late)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._network.env.cancel(self._timer)
            self._timer = None

    def _late(self, _: Any) -> None:
        """The timer ran, which was set when some reader began to wait: perhaps not for the one that waits now."""
        env, reader, self._timer = self._network.env, self._reader, None
        if reader is None:
            return
        env.cause = self._reason
        if self.deadline > env.now:
            self._set_timer()
        else:
            self._reader = None
            reader.fail(StreamTimeout(f"no answer from {self.remote.node}"))

    def _wake(self) -> None:
        reader = self._reader
        if reader is None:
            return
        self._reader = None
        if not self._inbox:
            reader.resume(b"")
            return
        octets, cause = self._inbox[-1]
        if len(self._inbox) > 1:
            octets = b"".join(chunk for chunk, _ in self._inbox)
        self._inbox = None
        self._network.env.cause = cause
        reader.resume(octets)
