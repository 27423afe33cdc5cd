"""From a checked scenario to a running world: hosts with their programs, the timeline, the faults, the run.

Whatever starts something is recorded first with its line of the scenario, so that every chain of causes can end there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from simulator.engine.base_kinds import FAULT, WORLD
from simulator.engine.environment import Environment
from simulator.engine.jsonlines import canonical_hash, header
from simulator.engine.kinds import Record
from simulator.engine.topology import Link
from simulator.engine.transport import Network
from simulator.nodes.attacker import strip_starttls
from simulator.nodes.host import Host
from simulator.nodes.internet import Internet
from simulator.nodes.mail_program import MailProgram
from simulator.nodes.mail_server import MailServer
from simulator.nodes.reality import Reality
from simulator.scenario import model, timeline
from simulator.scenario.installing import install

__all__ = ["Run", "World", "build", "run"]


@dataclass(slots=True)
class World:
    """Everything of one running world, by the ids of the scenario."""

    scenario: model.Scenario
    internet: Internet
    hosts: dict[str, Host] = field(default_factory=dict)
    servers: dict[str, MailServer] = field(default_factory=dict)
    programs: dict[str, MailProgram] = field(default_factory=dict)
    zones: dict[str, Record] = field(default_factory=dict)

    @property
    def env(self) -> Environment:
        """The clock."""
        return self.internet.env

    @property
    def network(self) -> Network:
        """What joins the hosts."""
        return self.internet.network


@dataclass(frozen=True, slots=True)
class Run:
    """A world that ran to its end; `waiting` names what still waits and will wait for ever."""

    scenario: model.Scenario
    world: World
    waiting: tuple[str, ...]

    @property
    def records(self) -> Sequence[Record]:
        """The trace."""
        return self.world.env.trace.records

    @property
    def env(self) -> Environment:
        """The clock, at the end."""
        return self.world.env

    @property
    def network(self) -> Network:
        """What joined the hosts."""
        return self.world.network

    @property
    def hosts(self) -> Mapping[str, Host]:
        """The hosts by id."""
        return self.world.hosts

    @property
    def header(self) -> str:
        """The first line of the trace as JSON lines."""
        return trace_header(self.scenario)

    def hash(self) -> str:
        """The SHA-256 of the canonical trace."""
        return canonical_hash(self.header, self.records)


def trace_header(scenario: model.Scenario) -> str:
    """Return the first line of a scenario's trace as JSON lines."""
    return header(scenario.id, scenario.seed, dict(scenario.params))


def build(
    scenario: model.Scenario,
    *,
    sink: Callable[[Record], None] | None = None,
    keep: bool = True,
    reality: Reality | None = None,
) -> World:
    """Set a world up, with timeline and faults in the clock but nothing run yet; a live one has a `reality`."""
    world = World(scenario, _internet(scenario, keep=keep, reality=reality))
    env = world.env
    env.trace.sink = sink
    for host in scenario.hosts:
        _add_host(world, host)
    for link in scenario.links:
        _add_link(world, link)
    for zone in scenario.zones:
        world.zones[zone.name] = _record(world, "zone", zone.name, f"served by {', '.join(zone.servers)}", zone.origin)
    for person in scenario.people:
        _record(world, "person", person.address, person.name, person.origin)
    for host in scenario.hosts:
        install(world, host)
    env.cause = None
    for fault in scenario.faults:
        _schedule_fault(world, fault)
    for action in scenario.timeline:
        env.call_later(action.at_us, lambda one: timeline.act(world, one), action)
    return world


def _internet(scenario: model.Scenario, *, keep: bool, reality: Reality | None) -> Internet:
    if reality is None:
        env = Environment(seed=scenario.seed, keep=keep)
        return Internet(env, Network(env), scenario.start_us, scenario.offset_minutes)
    env = Environment(seed=reality.seed, keep=keep, chance=reality.chance)
    network = Network(env)
    return Internet(
        env, network, scenario.start_us, scenario.offset_minutes, reality.keeper, _authority=reality.authority
    )


def run(scenario: model.Scenario, *, sink: Callable[[Record], None] | None = None, keep: bool = True) -> Run:
    """Build a world and run it until nothing is left to happen."""
    world = build(scenario, sink=sink, keep=keep)
    world.env.advance()
    return Run(scenario, world, tuple(world.env.waiting()))


def _record(world: World, what: str, name: str, detail: str, origin: str) -> Record:
    return world.env.trace.write(WORLD, (what, name, detail), cause=None, origin=origin)


def _add_host(world: World, host: model.Host) -> None:
    internet = world.internet
    internet.network.add_host(host.id, host.addresses)
    resolver = None if host.resolver is None else world.scenario.host(host.resolver).address
    hostname = host.name or f"[{host.address}]"
    made = Host(internet, host.id, addresses=host.addresses, hostname=hostname, resolver=resolver)
    made.record = _record(world, "host", host.id, f"{host.kind} {', '.join(host.addresses)}", host.origin)
    world.hosts[host.id] = made


def _add_link(world: World, link: model.Link) -> None:
    world.network.topology.add_link(Link((link.a, link.b), link.latency_us, link.bandwidth_bps))
    _record(world, "link", f"{link.a} - {link.b}", f"{link.latency_us // 1000} ms", link.origin)


def _schedule_fault(world: World, fault: model.Fault) -> None:
    env = world.env
    target = fault.host if fault.peer is None else f"{fault.host} - {fault.peer}"
    begun: list[Record] = []

    def tell(state: str) -> Record:
        return env.trace.write(FAULT, (fault.what, target, state), at=fault.host, cause=None, origin=fault.origin)

    def begin(_: object) -> None:
        begun.append(tell("begins"))
        _begin(world, fault, begun[0])

    def end(_: object) -> None:
        tell("ends")
        if fault.what == "starttls-strip":
            world.network.wiretaps.stop(begun[0])
        else:
            world.hosts[fault.host].recover()

    env.call_later(fault.at_us, begin)
    if fault.until_us is not None:
        env.call_later(fault.until_us, end)


def _begin(world: World, fault: model.Fault, record: Record) -> None:
    if fault.what == "starttls-strip":
        world.network.wiretaps.change((fault.host, fault.peer), strip_starttls, record)
    elif fault.what == "connection-cut":
        world.network.cut(fault.host, fault.peer, record)
    else:
        world.hosts[fault.host].fail(record)
