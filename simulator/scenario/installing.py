"""Which programs run on which kind of host, with the settings that the scenario gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.engine.base_kinds import WORLD
from simulator.mailstore.quota import Quota
from simulator.message.address import Address
from simulator.nodes.connecting import Access
from simulator.nodes.mail_program import MailProgram
from simulator.nodes.mail_server import Mailbox, MailServer, serve_mail
from simulator.nodes.name_server import NameServer
from simulator.nodes.resolver import Resolver
from simulator.nodes.spam_filter import SpamFilter
from simulator.nodes.transaction import Manner
from simulator.protocol.dns.zone import Zone, parse_zone
from simulator.records.kinds_smtp import CLEAR_LOGINS
from simulator.scenario import model

if TYPE_CHECKING:
    from simulator.scenario.world import World

__all__ = ["install"]

_LOOPBACK = "127.0.0.1"


def install(world: World, host: model.Host) -> None:
    """Put the programs of its kind on a host."""
    node = world.hosts[host.id]
    world.env.cause = node.record
    if host.kind == "client":
        _install_client(world, host)
    elif host.kind == "mail-server":
        _install_mail_server(world, host)
    elif host.kind == "resolver":
        roots = tuple((root.name or root.id, root.address) for root in world.scenario.root_servers)
        node.add(Resolver(node, roots))
    elif host.kind == "name-server":
        zones = tuple(_zone(zone) for zone in world.scenario.zones if host.id in zone.servers)
        node.add(NameServer(node, zones, {zone.name: world.zones[zone.name] for zone in world.scenario.zones}))
    elif host.kind == "tap":
        world.network.wiretaps.listen(host.id, host.taps)
    elif host.kind == "filter":
        node.add(SpamFilter(node))


def _zone(zone: model.ZoneText) -> Zone:
    return parse_zone(zone.text, zone.name)


def _install_client(world: World, host: model.Host) -> None:
    person = next((one for one in world.scenario.people if one.address == host.user), None)
    if person is None:
        return
    world.programs[host.id] = MailProgram(
        world.hosts[host.id],
        person=address(person.address, person.name),
        password=person.password,
        sends_via=_access(host.sends_via),
        reads_via=_access(host.reads_via),
        leave_on_server=host.leave_on_server,
        headers_only=host.downloads == "headers",
        sent_on_server=host.keeps_sent == "server",
    )


def address(spec: str, name: str = "") -> Address:
    """Return a header address of a checked `local@domain`."""
    local, _, domain = spec.rpartition("@")
    return Address(local, domain, name)


def _access(account: model.Account | None) -> Access | None:
    return None if account is None else Access(account.protocol, account.host, account.port, account.tls)


def _install_mail_server(world: World, host: model.Host) -> None:
    people = [one for one in world.scenario.people if one.address.rpartition("@")[2].lower() in host.domains]
    mailboxes = tuple(Mailbox(one.address, one.password, one.aliases) for one in people)
    spam_filter = None
    if "spam" in host.filters:
        spam_filter = _LOOPBACK if host.filter_host is None else world.scenario.host(host.filter_host).address
    server = world.servers[host.id] = serve_mail(
        world.hosts[host.id],
        domains=host.domains,
        services={service.name: service.port for service in host.services},
        mailboxes=mailboxes,
        spam_filter=spam_filter,
        auth=host.auth,
        certificate=host.certificate,
        login_in_clear=host.login_in_clear,
        tls=host.tls,
        manner=Manner(converts=host.converts, chunking=host.chunking),
    )
    _set_policy(world, host, server)
    for person in people:
        if person.quota is not None:
            server.store.set_quota(person.address, Quota(octets=person.quota))


def _set_policy(world: World, host: model.Host, server: MailServer) -> None:
    """Let a server decide as its host says."""
    mta = server.mta
    mta.open_relay, mta.auth_in_clear = host.relay == "open", host.login_in_clear
    if host.login_in_clear:
        world.env.trace.write(WORLD, ("policy", host.id, CLEAR_LOGINS), origin=host.origin, leaf=True)
    mta.offers = mta.offers if host.offers is None else host.offers
    mta.asks_quota = host.quota_check == "rcpt"
    if host.when_full is not None:
        mta.full_for_good = server.agent.full_for_good = host.when_full == "refuse"
