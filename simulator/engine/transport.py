"""The network: who listens where, connections, datagrams, and hosts that fail.

A connection costs a round trip before its first octet; refused, unreachable and unanswered ones are told apart, since a
student must tell them apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from heapq import heappush
from itertools import count
from typing import Any, NamedTuple

from simulator.engine.base_kinds import TCP_CLOSE, TCP_CONNECT, TCP_LOST, UDP_DATA, UDP_LOST
from simulator.engine.endpoint import endpoint
from simulator.engine.environment import Environment, Token
from simulator.engine.kinds import Record
from simulator.engine.stream import Stream, Timers
from simulator.engine.task import Starter, Task
from simulator.engine.topology import DEFAULT_LATENCY, NO_WAY, Topology, Way
from simulator.engine.wiretaps import Wiretaps

__all__ = ["ConnectFailed", "Datagram", "Network"]

CONNECT_TIMEOUT = 30_000_000
"""µs; Postfix's smtp_connect_timeout."""

_FIRST_EPHEMERAL = 40_000
_LOOPBACK = ("127.0.0.1", "::1")

Acceptor = Callable[[Stream], None]


class ConnectFailed(Exception):
    """A connection could not be made; `result` is refused, unreachable or timeout."""

    def __init__(self, result: str, address: str, port: int) -> None:
        super().__init__(f"connect to {address} port {port}: {_WORDS[result]}")
        self.result = result


_WORDS = {"refused": "Connection refused", "unreachable": "No route to host", "timeout": "Connection timed out"}


class Datagram(NamedTuple):
    """A datagram as it arrives."""

    octets: bytes
    source_address: str
    source_port: int
    destination_address: str
    destination_port: int


_datagram: Callable[[tuple[bytes, str, int, str, int]], Datagram] = partial(tuple.__new__, Datagram)
"""Makes a `Datagram` of its five values, at a third of the price."""

_Place = tuple[str, str | None, Way | None, Way | None]
"""Of an address, seen from a host: the host's own address towards it, who has it, the way there and the way back."""


class Network:
    """All hosts, their addresses and ports, and what travels between them."""

    def __init__(self, env: Environment, topology: Topology | None = None) -> None:
        self.env = env
        self.topology = topology or Topology()
        self.wiretaps = Wiretaps(env, self.topology)
        self._owner: dict[str, str] = {}
        self._addresses: dict[str, tuple[str, ...]] = {}
        self.listeners: dict[tuple[str, int], Acceptor] = {}
        """Who accepts connections, by host and port."""
        self.bound: dict[tuple[str, int], Callable[[Datagram], None]] = {}
        """Who gets datagrams, by host and port."""
        self.down: dict[str, Record | None] = {}
        """The hosts that are down, each with the record of its fault."""
        self.ports: defaultdict[str, Iterator[int]] = defaultdict(count)
        """How many connections each host opened so far, for their ports."""
        self.places: dict[tuple[str, str], _Place] = {}
        """Where an address is, seen from a host; empty again when a host or link changes."""
        self.topology.empties(self.places)
        self.outsiders: dict[str, Timers] = {}
        """The hosts that stand for programs outside, and by which timers one waits for them."""
        self.sessions = count(1)
        """The numbers of the connections."""
        self.streams: dict[Stream, None] = {}
        """The sides that may still hear something, in the order in which they were made."""
        self.open_sessions: dict[int, tuple[Stream, Stream]] = {}

    # Hosts

    def add_host(self, name: str, addresses: tuple[str, ...], *, forwards: bool = False) -> None:
        """Add a host with its addresses. Raises ValueError if an address is taken."""
        for address in addresses:
            if address in self._owner:
                raise ValueError(f"{name} and {self._owner[address]} have the same address {address}")
            self._owner[address] = name
        self._addresses[name] = addresses
        self.topology.add_host(name, forwards=forwards)

    def outside(self, name: str, timers: Timers) -> None:
        """Let the host `name` stand for programs outside: whoever waits for them waits by `timers`.

        What they say is written down by whoever hears it, who alone can read it if it comes under TLS.
        """
        self.outsiders[name] = timers

    def timers(self, name: str) -> Timers:
        """Return by which timers the silence of the host `name` is measured: the clock's, or those of live mode."""
        return self.outsiders.get(name, self.env)

    def addresses(self, name: str) -> tuple[str, ...]:
        """Return the addresses of the host `name`. Raises KeyError."""
        return self._addresses[name]

    def owner(self, address: str) -> str | None:
        """Return the host that has `address`, or None."""
        return self._owner.get(address)

    def is_up(self, name: str) -> bool:
        """Tell whether the host runs."""
        return name not in self.down

    def take_down(self, name: str, because: Record | None = None) -> tuple[Stream, ...]:
        """Let a host fail: its connections and bindings are gone, and whoever calls it hears nothing.

        Returns its sides of the connections, which can say nothing any more. Their owners do not know yet: the caller
        stops what runs on the host, then calls `end("down")` on each.
        """
        self.down[name] = because
        broken = tuple(stream for stream in self.streams if stream.node == name)
        for stream in broken:
            closed = stream.closed
            stream.fail()
            if not closed:
                self.env.trace.write(TCP_CLOSE, ("down",), at=name, frm=name, session=stream.session, leaf=True)
        self.listeners = {key: value for key, value in self.listeners.items() if key[0] != name}
        self.bound = {key: value for key, value in self.bound.items() if key[0] != name}
        return broken

    def cut(self, first: str, second: str | None, because: Record) -> None:
        """Break every open connection of a host, or of two with each other; what is under way is lost.

        Both sides learn of it at once, as from a reset, and say nothing more.
        """
        for sides in tuple(self.open_sessions.values()):
            nodes = {side.local.node for side in sides}
            if first not in nodes or (second is not None and second not in nodes) or len(nodes) == 1:
                continue
            for side in sides:
                self._cut(side, because)

    def _cut(self, side: Stream, because: Record) -> None:
        if side.ended in ("reset", "down"):
            return
        side.silence()
        here, there = side.local.node, side.remote.node
        self.env.trace.write(TCP_CLOSE, ("cut",), at=here, frm=here, to=there, session=side.session, cause=because)
        side.end("reset")

    def bring_up(self, name: str) -> None:
        """Let a host run again; it must listen anew."""
        self.down.pop(name, None)

    # Listening

    def listen(self, node: str, port: int, acceptor: Acceptor) -> None:
        """Call `acceptor(stream)` for each connection to `port` of `node`. Raises ValueError if it is taken."""
        if (node, port) in self.listeners:
            raise ValueError(f"port {port} of {node} is in use")
        self.listeners[(node, port)] = acceptor

    def listening(self, node: str) -> tuple[int, ...]:
        """Return the TCP ports on which `node` listens, in order."""
        return tuple(sorted(port for name, port in self.listeners if name == node))

    def bind(self, node: str, port: int, handler: Callable[[Datagram], None]) -> None:
        """Call `handler(datagram)` for each datagram to `port` of `node`. Raises ValueError if it is taken."""
        if (node, port) in self.bound:
            raise ValueError(f"UDP port {port} of {node} is in use")
        self.bound[(node, port)] = handler

    def unbind(self, node: str, port: int) -> None:
        """Give a UDP port back."""
        self.bound.pop((node, port), None)

    # Connecting

    def connect(self, node: str, address: str, port: int, timeout: int = CONNECT_TIMEOUT) -> Starter:
        """Open a connection: `stream = yield network.connect(...)`; raises `ConnectFailed` in the task."""
        return _Attempt(self, node, address, port, timeout).start

    def find_place(self, key: tuple[str, str]) -> _Place:
        """Where an address is, seen from a host, and remember it but for foreign addresses."""
        node, address = key
        own, target, way = address, self._owner.get(address), self.topology.way
        if address in _LOOPBACK:
            target = node
        else:
            addresses, six = self._addresses[node], ":" in address
            own = next((one for one in addresses if (":" in one) == six), addresses[0] if addresses else "0.0.0.0")
        if target is None:
            return own, None, None, None
        found = self.places[key] = own, target, way(node, target), way(target, node)
        return found

    def lost(self, stream: Stream, size: int) -> None:
        """Record octets of `stream` that nobody took."""
        reason = "the connection is over" if self.is_up(stream.remote.node) else f"{stream.remote.node} is down"
        also = (self.down.get(stream.remote.node),)
        self.env.trace.write(
            TCP_LOST, (size, reason), at=stream.remote.node, session=stream.session, also=also, leaf=True
        )

    # Datagrams

    def send_datagram(self, node: str, octets: bytes, address: str, port: int, source_port: int) -> Record | None:
        """Send one datagram; nobody is told if it is lost, but the trace knows.

        Returns its record if anybody sees it, else the cause.
        """
        key = node, address
        own, target, way, _ = self.places.get(key) or self.find_place(key)
        env = self.env
        record = env.cause
        if env.trace.heard:
            values = (octets, ">" if port < source_port else "<", port, source_port, address, own)
            record = env.trace.write_leaf(UDP_DATA, values, node, node, target)
        if way is None:
            self._drop(record, node, port, "no way", None)
        else:
            when = env.now + way.latency if way.straight else way.arrival(node, env.now, len(octets))
            what = (target, _datagram((octets, own, source_port, address, port)))
            heappush(env.queue, [when, 1, next(env.ids), record, self._datagram_arrives, what])
        return record

    def _datagram_arrives(self, what: tuple[str, Datagram]) -> None:
        target, datagram = what
        handler = self.bound.get((target, datagram[4]))
        if handler is not None and target not in self.down:
            handler(datagram)
            return
        fault = self.down.get(target)
        reason = f"{target} is down" if target in self.down else "nobody listens"
        self._drop(self.env.cause, target, datagram.destination_port, reason, fault)

    def _drop(self, cause: Record | None, at: str, port: int, reason: str, fault: Record | None) -> None:
        self.env.trace.write(UDP_LOST, (port, reason), at=at, cause=cause, also=(fault,), leaf=True)


class _Attempt:
    """A connection being opened: SYN, SYN-ACK, ACK."""

    __slots__ = (
        "_task", "_token", "address", "local", "network", "node", "port", "session", "target", "timeout", "ways",
    )  # fmt: skip

    _task: Task
    _token: Token | None
    target: str | None
    ways: tuple[Way, Way]
    """There and back, as they were when the SYN was sent."""

    def __init__(self, network: Network, node: str, address: str, port: int, timeout: int) -> None:
        self.network = network
        self.node = node
        self.address = address
        self.port = port
        self.timeout = timeout

    def __str__(self) -> str:
        """What the opener waits for."""
        return f"a connection to {self.address} port {self.port}"

    def start(self, task: Task) -> None:
        """Send the SYN; the task waits for what comes of it."""
        network, node = self.network, self.node
        self._task, task.waits_for, task.give_up = task, self, self.given_up
        key = node, self.address
        own, self.target, way, back = network.places.get(key) or network.find_place(key)
        port = _FIRST_EPHEMERAL + next(network.ports[node]) % 20_000
        self.session, self.local = next(network.sessions), endpoint((node, own, port))
        if self.target is None:
            self._fails_in(2 * DEFAULT_LATENCY, "unreachable")
        elif way is None or back is None or self.target in network.down or 2 * way.latency > self.timeout:
            self._fails_in(self.timeout, "timeout", network.down.get(self.target))
        else:
            self.ways = way, back
            self._next_step(self.arrives)

    def _next_step(self, step: Callable[[Any], None]) -> None:
        """Go on with `step` when a segment is at the other side."""
        env = self.network.env
        self._token = token = [env.now + self.ways[0].latency, 1, next(env.ids), env.cause, step, None]
        heappush(env.queue, token)

    def _fails_in(self, delay: int, result: str, also: Record | None = None) -> None:
        self._token = self.network.env.call_later(delay, self.fails, (result, also))

    def given_up(self) -> None:
        """The opener does not wait any more: nothing will come of it, and no clock moves for it."""
        if self._token is not None:
            self.network.env.cancel(self._token)
            self._token = None

    def _record(self, result: str, also: Record | None = None) -> Record:
        node, target = self.node, self.target
        values = (self.port, self.address, str(self.local), result, target == node)
        trace = self.network.env.trace
        if trace.heard and also is None:
            return trace.write_next(TCP_CONNECT, values, node, node, target, self.session)
        return trace.write(TCP_CONNECT, values, at=node, frm=node, to=target, session=self.session, also=(also,))

    def fails(self, why: tuple[str, Record | None]) -> None:
        """Tell the opener that it did not work."""
        self._token = None
        self._record(*why)
        self._task.fail(ConnectFailed(why[0], self.address, self.port))

    def arrives(self, _: Any) -> None:
        """The SYN is at the other host."""
        network, target = self.network, self.target
        if target in network.down:
            self._fails_in(self.timeout - self.ways[0].latency, "timeout", network.down[target])
        elif (target, self.port) not in network.listeners:
            self._fails_in(self.ways[0].latency, "refused")
        else:
            self._next_step(self.connected)

    def connected(self, _: Any) -> None:
        """The SYN-ACK is back: the opener goes on, and its ACK is under way."""
        network = self.network
        env, task, target, session = network.env, self._task, self.target, self.session
        assert target is not None
        self._token = task.give_up = None
        record = self._record("connected") if env.trace.heard else env.cause
        here, there, (way, back) = self.local, endpoint((target, self.address, self.port)), self.ways
        opener = Stream(network, here, there, session, NO_WAY if self.node in network.outsiders else way)
        opener.peer = answerer = Stream(network, there, here, session, back, opener)
        network.streams[opener] = network.streams[answerer] = None
        network.open_sessions[session] = opener, answerer
        heappush(env.queue, [env.now + way.latency, 1, next(env.ids), record, self.accepted, answerer])
        task.resume(opener)

    def accepted(self, answerer: Stream) -> None:
        """The ACK is at the other host: its server gets the connection."""
        if answerer.ended is not None:
            return
        network, target = self.network, answerer.local[0]
        acceptor = network.listeners.get((target, self.port))
        if acceptor is None or target in network.down:
            answerer.reset()
        else:
            acceptor(answerer)
