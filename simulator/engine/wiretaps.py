"""Who listens on a link, and who changes what passes: both without the two hosts noticing.

A listener reads what is not sealed and leaves a record of each chunk; one in the middle changes it. Neither costs
time, and where there is none nothing is asked. The engine knows no protocol: what is changed is the caller's affair.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator.engine.base_kinds import TAP_SAW, TCP_CHANGED
from simulator.engine.kinds import Record

if TYPE_CHECKING:
    from simulator.engine.environment import Environment
    from simulator.engine.stream import Stream
    from simulator.engine.topology import Topology

__all__ = ["Change", "Wiretaps"]

Change = Callable[[bytes], bytes]
"""What somebody in the middle makes of a chunk in clear; the length stays as it is."""

Ends = tuple[str, str | None]
"""A host and another, or None for whomever the first speaks with."""


class Wiretaps:
    """All who listen or change, by the hosts between which they sit."""

    def __init__(self, env: Environment, topology: Topology) -> None:
        self._env = env
        self._topology = topology
        self._taps: dict[str, frozenset[str]] = {}
        self._changes: list[tuple[Ends, Change, Record]] = []
        self.busy = False
        """Whether anybody listens or changes anything now."""

    def listen(self, tap: str, hosts: tuple[str, ...]) -> None:
        """Let the host `tap` see all that the `hosts` send and get."""
        self._taps[tap] = frozenset(hosts)
        self._look()

    def change(self, ends: Ends, how: Change, because: Record) -> None:
        """Change what passes in clear between two hosts, from now on."""
        self._changes.append((ends, how, because))
        self._look()

    def stop(self, because: Record) -> None:
        """End the changes that began with the record `because`."""
        self._changes = [one for one in self._changes if one[2] is not because]
        self._look()

    def _look(self) -> None:
        """Somebody came or went: connections look again whether what they send may go straight to the other side."""
        self.busy = self._topology.tapped = bool(self._taps or self._changes)
        self._topology.changed()

    def observers(self, one: str, other: str) -> tuple[str, ...]:
        """Return who listens to two hosts; nobody listens inside a host."""
        if one == other:
            return ()
        return tuple(tap for tap, hosts in self._taps.items() if one in hosts or other in hosts)

    def passing(
        self, stream: Stream, octets: bytes, record: Record, *, sealed: bool, size: int, flight: str
    ) -> tuple[bytes, Record]:
        """Note a chunk of `size` octets on its way; gives what arrives and the record that explains it."""
        here, there = stream.local.node, stream.remote.node
        direction = ">" if stream.lead else "<"
        if here != there and not sealed:
            octets, record = self._changed(stream, octets, record)
        port = stream.remote.port if stream.lead else stream.local.port
        for tap in self.observers(here, there):
            values = (b"" if sealed else octets, not sealed, direction, port, size, flight)
            self._env.trace.write(
                TAP_SAW, values, at=tap, frm=here, to=there, session=stream.session, cause=record, leaf=True
            )
        return octets, record

    def _changed(self, stream: Stream, octets: bytes, record: Record) -> tuple[bytes, Record]:
        here, there = stream.local.node, stream.remote.node
        for (one, other), how, because in self._changes:
            if one not in (here, there) or other not in (None, here, there):
                continue
            made = how(octets)
            if made != octets:
                octets = made
                values = (octets, "<" if not stream.lead else ">", len(octets))
                record = self._env.trace.write(
                    TCP_CHANGED, values, frm=here, to=there, session=stream.session, cause=record, also=(because,),
                    leaf=True,
                )  # fmt: skip
        return octets, record
