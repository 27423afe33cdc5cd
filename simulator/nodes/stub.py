"""A host's questions to DNS over the simulated network: one exchange, a look-up, and the steps of a trace.

The protocol's generators decide what is asked and when to give up; here their messages get a port, a timer and records.
RFC 1035, 4.2 (UDP and TCP); RFC 5452, 4 (random id and port, and answers that are believed).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from simulator.engine.stream import Stream, StreamTimeout
from simulator.engine.transport import ConnectFailed, Datagram
from simulator.errors import LocalProtocolError
from simulator.limits import DNS_REFERRALS
from simulator.protocol.dns import stub
from simulator.protocol.dns.message import AA, NS, Question, name_text, question, question_text, to_type
from simulator.protocol.dns.stub import STUB_TIMEOUT_US, LookupResult
from simulator.protocol.dns.wire import StreamReader, matches, parse, to_stream
from simulator.records.kinds_dns import DNS_QUERY

if TYPE_CHECKING:
    from simulator.engine.kinds import Record
    from simulator.engine.task import Starter, Task
    from simulator.nodes.host import Host

__all__ = ["DNS_PORT", "Sending", "Step", "exchange", "look_up", "lookup", "next_id", "trace_steps"]

DNS_PORT: Final = 53
_FIRST_PORT: Final = 49_152
_PORTS: Final = 16_384

Wait = Generator[Any, Any, bytes | None]


class Sending:
    """One query on its way to `address`, port 53: its octets, what it asks, and how long to wait in µs.

    As a step of a task it goes by UDP: `octets = yield sending` gives the answer, None if none came in time.
    """

    __slots__ = ("_port", "_task", "_timer", "address", "asked", "because", "host", "query", "timeout")

    def __init__(
        self,
        host: Host,
        query: bytes,
        asked: Question,
        address: str,
        timeout: int,
        because: tuple[Record | int | None, ...] = (),
    ) -> None:
        self.host = host
        self.query = query
        self.asked = asked
        self.address = address
        self.timeout = timeout
        self.because = because

    def __call__(self, task: Task) -> None:
        """Send the query from a random port of its own, and let the task wait for what comes in there."""
        host = self.host
        env = host.env
        self._task = task
        task.waits_for = self
        self._port = port = _bind(host, self._arrived)
        self.record("udp")
        self._timer: int | None = env.call_later(self.timeout, self._late)
        task.give_up = self._given_up
        host.network.send_datagram(host.name, self.query, self.address, DNS_PORT, port)

    def record(self, transport: str, session: int | None = None) -> None:
        """Write the record of the query, which is about to be sent."""
        host, query, asked = self.host, self.query, self.asked
        values = (asked.qname, asked.qtype, int.from_bytes(query[:2], "big"), transport, bool(query[2] & 1))
        to = host.network.owner(self.address)
        host.trace.write(DNS_QUERY, values, at=host.name, frm=host.name, to=to, session=session, also=self.because)

    def _arrived(self, datagram: Datagram) -> None:
        """Take a datagram if it answers; anything else was not for us (RFC 5452, 9.1)."""
        octets, address, port, _, _ = datagram
        if address == self.address and port == DNS_PORT and matches(self.query, octets):
            self._task.resume(octets)

    def _late(self, _: object) -> None:
        """The time is over."""
        self._timer = None
        self._task.resume(None)

    def _given_up(self) -> None:
        """The task waits no longer, whatever the reason."""
        host = self.host
        del self._task  # which knows this one: no cycle should wait for the garbage collector
        host.network.unbind(host.name, self._port)
        if self._timer is not None:
            host.env.cancel(self._timer)

    def __str__(self) -> str:
        return f"the answer of {self.address} to {question_text(self.asked)}"


def next_id(host: Host) -> int:
    """A random id for a query of this host."""
    return host.env.random(f"dns/{host.name}").randrange(65_536)


def exchange(sending: Sending, *, tcp: bool) -> Wait:
    """Send a query and wait for the answer that belongs to it; None if none comes. Use with `yield from`."""
    if tcp:
        return (yield from _over_tcp(sending))
    octets: bytes | None = yield sending
    return octets


def _bind(host: Host, handler: Callable[[Datagram], None]) -> int:
    """A random port that is free."""
    chance = host.env.random(f"dns/{host.name}")
    while True:
        port = _FIRST_PORT + chance.randrange(_PORTS)
        try:
            host.network.bind(host.name, port, handler)
        except ValueError:  # taken by another question of this host
            continue
        return port


def _over_tcp(sending: Sending) -> Wait:
    host = sending.host
    try:
        stream: Stream = yield host.network.connect(host.name, sending.address, DNS_PORT, sending.timeout)
    except ConnectFailed:
        return None
    try:
        sending.record("tcp", stream.session)
        stream.send(to_stream(sending.query))
        return (yield from _read(stream, sending))
    finally:
        stream.close()


def _read(stream: Stream, sending: Sending) -> Wait:
    env, reader = sending.host.env, StreamReader()
    deadline = int(env.now) + sending.timeout
    while (left := deadline - int(env.now)) > 0:
        try:
            octets = yield stream.receive(left)
        except StreamTimeout:
            return None
        if not octets:
            return None
        reader.receive_data(octets)
        while (message := reader.next_message()) is not None:
            if matches(sending.query, message):
                return message
    return None


def lookup(
    host: Host, name: str, qtype: str, *, server: str | None = None, tcp: bool = False, rd: bool = True
) -> Starter:
    """Ask this host's resolver, or the server at address `server`: `result = yield lookup(host, "beta.example", "MX")`.

    The task goes on with a `LookupResult`, whatever came; a name that cannot exist gives status "nxdomain", a host
    without a resolver "error". Raises LocalProtocolError for a type that is none.
    """

    def start(task: Task) -> None:
        task.waits_for = f"the look-up of {name} {qtype}"
        story = look_up(host, name, qtype, server=server, tcp=tcp, rd=rd)
        host.spawn(story, task.resume, task.fail, name=f"the look-up of {name} {qtype}")

    return start


def look_up(
    host: Host, name: str, qtype: str, *, server: str | None = None, tcp: bool = False, rd: bool = True
) -> Generator[Any, Any, LookupResult]:
    """The same as a step of a task: `result = yield from look_up(host, "beta.example", "MX")`."""
    server = server or host.resolver
    try:
        asked = question(name, qtype)
    except LocalProtocolError:
        to_type(qtype)  # a wrong type is the caller's mistake
        return LookupResult(question=None, status="nxdomain", rcode="NXDOMAIN")
    if server is None:
        return LookupResult(question=asked, status="error")
    env = host.env
    work = stub.lookup(asked, partial(next_id, host), tcp=tcp, rd=rd)
    query, by_tcp = next(work)
    while True:
        sent_at = env.now
        sending = Sending(host, query, asked, server, STUB_TIMEOUT_US)
        octets = (yield from _over_tcp(sending)) if by_tcp else (yield sending)
        try:
            query, by_tcp = work.send(octets)
        except StopIteration as stop:
            result: LookupResult = stop.value
            return result.of(server, int(env.now - sent_at))


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a trace: what a server said, and the server's name ("" for the resolver that was asked first)."""

    result: LookupResult
    server: str


def trace_steps(host: Host, name: str, qtype: str) -> Generator[Any, Any, tuple[Step, ...]]:
    """Follow the referrals from the root to the answer, as `dig +trace`: `steps = yield from trace_steps(...)`."""
    first: LookupResult = yield lookup(host, ".", "NS")
    steps = [Step(first, "")]
    servers = first.names
    while servers and len(steps) <= DNS_REFERRALS:
        step = yield from _ask_one_of(host, servers, name, qtype)
        if step is None:
            break
        steps.append(step)
        servers = _referred(step.result.octets)
    return tuple(steps)


def _ask_one_of(host: Host, servers: tuple[str, ...], name: str, qtype: str) -> Generator[Any, Any, Step | None]:
    for server in servers:
        found: LookupResult = yield lookup(host, server, "A")
        for address in found.addresses:
            result: LookupResult = yield lookup(host, name, qtype, server=address, rd=False)
            if result.octets:
                return Step(result, server)
    return None


def _referred(octets: bytes) -> tuple[str, ...]:
    """The servers that an answer refers to; none if it is the end of the way."""
    message = parse(octets)
    if message.flags & AA or message.answer or message.rcode:
        return ()
    targets: list[Any] = [rdata for rrset in message.authority if rrset.type == NS for rdata in rrset.rdatas]
    return tuple(name_text(rdata.target) for rdata in targets)
