"""A host's questions to DNS over the simulated network: one exchange, a look-up, and the steps of a trace.

The protocol's generators decide what is asked and when to give up; here their messages get a port, a timer and records.
RFC 1035, 4.2 (UDP and TCP); RFC 5452, 4 (random id and port, and answers that are believed).
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from simulator.engine.environment import Token
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

__all__ = ["DNS_PORT", "Sending", "Step", "look_up", "lookup", "trace_steps"]

DNS_PORT: Final = 53
_FIRST_PORT: Final = 49_152


class Sending:
    """A question on its way to the server at `address`, port 53: each of its messages gets a port, a timer and records.

    A message is a step of a task: `answer = yield sending.send(octets, tcp=False)` gives the answer that belongs to it,
    None if none came within `timeout` µs. `because` are records that led to this server.
    """

    __slots__ = ("_because", "_host", "_place", "_query", "_sent_at", "_task", "_timer", "address", "asked",
                 "timeout")  # fmt: skip

    def __init__(
        self, host: Host, asked: Question, address: str, timeout: int, because: tuple[Record | int | None, ...] = ()
    ) -> None:
        self._host = host
        self._because = because
        self.asked = asked
        self.address = address
        self.timeout = timeout

    def send(self, octets: bytes, *, tcp: bool) -> Starter:
        """The step that sends a query and waits."""
        self._query = octets
        self._sent_at = self._host.env.now
        return self._over_tcp if tcp else self._over_udp

    def gave(self, result: LookupResult) -> LookupResult:
        """Note in a result who gave it, and how long that took."""
        result.server, result.elapsed_us = self.address, int(self._host.env.now - self._sent_at)
        return result

    def __str__(self) -> str:
        """What the task waits for."""
        return f"the answer of {self.address} to {question_text(self.asked)}"

    def _record(self, transport: str, session: int | None = None) -> None:
        """Write the record of the query, which is about to be sent."""
        host, query, asked = self._host, self._query, self.asked
        values = (asked.qname, asked.qtype, int.from_bytes(query[:2], "big"), transport, bool(query[2] & 1))
        name, to = host.name, host.network.owner(self.address)
        if self._because:
            host.trace.write(DNS_QUERY, values, at=name, frm=name, to=to, session=session, also=self._because)
        else:
            host.trace.write_next(DNS_QUERY, values, name, name, to, session)

    def _over_udp(self, task: Task) -> None:
        host, network = self._host, self._host.network
        self._task, task.waits_for, task.give_up = task, self, self._given_up
        name, bound = host.name, network.bound
        port = _FIRST_PORT + host.next_dns_port()
        while (name, port) in bound:  # taken by another question of this host
            port = _FIRST_PORT + host.next_dns_port()
        self._place = name, port
        bound[name, port] = self._arrived
        if host.trace.heard:
            self._record("udp")
        self._timer: Token | None = host.env.call_later(self.timeout, self._late)
        network.send_datagram(name, self._query, self.address, DNS_PORT, port)

    def _arrived(self, datagram: Datagram) -> None:
        """Take a datagram if it answers; anything else was not for us (RFC 5452, 9.1)."""
        octets, address, port, _, _ = datagram
        if address == self.address and port == DNS_PORT and matches(self._query, octets):
            task = self._task
            task.give_up = None
            self._given_up()
            task.resume(octets)

    def _late(self, _: object) -> None:
        """The time is over."""
        self._timer = None
        self._task.resume(None)

    def _given_up(self) -> None:
        """The task waits no longer, whatever the reason."""
        host = self._host
        del self._task  # which knows this one: no cycle should wait for the garbage collector
        host.network.bound.pop(self._place, None)
        if self._timer is not None:
            host.env.cancel(self._timer)

    def _over_tcp(self, task: Task) -> None:
        task.waits_for = self
        name = f"the question for {question_text(self.asked)} over TCP"
        task.give_up = self._host.spawn(self._converse(), task.resume, task.fail, name=name).cancel

    def _converse(self) -> Generator[Any, Any, bytes | None]:
        """Ask on a connection of its own."""
        host = self._host
        try:
            stream: Stream = yield host.network.connect(host.name, self.address, DNS_PORT, self.timeout)
        except ConnectFailed:
            return None
        try:
            self._record("tcp", stream.session)
            stream.send(to_stream(self._query))
            return (yield from self._read(stream))
        finally:
            stream.close()

    def _read(self, stream: Stream) -> Generator[Any, Any, bytes | None]:
        env, reader = self._host.env, StreamReader()
        deadline = int(env.now) + self.timeout
        while (left := deadline - int(env.now)) > 0:
            try:
                octets = yield stream.receive(left)
            except StreamTimeout:
                return None
            if not octets:
                return None
            reader.receive_data(octets)
            while (message := reader.next_message()) is not None:
                if matches(self._query, message):
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
        return _without_asking(qtype, None)
    if server is None:
        return _without_asking(qtype, asked)
    sending = Sending(host, asked, server, STUB_TIMEOUT_US)
    return stub.lookup(asked, host.next_dns_id, sending.send, sending.gave, tcp=tcp, rd=rd)


def _without_asking(qtype: str, asked: Question | None) -> Generator[Any, Any, LookupResult]:
    """What a look-up comes to where there is nobody to ask, or nothing that can be."""
    if asked is None:
        to_type(qtype)  # a wrong type is the caller's mistake
        return LookupResult(question=None, status="nxdomain", rcode="NXDOMAIN")
    return LookupResult(question=asked, status="error")
    yield


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
