"""The world of the first letter without TLS, as often as one likes: what the budget's deliveries are measured in.

All its nodes are the shipped ones; only the doors differ (submission, POP3 and IMAP on plain ports), because OpenSSL's
time is not ours to save.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from simulator.engine.kinds import Record
from simulator.engine.stream import Stream
from simulator.engine.task import Story
from simulator.mailstore.store import MailStore
from simulator.message.address import Address
from simulator.nodes.connecting import Access, open_stream
from simulator.nodes.device_mailbox import INBOX
from simulator.nodes.host import Host
from simulator.nodes.imap_access import ImapSession
from simulator.nodes.imap_reader import ImapReader, _ImapTalk, _number
from simulator.nodes.mail_program import SENT, Letter, MailProgram
from simulator.nodes.mta import Mta
from simulator.nodes.pop3_access import Pop3Session
from simulator.nodes.pop3_reader import Pop3Reader
from simulator.nodes.smtp_session import SmtpSession
from simulator.nodes.smtp_talk import SmtpTalk
from simulator.protocol.smtp import SUBMISSION
from simulator.protocol.smtp.server import SmtpServer
from simulator.scenario.loading import load
from simulator.scenario.model import Scenario, Service
from simulator.scenario.world import World, build

__all__ = ["ImapPlain", "PlainWorld", "plain_world"]

_SUBMISSION, _POP3, _IMAP = 587, 110, 143
_PACE = 200_000  # µs between two letters: 432 000 a day
_WAY = 3_000_000  # µs until a letter is fetched; it needs less than that
_TTL = "$TTL 604800"  # a week: after the first letter every answer comes from a cache
_TEXT = "Hello Boris,\nlunch today at 12:30?\n" + "Anna thinks that the usual place is full. " * 12 + "\n"


@cache
def _scenario() -> Scenario:
    first = load("first-letter")
    smtp = (Service(name="smtp", port=25, tls="none"),)
    hosts = tuple(replace(host, services=smtp) if host.services else host for host in first.hosts)
    zones = tuple(replace(zone, text=zone.text.replace("$TTL 300", _TTL)) for zone in first.zones)
    return replace(first, hosts=hosts, zones=zones, timeline=(), faults=())


def _submission(host: Host, mta: Mta) -> None:
    def accept(stream: Stream) -> None:
        core = SmtpServer(hostname=host.hostname, face=SUBMISSION, auth_mechanisms=("PLAIN",), auth_in_clear=True)
        SmtpSession(host, stream, core, mta)

    host.network.listen(host.name, _SUBMISSION, accept)


def _doors(host: Host, store: MailStore) -> None:
    network = host.network
    network.listen(host.name, _POP3, lambda stream: Pop3Session(host, store, stream) and None)
    network.listen(host.name, _IMAP, lambda stream: ImapSession(host, store, stream) and None)


class PlainProgram(MailProgram):
    """A mail program that dares to log in without TLS."""

    def _introduce(self, talk: SmtpTalk, access: Access) -> Generator[Any, Any, None]:
        talk.core.auth_in_clear = True
        yield from talk.greeting()
        yield from talk.hello()


class Pop3Plain(Pop3Reader):
    """POP3 on port 110."""

    def _connect(self) -> Generator[Any, Any, Stream]:
        return (yield from open_stream(self.host, self.access))


class ImapPlain(ImapReader):
    """IMAP on port 143; what was fetched is deleted in a second session, so that the mailbox does not grow."""

    def fetch(self, mailbox: str = INBOX, *, idle_us: int = 0) -> Story:
        yield from super().fetch(mailbox, idle_us=idle_us)
        for key in self.box.keys(INBOX):
            yield from self.delete(key)

    def _open(self, mailbox: str = INBOX) -> Generator[Any, Any, _ImapTalk]:
        stream = yield from open_stream(self.host, self.access)
        talk = _ImapTalk(self.host, stream)
        yield from talk.greeting()
        talk.core.login(self.box.account, self.password)
        yield from talk.done()
        talk.core.select(mailbox)
        selected = yield from talk.done()
        self.box.begin(mailbox, _number(selected.code("UIDVALIDITY")))
        return talk


@dataclass(slots=True)
class PlainWorld:
    """A running world with Anna, who writes, and Boris, who fetches what came and clears it away."""

    world: World
    anna: PlainProgram
    boris: PlainProgram
    sent: int = 0

    def deliver(self, count: int) -> None:
        """Let `count` letters go all the way from Send to Boris's device, five a second, as on a busy server."""
        env = self.world.env
        if count:
            env.call_later(0, self._send, count - 1, cause=self.anna.host.record)
        env.advance()

    def _send(self, more: int) -> None:
        """Send one letter, of which no two are alike, let it be fetched in time, and be followed by `more`."""
        env = self.world.env
        self.sent += 1
        env.call_later(_WAY, self._fetch, cause=self.boris.host.record)
        if more:
            env.call_later(_PACE, self._send, more - 1)
        to = (Address("boris", "beta.example", "Boris Petrov"),)
        letter = Letter(to=to, subject=f"Lunch {self.sent}?", text=f"{_TEXT}This is letter {self.sent}.\n")
        self.anna.host.spawn(self.anna.send(letter), name="send")

    def _fetch(self, _: object) -> None:
        self.boris.host.spawn(self.boris.fetch(), self._clear, name="fetch")

    def _clear(self, _: object) -> None:
        """Throw away what was sent and read, so that no mailbox grows."""
        for box, mailbox in ((self.anna.box, SENT), (self.boris.box, INBOX)):
            for key in box.keys(mailbox):
                box.remove(mailbox, key)

    def arrived(self) -> int:
        """How many letters Boris's server has put into his mailbox so far."""
        view = self.world.servers["mx-beta"].store.mailbox("boris@beta.example")
        return view.uid_next - 1


def plain_world(
    *, keep: bool = False, sink: Callable[[Record], None] | None = None, reads_by: str = "pop3"
) -> PlainWorld:
    """Build the world; Boris reads by `pop3`, after which nothing stays on the server, or by `imap`."""
    world = build(_scenario(), sink=sink, keep=keep)
    alpha, beta = world.servers["mail-alpha"], world.servers["mx-beta"]
    _submission(alpha.host, alpha.mta)
    _doors(beta.host, beta.store)
    anna = _program(world, "pc-anna", Access("submission", "mail.alpha.example", _SUBMISSION))
    boris = _program(world, "pc-boris", None)
    port, kind = (_POP3, Pop3Plain) if reads_by == "pop3" else (_IMAP, ImapPlain)
    boris.reader = kind(boris.host, Access(reads_by, "mx.beta.example", port), boris.box, boris.password)
    return PlainWorld(world, anna, boris)


def _program(world: World, host: str, sends_via: Access | None) -> PlainProgram:
    made = world.programs[host]
    return PlainProgram(made.host, person=made.person, password=made.password, sends_via=sends_via, reads_via=None)
