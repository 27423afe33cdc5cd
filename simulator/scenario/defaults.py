"""Makes the hosts, links and accounts that an author left out, from the people and their domains.

Ten lines give a running world, and an author overrides just what the lesson is about: a host that is written under
the name that a made one would have keeps what is written and gets the rest. The same file always gives the same
world. Zones that are left out come from `zonemaking`, root and top-level servers from `delegation`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from simulator.scenario.addressing import Addresses
from simulator.scenario.draft import PORTS, Draft, HostDraft, domain_of
from simulator.scenario.model import Account, Action, Link, Person
from simulator.scenario.values import READS, SENDS
from simulator.scenario.zones import Zones

_SERVICES: Final = ("smtp", "submission", "imaps")
_ACCESS_LATENCY_US: Final = 5_000
_SAFE: Final = ("submission+starttls", "submissions")
_RESOLVER: Final = "resolver"
_NAME_SERVER: Final = "ns"


def complete_hosts(draft: Draft, zones: Zones) -> None:
    """Fill every hole in hosts and links; the zones that were written are asked first."""
    for domain in draft.domains():
        _mail_servers(draft, zones, domain)
    for person in draft.people:
        _client(draft, person)
    _infrastructure(draft, zones)
    _names(draft)
    _addresses(draft, zones)
    for host in draft.hosts:
        _settings(draft, host)
    if not draft.links_written:
        _links(draft)


def label_of(domain: str) -> str:
    """The first label of a domain, which names its hosts."""
    return domain.partition(".")[0].replace("_", "-").strip("-")


def _mail_servers(draft: Draft, zones: Zones, domain: str) -> None:
    """A mail server for each exchanger that a written zone names, or one called mail."""
    if any(domain in (host.domains or ()) for host in draft.of_kind("mail-server")):
        return
    origin = next(person.origin for person in draft.people if domain_of(person.address) == domain)
    targets = [name for name in zones.targets(domain, "MX") if zones.addresses(name)] or [f"mail.{domain}"]
    for target in targets:
        wanted = f"{label_of(target)}-{label_of(domain)}"
        host = draft.host(wanted)
        if host is not None and host.kind == "mail-server" and host.domains is None:
            host.domains, host.name = (domain,), host.name or target
            continue
        made = HostDraft(
            id=_free(draft, wanted, domain), kind="mail-server", origin=origin, domains=(domain,), name=target
        )
        draft.hosts.append(made)


def _client(draft: Draft, person: Person) -> None:
    if any(host.user == person.address for host in draft.of_kind("client")):
        return
    wanted = f"pc-{_word(person.address.partition('@')[0])}"
    host = draft.host(wanted)
    if host is not None and host.kind == "client" and host.user is None:
        host.user = person.address
        return
    made = _free(draft, wanted, domain_of(person.address))
    draft.hosts.append(HostDraft(id=made, kind="client", origin=person.origin, user=person.address))


def _word(local: str) -> str:
    """A local part as part of a host's id."""
    kept = "".join(character if character.isascii() and character.isalnum() else "-" for character in local.lower())
    return "-".join(part for part in kept.split("-") if part) or "somebody"


def _free(draft: Draft, wanted: str, domain: str) -> str:
    """An id that no host has: the wanted one, else with the domain's other labels, else with a number."""
    names = [wanted, f"{wanted}-{domain.partition('.')[2].replace('.', '-')}"]
    names += [f"{wanted}-{number}" for number in range(2, 1000)]
    return next(name for name in names if draft.host(name) is None)


def _infrastructure(draft: Draft, zones: Zones) -> None:
    if not draft.of_kind("resolver"):
        draft.hosts.append(HostDraft(id=_free(draft, _RESOLVER, ""), kind="resolver", origin=draft.top))
    if any(not host.implied for host in draft.of_kind("name-server")):
        return
    server = HostDraft(id=_free(draft, _NAME_SERVER, ""), kind="name-server", origin=draft.top)
    servers = [name for zone in draft.zones for name in zones.targets(zone.name, "NS")]
    taken = {host.name for host in draft.hosts}
    server.name = next((name for name in servers if zones.addresses(name) and name not in taken), None)
    draft.hosts.append(server)


def _names(draft: Draft) -> None:
    for host in draft.of_kind("mail-server"):
        host.domains = host.domains or ()
        if host.name is None and host.domains:
            domain = host.domains[0]
            host.name = f"{host.id.removesuffix('-' + label_of(domain))}.{domain}"


def _addresses(draft: Draft, zones: Zones) -> None:
    """Addresses from the zones where they name the host, else the next free one of the domain's network."""
    pool = Addresses(zones.used())
    pool.use(address for host in draft.hosts for address in host.addresses)
    taken = {address for host in draft.hosts for address in host.addresses}
    domains = draft.domains()
    for host in draft.hosts:
        if host.addresses:
            continue
        known = [address for address in (zones.addresses(host.name) if host.name else []) if address not in taken]
        host.addresses = tuple(known) or (pool.take(*_wish(host, domains)),)
        taken.update(host.addresses)


def _wish(host: HostDraft, domains: list[str]) -> tuple[int, int]:
    """Network and last octet that a host would like to have."""
    if host.kind == "resolver":
        return 1, 53
    if host.kind == "name-server":
        return 0, 53
    own = host.domains[0] if host.domains else domain_of(host.user) if host.user else ""
    network = domains.index(own) if own in domains else 0
    return network, {"mail-server": 25, "filter": 83}.get(host.kind, 101)


def _settings(draft: Draft, host: HostDraft) -> None:
    if host.kind not in ("resolver", "name-server", "tap") and host.resolver is None:
        host.resolver = draft.of_kind("resolver")[0].id
    if host.kind == "mail-server":
        host.services = _SERVICES if host.services is None else host.services
        filters = draft.of_kind("filter")
        host.filter_host = filters[0].id if host.filters and filters else None
    elif host.kind == "filter" and host.filters is None:
        host.filters = ("spam",)
    elif host.kind == "client" and host.user is not None:
        server = _server_of(draft, domain_of(host.user))
        host.sends_via = host.sends_via or _account(server, {key: SENDS[key][0] for key in _SAFE})
        host.reads_via = host.reads_via or _account(server, {key: READS[key][0] for key in READS})


def _server_of(draft: Draft, domain: str) -> HostDraft | None:
    """The first server of a domain."""
    return next((host for host in draft.of_kind("mail-server") if domain in (host.domains or ())), None)


def _account(server: HostDraft | None, schemes: dict[str, str]) -> Account | None:
    """The account setting for the first of the schemes that a server offers."""
    if server is None or server.name is None:
        return None
    offered = _SERVICES if server.services is None else server.services
    for word in schemes.values():
        if word in offered:
            service = PORTS[word]
            return Account(protocol=word, tls=service.tls, host=server.name, port=service.port)
    return None


def _links(draft: Draft) -> None:
    """A short line from each client to its server; everything else keeps the common latency."""
    by_name = {host.name: host.id for host in draft.of_kind("mail-server") if host.name}
    for host in draft.of_kind("client"):
        accounts = [account for account in (host.sends_via, host.reads_via) if account is not None]
        for server in dict.fromkeys(by_name[account.host] for account in accounts if account.host in by_name):
            draft.links.append(Link(a=host.id, b=server, latency_us=_ACCESS_LATENCY_US, origin=host.origin))


def share_zones(draft: Draft) -> None:
    """Give each name server without `serves` all zones that no other serves; made zones find a server in any case."""
    claimed = {zone for host in draft.of_kind("name-server") for zone in host.serves or ()}
    rest = tuple(zone.name for zone in draft.zones if zone.name not in claimed)
    servers = draft.of_kind("name-server")
    for host in servers:
        if host.serves is None:
            host.serves, claimed = rest, claimed | set(rest)
    made = tuple(zone.name for zone in draft.zones if zone.made and zone.name not in claimed)
    if made:
        first = next(host for host in servers if not host.implied)
        first.serves = (*(first.serves or ()), *made)


def with_hosts(draft: Draft, actions: list[Action]) -> list[Action]:
    """Actions with the host they happen on: the one that is written, else the person's first device."""
    first: dict[str, str] = {}
    for host in draft.of_kind("client"):
        if host.user is not None:
            first.setdefault(host.user, host.id)
    return [
        replace(action, host=first.get(action.who)) if action.who and not action.host else action for action in actions
    ]
