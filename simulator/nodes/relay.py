"""The way out of a queue: to the host's own delivery agent by LMTP, or to a domain's exchangers by SMTP.

Exchangers are tried in order of preference, equal ones shuffled by the seed (RFC 5321, 5.1); a 4xx or a dead host means
the next one, and when none is left the letter waits; a 5xx to MAIL, RCPT, DATA or the letter is final.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from simulator.engine.stream import Stream
from simulator.engine.task import Story
from simulator.engine.transport import ConnectFailed
from simulator.errors import LocalProtocolError
from simulator.nodes.host import Host
from simulator.nodes.lookups import addresses_of
from simulator.nodes.queue import Entry, Outcome, Queued
from simulator.nodes.smtp_talk import SmtpTalk
from simulator.nodes.stub import lookup
from simulator.nodes.talk import TalkFailed
from simulator.protocol.dns.stub import LookupResult
from simulator.protocol.smtp import LMTP, RELAY, ClientCommand, Face, Reply, commands
from simulator.records.kinds_queue import ROUTE

__all__ = ["Relay"]

_LOOPBACK = "127.0.0.1"

Outcomes = list[Outcome]


@dataclass(frozen=True, slots=True)
class _Route:
    """Where to go for a domain, or why there is no way."""

    via: str
    exchangers: tuple[str, ...] = ()
    failure: Outcome | None = None


class Relay:
    """Carries letters for one host."""

    def __init__(self, host: Host, domains: tuple[str, ...]) -> None:
        self.host = host
        self.domains = domains

    def carry(self, entry: Entry, domain: str, recipients: list[Queued]) -> Story:
        """Try once to pass a letter on, for all its recipients in `domain`; return an outcome for each."""
        if domain in self.domains or not domain:
            return (yield from self._deliver(entry, domain, recipients))
        for recipient in recipients:
            self.host.internet.begin_stage("routing", recipient.address, at=self.host.name, protocol="DNS")
        route = yield from self._route(domain)
        self.host.trace.write(ROUTE, (domain, route.via, route.exchangers, entry.queue_id), at=self.host.name)
        if route.failure is not None:
            return [route.failure] * len(recipients)
        for recipient in recipients:
            self.host.internet.begin_stage("transfer", recipient.address, at=self.host.name, protocol="SMTP")
        return (yield from self._transfer(entry, route.exchangers, recipients))

    # Local delivery

    def _deliver(self, entry: Entry, domain: str, recipients: list[Queued]) -> Story:
        host = self.host
        host.trace.write(ROUTE, (domain, "local", (host.name,), entry.queue_id), at=host.name)
        for recipient in recipients:
            host.internet.begin_stage("delivery", recipient.address, at=host.name, protocol="LMTP")
        try:
            stream = yield host.network.connect(host.name, _LOOPBACK, LMTP.port)
            return (yield from self._hand_over(stream, LMTP, entry, recipients))
        except (ConnectFailed, TalkFailed, _TryNext) as error:
            return [Outcome("deferred", str(error), _LOOPBACK)] * len(recipients)

    # Routing

    def _route(self, domain: str) -> Generator[Any, Any, _Route]:
        """Ask DNS for the exchangers (RFC 5321, 5.1); without any, the domain itself is one."""
        result: LookupResult = yield lookup(self.host, domain, "MX")
        if result.null_mx:
            text = f"Domain {domain} does not accept mail (nullMX)"
            return _Route("mx", failure=Outcome("failed", text))
        if result.found:
            return self._ordered(domain, result.exchangers)
        if result.status == "nodata":
            return _Route("address", (domain,))
        text = f"Host or domain name not found. Name service error for name={domain} type=MX: "
        if result.status == "nxdomain":
            return _Route("mx", failure=Outcome("failed", text + "Host not found"))
        return _Route("mx", failure=Outcome("deferred", text + "Host not found, try again"))

    def _ordered(self, domain: str, exchangers: tuple[tuple[int, str], ...]) -> _Route:
        """Sort by preference, shuffle equals, and drop this host and all that are not better (RFC 5321, 5.1)."""
        order: list[str] = []
        chance = self.host.env.random(f"exchangers/{self.host.name}")
        for _, group in groupby(exchangers, key=lambda pair: pair[0]):
            names = [name for _, name in group]
            if self.host.hostname.lower() in names:
                break
            while names:
                order.append(names.pop(chance.randrange(len(names))))
        if not order:
            return _Route("mx", failure=Outcome("failed", f"mail for {domain} loops back to myself"))
        return _Route("mx", tuple(order))

    # Transfer

    def _transfer(self, entry: Entry, exchangers: tuple[str, ...], recipients: list[Queued]) -> Story:
        """Try the exchangers in order; whom one defers, the next may take (RFC 5321, 5.1)."""
        outcomes: dict[str, Outcome] = {}
        nowhere = Outcome("failed", "no exchanger could be tried")
        for name in exchangers:
            left = _undecided(recipients, outcomes)
            if not left:
                break
            result = yield from addresses_of(self.host, name)
            if not result.addresses and nowhere.status == "failed":
                nowhere = _no_address(name, result)
            for address in result.addresses:
                left = _undecided(recipients, outcomes)
                if left:
                    found = yield from self._try_address(entry, left, name, address)
                    outcomes.update(zip((one.address for one in left), found, strict=True))
        return [outcomes.get(one.address, nowhere) for one in recipients]

    def _try_address(
        self, entry: Entry, recipients: list[Queued], name: str, address: str
    ) -> Generator[Any, Any, Outcomes]:
        relay = f"{name}[{address}]:25"
        try:
            stream = yield self.host.network.connect(self.host.name, address, RELAY.port)
            return (yield from self._hand_over(stream, RELAY, entry, recipients, name=relay))
        except (ConnectFailed, TalkFailed, _TryNext) as error:
            self.host.log("smtp", f"{entry.queue_id}: {error}")
            return [Outcome("deferred", str(error), relay)] * len(recipients)

    def _hand_over(
        self, stream: Stream, face: Face, entry: Entry, recipients: list[Queued], *, name: str = _LOOPBACK
    ) -> Generator[Any, Any, Outcomes]:
        """Speak one mail transaction; raises _TryNext if the host as a whole says "not now"."""
        talk = SmtpTalk(self.host, stream, face)
        greeting = yield from talk.greeting()
        hello = greeting if not greeting.positive else (yield from talk.hello())
        if not hello.positive:
            yield from talk.quit()
            raise _TryNext(f"host {name} said: {hello}")
        try:
            outcomes = yield from _transaction(talk, entry, recipients, name)
        except LocalProtocolError as error:
            outcomes = [Outcome("failed", str(error), name)] * len(recipients)
        self._quit_later(talk)
        return outcomes

    def _quit_later(self, talk: SmtpTalk) -> None:
        """Say goodbye without making the letter wait for it."""
        self.host.spawn(talk.quit(), name="QUIT")


class _TryNext(Exception):
    """This exchanger is of no use now."""


def _undecided(recipients: list[Queued], outcomes: dict[str, Outcome]) -> list[Queued]:
    """Return whom nobody took or refused for good yet."""
    found = ((one, outcomes.get(one.address)) for one in recipients)
    return [one for one, outcome in found if outcome is None or outcome.status == "deferred"]


def _no_address(name: str, result: LookupResult) -> Outcome:
    status = "deferred" if result.temporary else "failed"
    return Outcome(status, f"Host or domain name not found. Name service error for name={name} type=A: Host not found")


def _transaction(talk: SmtpTalk, entry: Entry, recipients: list[Queued], name: str) -> Generator[Any, Any, Outcomes]:
    """MAIL, RCPT and DATA, pipelined where the server allows it; one refused recipient does not spoil the others."""
    size = len(entry.content) if "SIZE" in talk.core.extensions else None
    body = "" if entry.content.isascii() or "8BITMIME" not in talk.core.extensions else "8BITMIME"
    group: list[ClientCommand] = [commands.mail(entry.sender, size=size, body=body)]
    group += [commands.rcpt(recipient.address) for recipient in recipients]
    sender_reply, *replies = yield from talk.say_together(tuple(group))
    if not sender_reply.positive:
        return [_outcome(sender_reply, "MAIL FROM", name)] * len(recipients)
    accepted = [reply.positive for reply in replies]
    outcomes = [_outcome(reply, "RCPT TO", name) for reply in replies]
    if not any(accepted):
        return outcomes
    data = yield from talk.say(commands.data())
    if data.positive:
        finals = iter((yield from talk.say_content(entry.content, sum(accepted) if talk.core.face.reply_each else 1)))
    else:
        finals = iter((data,) * len(recipients))
    last: Reply | None = None
    for position, good in enumerate(accepted):
        if good:
            last = next(finals, last)
            outcomes[position] = _outcome(last or data, "end of DATA" if data.positive else "DATA", name)
    return outcomes


def _outcome(reply: Reply, command: str, name: str) -> Outcome:
    if reply.positive:
        return Outcome("sent", str(reply), name)
    status = "deferred" if reply.transient else "failed"
    return Outcome(status, f"host {name} said: {reply} (in reply to {command} command)", name)
