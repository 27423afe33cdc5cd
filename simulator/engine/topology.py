"""Which hosts there are, how they are linked, and how long octets take between them.

Two hosts without a link of their own reach each other through routers, else over an ordinary path of 20 ms, so that a
scenario lists only the links that its lesson is about.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["DEFAULT_LATENCY", "LOOPBACK_LATENCY", "NO_WAY", "Link", "Topology", "Way"]

DEFAULT_LATENCY = 20_000
"""µs, one way, between hosts that no link of the scenario joins."""

LOOPBACK_LATENCY = 30
"""µs, one way, inside one host."""


class Link:
    """A path between two hosts: `latency` in µs one way, `bandwidth` in bits a second (None: unlimited)."""

    __slots__ = ("_free_at", "bandwidth", "ends", "latency", "up")

    def __init__(self, ends: tuple[str, str], latency: int, bandwidth: int | None = None) -> None:
        self.ends = ends
        self.latency = latency
        self.bandwidth = bandwidth
        self.up = True
        self._free_at: dict[str, int] = {}

    def arrival(self, sender: str, now: int, size: int) -> int:
        """Return when `size` octets put on the link `now` (µs) by `sender` are all at the other end."""
        if self.bandwidth is None:
            return now + self.latency
        begins = max(now, self._free_at.get(sender, 0))
        self._free_at[sender] = ends = begins + size * 8_000_000 // self.bandwidth
        return ends + self.latency


class Way:
    """A route as a whole; `latency` is in µs one way.

    While it is `straight`, octets take just that: nothing waits for other octets on it, nobody taps, nothing changed.
    """

    __slots__ = ("latency", "links", "straight")

    def __init__(self, links: tuple[Link, ...], *, tapped: bool) -> None:
        self.links = links
        self.latency = sum(link.latency for link in links)
        self.straight = not tapped and all(link.bandwidth is None for link in links)

    def arrival(self, sender: str, now: int, size: int) -> int:
        """Return when `size` octets that `sender` sends `now` (µs) are all at the end."""
        if self.straight:
            return now + self.latency
        for link in self.links:
            now = link.arrival(sender, now, size)
        return now


NO_WAY = Way((), tapped=True)
"""Stands for the way of what cannot go straight, whatever the route is."""


class Topology:
    """A graph of hosts and links; routes are by latency and are remembered until a link changes."""

    def __init__(self) -> None:
        self._graph: nx.Graph | None = None
        self._hosts: dict[str, bool] = {}
        self._links: dict[tuple[str, str], Link] = {}
        self._ordinary: dict[tuple[str, str], Link] = {}
        self._ways: dict[tuple[str, str], Way | None] = {}
        self.tapped = False
        """Whether somebody listens on links or changes what passes."""
        self._caches: list[dict[Any, Any]] = [self._ways]

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names of all hosts, in the order in which they were added."""
        return tuple(self._hosts)

    @property
    def links(self) -> tuple[Link, ...]:
        """The links of the scenario and the ordinary paths that were used so far."""
        return (*self._links.values(), *self._ordinary.values())

    @property
    def graph(self) -> nx.Graph:
        """The hosts and the links of the scenario as a networkx graph; edges carry `latency` (µs) and `link`."""
        if self._graph is None:
            import networkx as nx

            self._graph = nx.Graph()
            self._graph.add_nodes_from(self._hosts)
            for link in self._links.values():
                self._graph.add_edge(*link.ends, latency=link.latency, link=link)
        return self._graph

    def add_host(self, name: str, *, forwards: bool = False) -> None:
        """Add a host; only one that `forwards` (a router) carries other hosts' octets."""
        self._hosts[name] = forwards
        self.changed()

    def add_link(self, link: Link) -> None:
        """Add a link. Raises ValueError if an end is no host."""
        for end in link.ends:
            if end not in self._hosts:
                raise ValueError(f"the link {link.ends[0]} - {link.ends[1]} ends at {end}, which is no host")
        self._links[_pair(*link.ends)] = link
        self.changed()

    def changed(self) -> None:
        """Forget the routes, because a host, a link or a tap came, went, failed or recovered."""
        for way in self._ways.values():
            if way is not None:
                way.straight = False
        for cache in self._caches:
            cache.clear()
        self._graph = None

    def empties(self, cache: dict[Any, Any]) -> None:
        """Empty `cache`, too, whenever routes are forgotten."""
        self._caches.append(cache)

    def way(self, source: str, target: str) -> Way | None:
        """Return the way from `source` to `target`, or None if there is none."""
        key = (source, target)
        try:
            return self._ways[key]
        except KeyError:
            links = self._find(source, target)
            found = self._ways[key] = None if links is None else Way(links, tapped=self.tapped)
            return found

    def route(self, source: str, target: str) -> tuple[Link, ...] | None:
        """Return the links from `source` to `target` in order, or None if there is no way."""
        way = self.way(source, target)
        return None if way is None else way.links

    def _find(self, source: str, target: str) -> tuple[Link, ...] | None:
        pair = _pair(source, target)
        link = self._links.get(pair)
        if link is not None:
            return (link,) if link.up else self._around(source, target)
        through = self._around(source, target)
        if through is not None:
            return through
        link = self._ordinary.get(pair)
        if link is None:
            link = self._ordinary[pair] = Link(pair, LOOPBACK_LATENCY if source == target else DEFAULT_LATENCY)
        return (link,)

    def _around(self, source: str, target: str) -> tuple[Link, ...] | None:
        """Look for a way through routers only."""
        routers = [name for name, forwards in self._hosts.items() if forwards]
        if not routers or source == target:
            return None
        import networkx

        nx: Any = networkx
        allowed: Any = self.graph.subgraph([*routers, source, target])
        usable = nx.subgraph_view(allowed, filter_edge=lambda a, b: allowed.edges[a, b]["link"].up)
        try:
            path = nx.shortest_path(usable, source, target, weight="latency")
        except (nx.NetworkXNoPath, nx.NodeNotFound):
            return None
        return tuple(self._links[_pair(a, b)] for a, b in pairwise(path))


def _pair(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a <= b else (b, a)
