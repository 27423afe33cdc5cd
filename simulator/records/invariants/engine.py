"""Promises of the engine: time, causes, and hosts that are down."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.engine.base_kinds import ACTION, FAULT, TCP_CLOSE, TCP_LOST, UDP_LOST
from simulator.engine.kinds import Record
from simulator.engine.trace import ALSO, AT, CAUSE, KIND, ORIGIN, VALUES, N, T
from simulator.records.invariants.finding import Finding, finding
from simulator.records.kinds_queue import ALERT

__all__ = ["CHECKS"]

_PASSIVE = (TCP_CLOSE, TCP_LOST, UDP_LOST, ACTION)
"""What happens to a host, or is asked of it; what the fault itself causes, such as a lost cache, may be there too."""


def time_is_integer_and_monotonic(records: Sequence[Record]) -> list[Finding]:
    """Records are numbered without gaps, and simulated time never goes back."""
    found = []
    before = 0
    for position, record in enumerate(records, start=1):
        if record[N] != position:
            found.append(finding("order", record, f"is number {position} of the trace"))
        if type(record[T]) is not int or record[T] < before:
            found.append(finding("time", record, f"time goes from {before} to {record[T]!r}"))
        before = record[T]
    return found


def causes_come_first(records: Sequence[Record]) -> list[Finding]:
    """A cause, and whatever else a record depended on, is an earlier record."""
    return [
        finding("cause", record, f"names event {n} as a reason")
        for record in records
        for n in (record[CAUSE], *record[ALSO])
        if n is not None and not 0 < n < record[N]
    ]


def every_chain_ends_in_the_scenario(records: Sequence[Record]) -> list[Finding]:
    """A record without a cause has an origin: a line of the timeline, a fault, or a line of the world."""
    return [
        finding("origin", record, f"{record[KIND].name} has neither a cause nor a line of the scenario")
        for record in records
        if record[CAUSE] is None and not record[ORIGIN]
    ]


def nothing_happens_on_a_host_that_is_down(records: Sequence[Record]) -> list[Finding]:
    """Between the beginning and the end of host-down the host does nothing."""
    found = []
    down: dict[str, list[int]] = {}
    for record in records:
        kind, at = record[KIND], record[AT]
        if kind is FAULT:
            what, host, state = record[VALUES:]
            if what == "host-down" and state == "begins":
                down.setdefault(host, []).append(record[N])
            elif what == "host-down" and down.get(host):
                down[host].pop()
        elif down.get(at) and kind not in _PASSIVE and record[CAUSE] not in down[at]:
            found.append(finding("down", record, f"{kind.name} on {at}, which is down"))
    return found


def no_session_breaks_by_our_fault(records: Sequence[Record]) -> list[Finding]:
    """An alert is a fault of the simulator."""
    return [finding("alert", record, record[VALUES]) for record in records if record[KIND] is ALERT]


CHECKS = (
    time_is_integer_and_monotonic,
    causes_come_first,
    every_chain_ends_in_the_scenario,
    nothing_happens_on_a_host_that_is_down,
    no_session_breaks_by_our_fault,
)
