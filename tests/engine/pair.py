"""Two hosts with a link between them, and a connection over it."""

from __future__ import annotations

from typing import Any

from simulator.engine.base_kinds import NOTE
from simulator.engine.environment import Environment
from simulator.engine.stream import Stream
from simulator.engine.task import Task, spawn
from simulator.engine.topology import Link
from simulator.engine.trace import KIND
from simulator.engine.transport import ConnectFailed, Network

A, B = "192.0.2.1", "192.0.2.2"
SECOND = 1_000_000


class Pair:
    """Hosts a and b, b listening on port 7; `opened` and `accepted` are the two sides of what was connected."""

    def __init__(self, *, bandwidth: int | None = None, latency: int = 20_000) -> None:
        self.env = Environment()
        self.network = Network(self.env)
        self.network.add_host("a", (A,))
        self.network.add_host("b", (B,))
        self.network.topology.add_link(Link(("a", "b"), latency, bandwidth))
        self.accepted: list[Stream] = []
        self.opened: list[Stream] = []
        self.failures: list[ConnectFailed] = []
        self.network.listen("b", 7, self.accepted.append)
        self.env.trace.write(NOTE, ("start",), cause=None, origin="x:1")

    def connect(self, address: str = B, port: int = 7, **more: Any) -> Task:
        def story() -> Any:
            self.opened.append((yield self.network.connect("a", address, port, **more)))

        return spawn(self.env, story(), failed=self.failures.append)  # type: ignore[arg-type]

    def both(self) -> tuple[Stream, Stream]:
        self.connect()
        self.env.advance()
        return self.opened[0], self.accepted[0]

    def kinds(self) -> list[str]:
        return [record[KIND].name for record in self.env.trace.records]

    def spawn(self, story: Any) -> list[Any]:
        results: list[Any] = []
        spawn(self.env, story, results.append, results.append)
        return results


def hear(stream: Stream) -> list[tuple[int, bytes]]:
    """Collect what comes, with its time."""
    heard: list[tuple[int, bytes]] = []
    stream.on_data = lambda octets: heard.append((stream._network.env.now, octets))
    return heard
