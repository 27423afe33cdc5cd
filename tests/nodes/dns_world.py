"""A little Internet of hosts: a client, a resolver, root, top-level and two domains' name servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.engine.base_kinds import WORLD
from simulator.engine.environment import Environment
from simulator.engine.trace import CAUSE, KIND, Record, value
from simulator.engine.transport import Network
from simulator.nodes.host import Host
from simulator.nodes.internet import Internet
from simulator.nodes.name_server import NameServer
from simulator.nodes.resolver import Resolver
from simulator.nodes.stub import lookup
from tests.protocol.dns import worlds

if TYPE_CHECKING:
    from simulator.protocol.dns.stub import LookupResult

SECOND = 1_000_000
RESOLVER = "198.51.100.53"


class World:
    """A client, a resolver and four name servers."""

    def __init__(self, seed: int = 1) -> None:
        self.env = Environment(seed=seed)
        self.internet = Internet(self.env, Network(self.env), 0)
        self.hosts: dict[str, Host] = {}
        self.zones: dict[str, Record] = {}
        self.servers: dict[str, NameServer] = {}
        authorities = worlds.internet().authorities
        names = {worlds.ROOT: "root", worlds.TLD: "tld", worlds.ALPHA: "ns-alpha", worlds.BETA: "ns-beta"}
        for address, authority in authorities.items():
            host = self._host(names[address], address)
            for zone in authority.zones:
                self.zones[zone.name] = self.env.trace.write(WORLD, ("zone", zone.name, ""), origin="x.yaml:1")
            self.servers[host.name] = NameServer(host, authority.zones, self.zones)
            host.add(self.servers[host.name])
        self.resolver = Resolver(self._host("resolver", RESOLVER), (("a.root-servers.net.", worlds.ROOT),))
        self.resolver.host.add(self.resolver)
        self.client = self._host("pc", "198.51.100.10")
        self.other = self._host("mail", "198.51.100.25")
        self.env.cause = None

    def _host(self, name: str, address: str) -> Host:
        self.internet.network.add_host(name, (address,))
        self.hosts[name] = host = Host(
            self.internet, name, addresses=(address,), hostname=f"{name}.example", resolver=RESOLVER
        )
        return host

    def start(self, name: str, qtype: str = "A", *, host: Host | None = None, **how: Any) -> list[LookupResult]:
        """Begin a look-up; its result comes into the list."""
        results: list[LookupResult] = []
        host = host or self.client

        def story() -> Any:
            results.append((yield lookup(host, name, qtype, **how)))

        self.env.trace.write(WORLD, ("person", "anna", "asks"), cause=None, origin="x.yaml:9")
        host.spawn(story(), name="anna")
        return results

    def ask(self, name: str, qtype: str = "A", **how: Any) -> LookupResult:
        """Look a name up and let the world run until all is quiet."""
        results = self.start(name, qtype, **how)
        self.env.advance()
        (result,) = results
        return result

    def records(self, kind: str, **fields: Any) -> list[Record]:
        """The records of a kind whose fields have these values."""
        return [
            record
            for record in self.env.trace.records
            if record[KIND].name == kind and all(value(record, name) == wanted for name, wanted in fields.items())
        ]

    def chain(self, record: Record) -> list[str]:
        """The kinds on the way from a record back to what started it."""
        kinds = []
        while True:
            kinds.append(record[KIND].name)
            if record[CAUSE] is None:
                return kinds
            record = self.env.trace.records[record[CAUSE] - 1]
