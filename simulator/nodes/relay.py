"""The way out of a queue: to the host's own delivery agent by LMTP, or to a domain's exchangers by SMTP.

Exchangers are tried in order of preference, equal ones shuffled by the seed (RFC 5321, 5.1); a 4xx or a dead host means
the next one, and when none is left the letter waits; a 5xx to MAIL, RCPT, DATA or the letter is final. TLS is used as
the host's policy says: off, opportunistic (RFC 7435: encrypt to whoever answers, else go on in clear) or required
(RFC 8461, 4: no letter without a certificate that holds).
"""

from __future__ import annotations

from collections.abc import Generator
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from simulator.engine.randomness import below
from simulator.engine.stream import Stream
from simulator.engine.task import Story
from simulator.engine.transport import ConnectFailed
from simulator.errors import LocalProtocolError, TlsError, UsageError
from simulator.nodes.host import Host
from simulator.nodes.lookups import addresses_of
from simulator.nodes.queue import Entry, Outcome, Queued
from simulator.nodes.smtp_talk import SmtpTalk
from simulator.nodes.stub import look_up
from simulator.nodes.talk import TalkFailed
from simulator.nodes.transaction import Manner, transact
from simulator.protocol.dns.stub import LookupResult
from simulator.protocol.smtp import LMTP, RELAY, Face, Reply
from simulator.records.kinds_queue import ROUTE

if TYPE_CHECKING:
    import ssl

__all__ = ["TLS_POLICIES", "Hop", "Relay"]

TLS_POLICIES = ("off", "opportunistic", "required")
_LOOPBACK = "127.0.0.1"

_USUAL_MANNER = Manner()

Outcomes = list[Outcome]


class _Route(NamedTuple):
    """Where to go for a domain, or why there is no way."""

    via: str
    exchangers: tuple[str, ...] = ()
    failure: Outcome | None = None


class Hop(NamedTuple):
    """A host to speak with: as the log names it, by its name in DNS, and the policy for TLS."""

    relay: str
    name: str
    tls: str


_DELIVERY_AGENT = Hop(_LOOPBACK, _LOOPBACK, "off")
_NOWHERE = Outcome("failed", "no exchanger could be tried")


class Relay:
    """Carries letters for one host; `tls` is one of TLS_POLICIES and holds between servers, not on the loopback."""

    def __init__(
        self, host: Host, domains: tuple[str, ...], *, tls: str = "off", manner: Manner = _USUAL_MANNER
    ) -> None:
        if tls not in TLS_POLICIES:
            raise UsageError(f"TLS policy {tls!r} is unknown; write one of {', '.join(TLS_POLICIES)}")
        self.host = host
        self.domains = domains
        self.tls = tls
        self._chance = host.env.random(f"exchangers/{host.name}")
        self.manner = manner

    def carry(self, entry: Entry, domain: str, recipients: list[Queued]) -> Story:
        """Try once to pass a letter on, for all its recipients in `domain`; return an outcome for each."""
        if domain in self.domains or not domain:
            return self._deliver(entry, domain, recipients)
        return self._pass_on(entry, domain, recipients)

    def _pass_on(self, entry: Entry, domain: str, recipients: list[Queued]) -> Story:
        """Look for the exchangers, and try them in order."""
        host = self.host
        self._begin_stage("routing", recipients, "DNS")
        route = self._route(domain, (yield from look_up(host, domain, "MX")))
        if host.trace.heard:
            host.trace.write_next(ROUTE, (domain, route.via, route.exchangers, entry.queue_id), host.name)
        if route.failure is not None:
            return [route.failure] * len(recipients)
        self._begin_stage("transfer", recipients, "SMTP")
        outcomes: dict[str, Outcome] = {}
        nowhere, left = _NOWHERE, recipients
        for name in route.exchangers:  # whom one defers, the next may take (RFC 5321, 5.1)
            result = yield from addresses_of(host, name)
            addresses = result.addresses
            if not addresses and nowhere.status == "failed":
                nowhere = _no_address(name, result)
            for address in addresses:
                found = yield from self._visit(entry, left, name, address)
                left = _note(outcomes, left, found)
                if not left:
                    return [outcomes[one.address] for one in recipients]
        return [outcomes.get(one.address, nowhere) for one in recipients]

    def _begin_stage(self, stage: str, recipients: list[Queued], protocol: str) -> None:
        host = self.host
        if not host.trace.heard:
            return
        for recipient in recipients:
            host.internet.begin_stage(stage, recipient.address, at=host.name, protocol=protocol)

    # Local delivery

    def _deliver(self, entry: Entry, domain: str, recipients: list[Queued]) -> Story:
        host = self.host
        if host.trace.heard:
            host.trace.write_next(ROUTE, (domain, "local", (host.name,), entry.queue_id), host.name)
        self._begin_stage("delivery", recipients, "LMTP")
        try:
            stream = yield host.network.connect(host.name, _LOOPBACK, LMTP.port)
            return (yield from self.hand_over(stream, LMTP, entry, recipients, hop=_DELIVERY_AGENT))
        except (ConnectFailed, TalkFailed, _TryNext) as error:
            return [Outcome("deferred", str(error), _LOOPBACK)] * len(recipients)

    # Routing

    def _route(self, domain: str, result: LookupResult) -> _Route:
        """Take the exchangers from what DNS said (RFC 5321, 5.1); without any, the domain itself is one."""
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
        for group in _by_preference(exchangers):
            if self.host.hostname.lower() in group:
                break
            names = list(group)
            while names:
                order.append(names.pop(below(self._chance, len(names))))
        if not order:
            return _Route("mx", failure=Outcome("failed", f"mail for {domain} loops back to myself"))
        return _Route("mx", tuple(order))

    # Transfer

    def _visit(self, entry: Entry, recipients: list[Queued], name: str, address: str) -> Generator[Any, Any, Outcomes]:
        host, relay = self.host, f"{name}[{address}]:25"
        try:
            try:
                stream = yield host.network.connect(host.name, address, RELAY.port)
                return (yield from self.hand_over(stream, RELAY, entry, recipients, hop=Hop(relay, name, self.tls)))
            except _NoTls as error:
                host.log("smtp", f"{entry.queue_id}: {error}; trying again in clear")
                stream = yield host.network.connect(host.name, address, RELAY.port)
                return (yield from self.hand_over(stream, RELAY, entry, recipients, hop=Hop(relay, name, "off")))
        except (ConnectFailed, TalkFailed, _TryNext) as error:
            host.log("smtp", f"{entry.queue_id}: {error}")
            return [Outcome("deferred", str(error), relay)] * len(recipients)

    def hand_over(
        self, stream: Stream, face: Face, entry: Entry, recipients: list[Queued], *, hop: Hop
    ) -> Generator[Any, Any, Outcomes]:
        """Speak with one host; raises _TryNext if it as a whole says "not now"."""
        talk, name = SmtpTalk(self.host, stream, face), hop.relay
        greeting = yield from talk.greeting()
        hello = greeting if not greeting.positive else (yield from talk.hello())
        if hello.positive and hop.tls != "off":
            hello = yield from self._secure(talk, hop, hello)
        if not hello.positive:
            yield from talk.quit()
            raise _TryNext(f"host {name} said: {hello}")
        try:
            outcomes = yield from transact(talk, entry, recipients, name, self.manner)
        except LocalProtocolError as error:
            outcomes = [Outcome("failed", str(error), name)] * len(recipients)
        talk.leave()
        return outcomes

    def _secure(self, talk: SmtpTalk, hop: Hop, hello: Reply) -> Generator[Any, Any, Reply]:
        """Start TLS as the policy says, and introduce ourselves again; gives the reply to that, or `hello` if in clear.

        Raises _NoTls when an opportunistic handshake broke the connection (the letter goes in clear over a new one),
        _TryNext when required TLS cannot be had.
        """
        required = hop.tls == "required"
        if "STARTTLS" not in talk.core.extensions:
            return (yield from self._in_clear(talk, hop, "was not offered", hello))
        try:
            reply = yield from talk.start_tls(hop.name, context=None if required else _anybody())
        except (TlsError, TalkFailed) as error:
            text = f"Cannot start TLS with {hop.relay}: {error}"
            raise (_TryNext(text) if required else _NoTls(text)) from error
        if not reply.positive:
            return (yield from self._in_clear(talk, hop, f"was refused ({reply})", hello))
        return (yield from talk.hello())

    def _in_clear(self, talk: SmtpTalk, hop: Hop, why: str, hello: Reply) -> Generator[Any, Any, Reply]:
        if hop.tls == "required":
            yield from talk.quit()
            raise _TryNext(f"TLS is required, but {why} by host {hop.relay}")
        return hello


class _TryNext(Exception):
    """This exchanger is of no use now."""


class _NoTls(Exception):
    """The handshake failed, and with it the connection."""


def _anybody() -> ssl.SSLContext:
    from simulator.keys.contexts import opportunistic_context

    return opportunistic_context()


@lru_cache(maxsize=1024)
def _by_preference(exchangers: tuple[tuple[int, str], ...]) -> tuple[tuple[str, ...], ...]:
    """Put exchangers that come in order of preference into groups of equal ones."""
    return tuple(tuple(name for _, name in group) for _, group in groupby(exchangers, key=lambda pair: pair[0]))


def _note(outcomes: dict[str, Outcome], tried: list[Queued], found: Outcomes) -> list[Queued]:
    """Put what came of each of `tried` into `outcomes`, and return whom the next exchanger may take."""
    left = []
    for one, outcome in zip(tried, found, strict=True):
        outcomes[one.address] = outcome
        if outcome.status == "deferred":
            left.append(one)
    return left


def _no_address(name: str, result: LookupResult) -> Outcome:
    status = "deferred" if result.temporary else "failed"
    return Outcome(status, f"Host or domain name not found. Name service error for name={name} type=A: Host not found")
