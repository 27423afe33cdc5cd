"""A simulated world in which beta.example is a real Postfix with a real Dovecot, behind a gateway.

Anna's server and program, and Boris's program, are the shipped nodes; what they do goes through the simulated network,
its DNS and its certificates, out to real sockets.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.engine.trace import AT, KIND, VALUES
from simulator.keys.authority import Authority
from simulator.message.address import Address
from simulator.nodes.connecting import Access
from simulator.nodes.device_mailbox import INBOX
from simulator.nodes.host import Host
from simulator.nodes.mail_program import Letter, MailProgram
from simulator.nodes.queue import Entry, Outcome, Queued
from simulator.nodes.relay import Relay
from tests.clients.gateway import Gateway
from tests.clients.servers import Servers, serving
from tests.nodes.mail_world import ALPHA, BETA, BORIS, MailWorld

__all__ = ["OLGA", "PASSWORDS", "Outside", "outside"]

OLGA = "olga@beta.example"
PASSWORDS = {BORIS.spec: "battery", OLGA: "staple"}


@dataclass(frozen=True, slots=True)
class Outside:
    """The world, the real servers, and what a test lets happen between them."""

    world: MailWorld
    gateway: Gateway
    servers: Servers
    mda: Host

    def send(self, by: str, to: str, subject: str) -> None:
        """Let a mail program send a letter now."""
        program = self.world.programs[by]
        self.world.at(int(self.world.env.now), lambda: program.host.spawn(_sending(program, to, subject), name="send"))

    def arrived(self, address: str, subject: str) -> bytes:
        """The letter with that subject in an INBOX of Dovecot's, once it is there."""
        return self._found(lambda: self.servers.letters(address), subject)

    def delivered(self, address: str, subject: str) -> bytes:
        """The letter with that subject in an INBOX of Anna's server, once it is there."""
        return self._found(lambda: self.world.letters(address, "mail-alpha"), subject)

    def _found(self, letters: Any, subject: str) -> bytes:
        wanted = f"Subject: {subject}\r\n".encode()

        def found() -> list[bytes]:
            return [letter for letter in letters() if wanted in letter]

        try:
            self.gateway.run(found)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.notices()}\n{self.servers.logs()}") from error
        return found()[0]

    def deliver_by_lmtp(self, *recipients: str, subject: str) -> list[Outcome]:
        """Let our queue's way to the delivery agent, which is Dovecot here, carry a letter; an outcome for each."""
        content = f"From: <anna@alpha.example>\r\nSubject: {subject}\r\n\r\n.dot\r\n..dots\r\n".encode()
        queued = [Queued(address) for address in recipients]
        entry = Entry("1A", "anna@alpha.example", content, None, int(self.world.env.now), queued)
        outcomes: list[Outcome] = []
        relay = Relay(self.mda, ("beta.example",))
        self.mda.spawn(relay.carry(entry, "beta.example", queued), outcomes.extend, name="lmtp")
        self.gateway.run(lambda: outcomes)
        return outcomes

    def fetch(self, device: str) -> list[bytes]:
        """Let a device of Boris's fetch; the letters that are on it then."""
        program = self.world.programs[device]
        done: list[object] = []
        program.host.spawn(program.fetch(), done.append, name="fetch")
        self.gateway.run(lambda: done)
        box = program.box
        return [box.octets(INBOX, key) for key in box.keys(INBOX)]

    def act(self, device: str, verb: str, number: int | None = None) -> None:
        """Let a device read or delete a letter."""
        program = self.world.programs[device]
        done: list[object] = []
        program.host.spawn(getattr(program, verb)(number), done.append, name=verb)
        self.gateway.run(lambda: done)

    def notices(self) -> list[str]:
        """What mail programs told their users so far."""
        return [str(record[VALUES]) for record in self.world.records if record[KIND].name == "mua.notice"]

    @property
    def relay(self) -> Relay:
        """What carries the letters of Anna's server."""
        carrier = self.world.servers["mail-alpha"].queue._carrier
        assert isinstance(carrier, Relay)
        return carrier

    def said_by(self, host: str) -> bytes:
        """All that a host said over TCP, in clear."""
        said = [
            record[VALUES] for record in self.world.records if record[KIND].name == "tcp.data" and record[AT] == host
        ]
        return b"".join(octets for octets in said if isinstance(octets, bytes))


def _sending(program: MailProgram, to: str, subject: str) -> Any:
    local, _, domain = to.rpartition("@")
    text = "Good day.\n.\n..dots\nFrom here\n"
    return program.send(Letter(to=(Address(local, domain),), subject=subject, text=text))


def _devices(world: MailWorld) -> None:
    """Boris has a computer that reads by IMAP and a phone that reads by POP3 and leaves the letters."""
    host = world.host("phone-boris", "203.0.113.11")
    world.programs["phone-boris"] = MailProgram(
        host,
        person=BORIS,
        password=PASSWORDS[BORIS.spec],
        sends_via=Access("submissions", "mx.beta.example", 465),
        reads_via=Access("pop3s", "mx.beta.example", 995),
        leave_on_server=True,
    )


@contextmanager
def outside(*, stranger: bool = False) -> Iterator[Outside]:
    """Start everything; a `stranger`'s certificate is signed by nobody whom the world trusts."""
    world = MailWorld(beta_serves=False)
    world.host("mx-beta", BETA, "mx.beta.example")
    mda = world.host("mda-beta", "203.0.113.27", "mda.beta.example")
    _devices(world)
    gateway = Gateway(world)
    transport = {"alpha.example": gateway.into("mx-beta", ALPHA, 25)}
    issuer = world.internet.authority
    if stranger:
        issuer = Authority(99, world.setup.seed, 4_000_000_000_000_000, name="Nobody's CA")
    year = 365 * 86_400 * 1_000_000
    identity = issuer.issue(
        ("mx.beta.example",), not_before=world.internet.epoch - year, not_after=world.internet.epoch + year
    )
    with tempfile.TemporaryDirectory(prefix="mailflow-clients-") as folder:
        place = Path(folder)
        with serving(place, identity, "beta.example", PASSWORDS, transport) as servers:
            ports = servers.ports
            doors = {25: "smtp", 587: "submission", 465: "submissions", 993: "imaps", 995: "pop3s"}
            gateway.out("mx-beta", {inside: ports[name] for inside, name in doors.items()})
            gateway.out("mda-beta", {24: ports["lmtp"]})
            try:
                yield Outside(world, gateway, servers, mda)
            finally:
                gateway.close()
