"""A host: a name, addresses, tasks that end with it, a resolver to ask and a log to write."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property, partial
from typing import Any, Protocol

from simulator.engine.kinds import Record
from simulator.engine.randomness import below
from simulator.engine.task import Story, Task
from simulator.nodes.internet import Internet
from simulator.records.kinds_queue import ALERT, LOG_LINE

__all__ = ["Host", "Service"]


class Service(ABC):
    """A program on a host that listens: `start` makes it listen, now or after the host came back."""

    @abstractmethod
    def start(self) -> None:
        """Listen."""

    @abstractmethod
    def crash(self) -> None:
        """Lose what was in memory, because the host failed."""


class Stoppable(Protocol):
    """A session that can be ended by its server."""

    def stop(self) -> None:
        """Say goodbye and end."""
        ...


class Host:
    """One computer of the world; `name` is its name in the scenario, `hostname` its name in DNS and in banners."""

    def __init__(
        self, internet: Internet, name: str, *, addresses: tuple[str, ...], hostname: str, resolver: str | None = None
    ) -> None:
        self.internet = internet
        self.env = internet.env
        self.network = internet.network
        self.trace = internet.env.trace
        self.name = name
        self.hostname = hostname
        self.addresses = addresses
        self.resolver = resolver
        self.services: list[Service] = []
        self.record: Record | None = None
        self.arrivals: dict[tuple[str, str, int], Record] = {}
        """The record that put a letter into a mailbox, by account, mailbox and UID: why it is there."""
        self.sessions: dict[Stoppable, None] = {}
        """The server sessions that are open."""
        self._down = internet.network.down
        self._faults = 0

    @cached_property
    def next_dns_id(self) -> Callable[[], int]:
        """Draws an id for a question to DNS (RFC 5452, 4.3)."""
        return partial(below, self.env.random(f"dns/{self.name}"), 65_536)

    @cached_property
    def next_dns_port(self) -> Callable[[], int]:
        """Draws, by the same chance, which of the 16384 dynamic ports a question comes from (RFC 6335, 6)."""
        return partial(below, self.env.random(f"dns/{self.name}"), 16_384)

    @property
    def up(self) -> bool:
        """Whether the host runs."""
        return self.name not in self._down

    def spawn(
        self,
        story: Story,
        done: Callable[[Any], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
        *,
        name: str,
    ) -> Task:
        """Run a task that ends when the host fails; on a host that is down it ends before it begins."""
        task = Task(self.env, story, name, done, failed, self)
        if self.name in self._down:
            task.cancel()
        else:
            task.resume()
        return task

    def add(self, service: Service) -> None:
        """Install a program and let it listen."""
        self.services.append(service)
        service.start()

    def fail(self, because: Record | None) -> None:
        """Go down: connections break, memory is lost, the disk stays. Of several faults at once the first counts."""
        self._faults += 1
        if self._faults > 1:
            return
        broken = self.network.take_down(self.name, because)  # first, so that nothing that ends now is heard outside
        for task in [task for task in self.env.tasks if task.owner is self]:
            task.cancel()
        self.sessions.clear()
        for service in self.services:
            service.crash()
        for stream in broken:
            stream.end("down")

    def stop_sessions(self) -> None:
        """Say goodbye to every client, because the programs are about to end."""
        for session in tuple(self.sessions):
            session.stop()

    def recover(self) -> None:
        """Come back, when no fault holds any more: the programs start again from what the disk holds."""
        self._faults = max(self._faults - 1, 0)
        if self._faults or self.up:
            return
        self.network.bring_up(self.name)
        for service in self.services:
            service.start()

    def log(self, program: str, text: str) -> None:
        """Write a line of the host's mail log."""
        if self.trace.heard:
            self.trace.write_leaf(LOG_LINE, (program, text), self.name)

    def alert(self, text: str, *, session: int | None = None) -> None:
        """Record that a session of this host ended by a fault of ours."""
        self.trace.write(ALERT, (text,), at=self.name, session=session, leaf=True)
