"""A host's questions to DNS over the simulated network: one exchange, a look-up, and the steps of a trace.

The protocol's generators decide what is asked and when to give up; here their messages get a port, a timer and records.
RFC 1035, 4.2 (UDP and TCP); RFC 5452, 4 (random id and port, and answers that are believed).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from simulator.engine.stream import Stream, StreamTimeout
from simulator.engine.transport import ConnectFailed, Datagram
from simulator.errors import LocalProtocolError
from simulator.limits import DNS_REFERRALS
from simulator.protocol.dns import stub
from simulator.protocol.dns.message import AA, NS, Question, name_text, question
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One query on its way to `address`, port 53: its octets, what it asks, and how long to wait in µs."""

    query: bytes
    asked: Question
    address: str
    timeout: int
    tcp: bool = False
    because: tuple[Record | int | None, ...] = ()


def next_id(host: Host) -> int:
    """A random id for a query of this host."""
    return host.env.random(f"dns/{host.name}").randrange(65_536)


def exchange(host: Host, sending: Sending) -> Wait:
    """Send a query and wait for the answer that belongs to it; None if none comes. Use with `yield from`."""
    if sending.tcp:
        return (yield from _over_tcp(host, sending))
    return (yield from _over_udp(host, sending))


def _write_query(host: Host, sending: Sending, session: int | None = None) -> None:
    query, asked = sending.query, sending.asked
    values = (
        asked.qname,
        asked.qtype,
        int.from_bytes(query[:2], "big"),
        "tcp" if sending.tcp else "udp",
        bool(query[2] & 1),
    )
    to = host.network.owner(sending.address)
    host.trace.write(DNS_QUERY, values, at=host.name, frm=host.name, to=to, session=session, also=sending.because)


class _Expected:
    """The answer that a task waits for: what comes in on its port, or the end of its time."""

    __slots__ = ("_sending", "_task")

    def __init__(self, sending: Sending) -> None:
        self._sending = sending
        self._task: Task | None = None

    def start(self, task: Task) -> None:
        """Let the task wait; None or the answer's octets come to it."""
        asked = self._sending.asked
        task.waits_for = f"the answer of {self._sending.address} to {asked.qname} {asked.qtype}"
        self._task = task

    def arrived(self, datagram: Datagram) -> None:
        """Take a datagram if it answers; anything else was not for us (RFC 5452, 9.1)."""
        sending = self._sending
        asked_it = (datagram.source_address, datagram.source_port) == (sending.address, DNS_PORT)
        if asked_it and matches(sending.query, datagram.octets):
            self._go_on(datagram.octets)

    def late(self, _: object) -> None:
        """The time is over."""
        self._go_on(None)

    def _go_on(self, octets: bytes | None) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.resume(octets)


def _over_udp(host: Host, sending: Sending) -> Wait:
    env, network = host.env, host.network
    expected = _Expected(sending)
    port = _bind(host, expected.arrived)
    timer = None
    try:
        _write_query(host, sending)
        timer = env.call_later(sending.timeout, expected.late)
        network.send_datagram(host.name, sending.query, sending.address, DNS_PORT, port)
        octets: bytes | None = yield expected.start
        if octets is None:
            timer = None
        return octets
    finally:
        network.unbind(host.name, port)
        if timer is not None:
            env.cancel(timer)


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


def _over_tcp(host: Host, sending: Sending) -> Wait:
    try:
        stream: Stream = yield host.network.connect(host.name, sending.address, DNS_PORT, sending.timeout)
    except ConnectFailed:
        return None
    try:
        _write_query(host, sending, stream.session)
        stream.send(to_stream(sending.query))
        return (yield from _read(host, stream, sending))
    finally:
        stream.close()


def _read(host: Host, stream: Stream, sending: Sending) -> Wait:
    reader = StreamReader()
    deadline = int(host.env.now) + sending.timeout
    while (left := deadline - int(host.env.now)) > 0:
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
    question(".", qtype)
    try:
        asked = question(name, qtype)
    except LocalProtocolError:
        return LookupResult(question=None, status="nxdomain", rcode="NXDOMAIN")
    if server is None:
        return LookupResult(question=asked, status="error")
    work = stub.lookup(asked, lambda: next_id(host), tcp=tcp, rd=rd)
    send = next(work)
    while True:
        sent_at = int(host.env.now)
        sending = Sending(query=send.octets, asked=asked, address=server, timeout=STUB_TIMEOUT_US, tcp=send.tcp)
        octets = yield from exchange(host, sending)
        try:
            send = work.send(octets)
        except StopIteration as stop:
            result: LookupResult = stop.value
            return result.of(server, int(host.env.now) - sent_at)


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
