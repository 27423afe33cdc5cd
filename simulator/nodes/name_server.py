"""An authoritative name server: a program on UDP and TCP port 53 that answers from its zones and asks nobody.

The protocol core answers; here its answers get records and go back the way the questions came.
RFC 1035, 4.2; RFC 7766 (TCP).
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Final

from simulator.engine.environment import Token
from simulator.engine.stream import Stream
from simulator.engine.transport import Datagram
from simulator.limits import SECOND_US
from simulator.nodes.host import Host, Service
from simulator.nodes.stub import DNS_PORT
from simulator.protocol.dns.authority import Authority
from simulator.protocol.dns.wire import StreamReader, to_stream
from simulator.records.kinds_dns import DNS_ANSWER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from simulator.engine.kinds import Record
    from simulator.protocol.dns.message import Served, Transport
    from simulator.protocol.dns.zone import Zone

__all__ = ["Asker", "DnsService", "NameServer"]

_TCP_US: Final = 30 * SECOND_US
"""How long a TCP connection may last (RFC 7766, 6.2.3 asks for a few seconds of patience)."""


Asker = Datagram | Stream
"""Who asked, and so where the answer goes: the datagram that came, or the connection."""


class DnsService(Service):
    """What name servers and resolvers share: port 53, both transports, and the record of an answer."""

    def __init__(self, host: Host) -> None:
        self.host = host

    def start(self) -> None:
        """Listen on both transports."""
        self.host.network.bind(self.host.name, DNS_PORT, self._datagram)
        self.host.network.listen(self.host.name, DNS_PORT, self._accept)

    def crash(self) -> None:
        """Lose what was in memory; a name server's zones are on its disk."""

    @abstractmethod
    def handle(self, octets: bytes, asker: Asker, transport: Transport) -> None:
        """Deal with one message; `env.cause` is the record of its octets."""

    def answer(self, octets: bytes, served: Served, asker: Asker, also: Iterable[Record | int | None] = ()) -> None:
        """Record an answer and send it."""
        host = self.host
        if host.trace.heard:
            self._record(octets, served, asker, also)
        if isinstance(asker, Datagram):
            _, address, port, _, _ = asker
            host.network.send_datagram(host.name, octets, address, port, DNS_PORT)
        else:
            asker.send(to_stream(octets))

    def _record(self, octets: bytes, served: Served, asker: Asker, also: Iterable[Record | int | None]) -> None:
        host, name = self.host, self.host.name
        if isinstance(asker, Datagram):
            to, session, transport = host.network.owner(asker.source_address), None, "udp"
        else:
            to, session, transport = asker.remote.node, asker.session, "tcp"
        values = (
            served.qname,
            served.qtype,
            int.from_bytes(octets[:2], "big"),
            served.rcode,
            served.aa,
            served.tc,
            served.count,
            served.answer,
            served.ttl,
            transport,
        )
        host.trace.write(DNS_ANSWER, values, at=name, frm=name, to=to, session=session, also=also)

    def _datagram(self, datagram: Datagram) -> None:
        try:
            self.handle(datagram[0], datagram, "udp")
        except Exception as error:  # noqa: BLE001 - whatever broke, the server goes on
            self._broke(error)

    def _message(self, octets: bytes, stream: Stream) -> None:
        try:
            self.handle(octets, stream, "tcp")
        except Exception as error:  # noqa: BLE001 - as with a datagram
            self._broke(error)

    def _accept(self, stream: Stream) -> None:
        env, reader, timers = self.host.env, StreamReader(), stream.timers
        timer: Token | None = None

        def late(_: object) -> None:
            nonlocal timer
            timer = None
            stream.close()

        def receive(octets: bytes) -> None:
            chunk = env.cause
            reader.receive_data(octets)
            while (message := reader.next_message()) is not None:
                env.cause = chunk
                self._message(message, stream)

        def ended(how: str) -> None:
            if timer is not None:
                timers.cancel(timer)
            stream.close()

        timer = timers.call_later(_TCP_US, late)
        stream.on_data = receive
        stream.on_close = ended

    def _broke(self, error: Exception) -> None:
        """One message that breaks us stops nothing else; it stays without an answer."""
        self.host.alert(f"{type(error).__name__}: {error}")


class NameServer(DnsService):
    """Serves zones; `records` has for each zone, by name without the final dot, the record that set it up."""

    def __init__(self, host: Host, zones: Iterable[Zone], records: Mapping[str, Record] | None = None) -> None:
        super().__init__(host)
        self.authority = Authority(zones)
        self._records = dict(records or {})

    def load(self, zone: Zone, record: Record) -> None:
        """Serve a zone, or its new content, from now on; `record` is the action that changed it."""
        self._records[zone.name] = record
        self.authority.load(zone)

    def handle(self, octets: bytes, asker: Asker, transport: Transport) -> None:
        """Answer at once."""
        answered = self.authority.respond(octets, transport)
        if answered is None:
            return
        served = answered[1]
        self.answer(answered[0], served, asker, also=(self._records.get(served.zone or ""),))
