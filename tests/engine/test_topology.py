"""Routes: listed links win, routers carry, everything else is 20 ms away."""

from __future__ import annotations

import pytest

from simulator.engine.topology import DEFAULT_LATENCY, LOOPBACK_LATENCY, Link, Topology


def made(*hosts: str, routers: str = "") -> Topology:
    topology = Topology()
    for name in hosts:
        topology.add_host(name, forwards=name in routers)
    return topology


def latency(topology: Topology, a: str, b: str) -> int | None:
    route = topology.route(a, b)
    return None if route is None else sum(link.latency for link in route)


def test_hosts_without_a_link_are_an_ordinary_path_apart() -> None:
    topology = made("a", "b")
    assert latency(topology, "a", "b") == DEFAULT_LATENCY
    assert latency(topology, "a", "a") == LOOPBACK_LATENCY
    assert topology.route("a", "b") == topology.route("b", "a")


def test_a_listed_link_wins_over_every_other_way() -> None:
    topology = made("a", "b", "r", routers="r")
    topology.add_link(Link(("b", "a"), 500_000))
    topology.add_link(Link(("a", "r"), 1))
    topology.add_link(Link(("r", "b"), 1))
    assert latency(topology, "a", "b") == 500_000


def test_routers_carry_by_the_shortest_latency_and_hosts_do_not() -> None:
    topology = made("a", "b", "r", "s", "h", routers="rs")
    for ends, time in (
        (("a", "r"), 10),
        (("r", "b"), 20),
        (("a", "s"), 5),
        (("s", "r"), 1),
        (("a", "h"), 1),
        (("h", "b"), 1),
    ):
        topology.add_link(Link(ends, time))
    assert latency(topology, "a", "b") == 26


def test_what_was_used_before_changes_no_route() -> None:
    topology = made("a", "b", "r", routers="r")
    topology.add_link(Link(("a", "r"), 1))
    topology.route("r", "b")
    assert latency(topology, "a", "b") == DEFAULT_LATENCY
    topology.add_link(Link(("r", "b"), 1))
    assert latency(topology, "a", "b") == 2


def test_a_route_is_remembered_until_a_link_changes() -> None:
    topology = made("a", "b", "r", routers="r")
    direct = Link(("a", "b"), 7)
    topology.add_link(direct)
    assert topology.route("a", "b") is topology.route("a", "b")
    direct.up = False
    topology.changed()
    assert topology.route("a", "b") is None
    topology.add_link(Link(("a", "r"), 1))
    topology.add_link(Link(("r", "b"), 2))
    assert latency(topology, "a", "b") == 3
    direct.up = True
    topology.changed()
    assert topology.route("a", "b") == (direct,)


def test_a_link_ends_at_hosts() -> None:
    with pytest.raises(ValueError, match="ends at nobody, which is no host"):
        made("a").add_link(Link(("a", "nobody"), 1))


def test_the_graph_shows_the_listed_links() -> None:
    topology = made("a", "b", "c")
    topology.add_link(Link(("a", "b"), 9))
    topology.route("a", "c")
    assert dict(topology.graph.edges) == {("a", "b"): {"latency": 9, "link": topology.links[0]}}
    assert len(topology.links) == 2
