"""A little Internet of mail, built in code: two domains, two people, one name server, one resolver.

Its attributes are those of `simulator.scenario.world.World`, so that what compares folds with nodes takes either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from simulator.engine.base_kinds import ACTION, FAULT, WORLD
from simulator.engine.environment import Environment
from simulator.engine.kinds import Record
from simulator.engine.query import parse
from simulator.engine.stream import Stream
from simulator.engine.transport import Network
from simulator.message.address import Address
from simulator.nodes.connecting import Access
from simulator.nodes.host import Host
from simulator.nodes.internet import Internet
from simulator.nodes.mail_program import Letter, MailProgram
from simulator.nodes.mail_server import Mailbox, MailServer, serve_mail
from simulator.nodes.name_server import NameServer
from simulator.nodes.resolver import Resolver
from simulator.protocol.dns.zone import parse_zone
from simulator.records.invariants import check, findings

SECOND = 1_000_000
MINUTE = 60 * SECOND
START = 1_711_166_400 * SECOND
ALPHA, BETA, BETA2, RESOLVER, NS = "192.0.2.25", "203.0.113.25", "203.0.113.26", "198.51.100.53", "198.51.100.1"

ROOT_ZONE = """\
$TTL 86400
@ IN SOA a.root. hostmaster.root. 1 3600 600 86400 300
@ IN NS a.root.
a.root. IN A 198.51.100.1
"""
ALPHA_ZONE = """\
$TTL 300
@ IN SOA ns hostmaster 1 3600 600 86400 300
@ IN NS ns
ns IN A 198.51.100.1
@ IN MX 10 mail
mail IN A 192.0.2.25
other IN A 192.0.2.25
"""
BETA_ZONE = """\
$TTL 300
@ IN SOA ns hostmaster 1 3600 600 86400 300
@ IN NS ns
ns IN A 198.51.100.1
@ IN MX 10 mx
mx IN A 203.0.113.25
"""
ANNA = Address("anna", "alpha.example", "Anna")
BORIS = Address("boris", "beta.example", "Boris")
TEXT = "Lunch?\n.\n..dots\nFrom here\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a test may change of the world."""

    beta_zone: str = BETA_ZONE
    beta_boxes: tuple[Mailbox, ...] = (
        Mailbox("boris@beta.example", "battery", ("boss@beta.example",)),
        Mailbox("olga@beta.example", "staple"),
    )
    reads: str = "imaps"
    spam: bool = False
    seed: int = 1
    beta_serves: bool = True
    leave_on_server: bool = False


class MailWorld:
    """pc-anna and mail-alpha, mx-beta and pc-boris, a resolver and a name server; further hosts by `host`."""

    def __init__(self, setup: Setup | None = None, **changes: Any) -> None:
        self.setup = setup = replace(setup or Setup(), **changes)
        self.env = Environment(seed=setup.seed)
        self.network = Network(self.env)
        self.internet = Internet(self.env, self.network, START)
        self.hosts: dict[str, Host] = {}
        self.servers: dict[str, MailServer] = {}
        self.programs: dict[str, MailProgram] = {}
        self.zones: dict[str, Record] = {}
        self._set_up_names()
        self.server(
            "mail-alpha", ALPHA, "mail.alpha.example", "alpha.example", (Mailbox("anna@alpha.example", "horse"),)
        )
        if setup.beta_serves:
            self.server("mx-beta", BETA, "mx.beta.example", "beta.example", setup.beta_boxes)
        self.program("pc-anna", "192.0.2.10", ANNA, "horse", "mail.alpha.example")
        self.program("pc-boris", "203.0.113.10", BORIS, "battery", "mx.beta.example")
        self.env.cause = None

    # Building

    def host(self, name: str, address: str, hostname: str = "") -> Host:
        """Add a host."""
        self.network.add_host(name, (address,))
        resolver = None if name in ("resolver", "ns") else RESOLVER
        made = Host(self.internet, name, addresses=(address,), hostname=hostname or f"[{address}]", resolver=resolver)
        made.record = self.env.trace.write(WORLD, ("host", name, ""), cause=None, origin="test.yaml:1")
        self.hosts[name] = made
        return made

    def server(self, name: str, address: str, hostname: str, domain: str, boxes: tuple[Mailbox, ...]) -> MailServer:
        """Add a mail server with every service."""
        host = self.host(name, address, hostname)
        self.servers[name] = serve_mail(
            host,
            domains=(domain,),
            services={"smtp": 25, "submission": 587, "submissions": 465, "imaps": 993, "pop3s": 995},
            mailboxes=boxes,
            spam_filter="127.0.0.1" if self.setup.spam else None,
        )
        return self.servers[name]

    def program(self, name: str, address: str, person: Address, password: str, server: str) -> MailProgram:
        """Add a person's device."""
        reads = self.setup.reads
        self.programs[name] = MailProgram(
            self.host(name, address),
            person=person,
            password=password,
            sends_via=Access("submission", server, 587),
            reads_via=Access(reads, server, {"imaps": 993, "pop3s": 995}[reads]),
            leave_on_server=self.setup.leave_on_server,
        )
        return self.programs[name]

    def _set_up_names(self) -> None:
        zones = {".": ROOT_ZONE, "alpha.example": ALPHA_ZONE, "beta.example": self.setup.beta_zone}
        for name in zones:
            self.zones[name] = self.env.trace.write(WORLD, ("zone", name, ""), cause=None, origin="test.yaml:2")
        ns = self.host("ns", NS)
        ns.add(NameServer(ns, [parse_zone(text, name) for name, text in zones.items()], self.zones))
        resolver = self.host("resolver", RESOLVER)
        resolver.add(Resolver(resolver, (("a.root", NS),)))

    # What happens

    def at(self, when: int, what: Callable[[], object]) -> None:
        """Do something at `when` µs, as a line of the timeline."""

        def begin(_: object) -> None:
            self.env.trace.write(ACTION, ("test", "", ""), cause=None, origin="test.yaml:9")
            what()

        self.env.call_later(when - int(self.env.now), begin)

    def send(
        self,
        *to: str,
        bcc: Sequence[str] = (),
        when: int = SECOND,
        by: str = "pc-anna",
        subject: str = "Обед?",
        text: str = TEXT,
    ) -> None:
        """Let a letter be sent at `when`."""
        program = self.programs[by]
        letter = Letter(to=tuple(map(_address, to)), bcc=tuple(map(_address, bcc)), subject=subject, text=text)
        self.at(when, lambda: program.host.up and program.host.spawn(program.send(letter), name="send"))

    def do(self, verb: str, when: int, *arguments: Any, by: str = "pc-boris") -> None:
        """Let a mail program fetch, read or delete at `when`."""
        program = self.programs[by]
        self.at(when, lambda: program.host.up and program.host.spawn(getattr(program, verb)(*arguments), name=verb))

    def fails(self, name: str, begin: int, end: int) -> None:
        """Let a host be down from `begin` to `end` µs."""
        host = self.hosts[name]

        def fault(state: str) -> Record:
            values = ("host-down", name, state)
            return self.env.trace.write(FAULT, values, at=name, cause=None, origin="test.yaml:8")

        self.env.call_later(begin - int(self.env.now), lambda _: host.fail(fault("begins")))
        self.env.call_later(end - int(self.env.now), lambda _: (fault("ends"), host.recover()))

    def run(self, *, broken: bool = False) -> MailWorld:
        """Run until all is quiet, and check the promises (`broken`: the test looks itself)."""
        self.env.advance()
        if not broken:
            check(self.records, tuple(self.env.waiting()))
            assert not self.network.open_sessions, self.network.open_sessions
            assert not self.network.streams
        return self

    # What came of it

    @property
    def records(self) -> list[Record]:
        """The trace."""
        return self.env.trace.records

    def ask(self, query: str) -> Any:
        """The value of a query."""
        return parse(query).ask(self.records).value

    def promises_broken(self) -> set[str]:
        """The names of the promises that the trace breaks."""
        return {found.promise for found in findings(self.records)}

    def letters(self, address: str, server: str = "mx-beta") -> list[bytes]:
        """The octets of the letters in somebody's INBOX."""
        view = self.servers[server].store.mailbox(address)
        return [message.octets() for message in view.messages()]


def _address(spec: str) -> Address:
    local, _, domain = spec.rpartition("@")
    return Address(local, domain)


class Scripted:
    """A server that says what a test wrote down: a greeting, then the answer for each line's first word."""

    def __init__(self, host: Host, port: int, greeting: bytes, answers: dict[bytes, bytes] | None = None) -> None:
        self.host = host
        self.greeting = greeting
        self.answers = answers or {}
        self.heard = b""
        self.connections = 0
        host.network.listen(host.name, port, self._accept)

    def _accept(self, stream: Stream) -> None:
        self.connections += 1
        rest = [b""]

        def receive(octets: bytes) -> None:
            self.heard += octets
            *lines, rest[0] = (rest[0] + octets).split(b"\r\n")
            for line in lines:
                answer = self.answers.get(line.split(b" ")[0].split(b":")[0].upper(), b"")
                if answer == b"HANG UP":
                    stream.close()
                elif answer:
                    stream.send(answer)

        stream.on_data = receive
        stream.on_close = lambda how: stream.close()
        if self.greeting:
            stream.send(self.greeting)
