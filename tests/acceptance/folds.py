"""Compares folds of the trace with the real state of the nodes, in the middle of a run and at its end.

State is compared where the nodes are at rest: after an entry of the queue has run, at the last record that it wrote.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from simulator.nodes.resolver import Resolver
from simulator.records.folds import History
from simulator.records.moment import Mailboxes, Moment
from simulator.scenario import loading, model, world

State = dict[str, Any]


def differences(scenario: str, *, earlier: int) -> list[str]:
    """Where a fold and the nodes differ, at the last event and at `earlier` random ones before; [] if nowhere."""
    loaded = loading.load(scenario)
    rests = [n for n, _ in at_rest(loaded)]
    chosen = {rests[-1], *random.Random(scenario).sample(rests[:-1], min(earlier, len(rests) - 1))}
    found = []
    for n, running in at_rest(loaded):
        if n in chosen:
            folded, real = of_fold(History(running.env.trace.records).at(n)), of_nodes(running)
            found += [
                f"after {n}: {key} is {real[key]}, folded {folded[key]}" for key in real if real[key] != folded[key]
            ]
    return found


def at_rest(scenario: model.Scenario) -> Iterator[tuple[int, world.World]]:
    """Run a world and give (n of the last record, the world) after each step that wrote one."""
    running = world.build(scenario)
    env = running.env
    while env.peek() != float("inf"):
        before = len(env.trace)
        env.step()
        if len(env.trace) > before:
            yield len(env.trace), running


def of_fold(moment: Moment) -> State:
    """What the fold says, in the form in which it is compared."""
    return {
        "queues": {
            host: {
                entry.queue_id: (
                    entry.sender,
                    entry.size,
                    entry.entered,
                    [(one.address, one.state, one.attempts, one.next_try, one.reason) for one in entry.recipients],
                )
                for entry in entries
            }
            for host, entries in moment.queues.items()
        },
        "mailboxes": boxes(moment.mailboxes),
        "devices": boxes(moment.devices),
        "caches": {
            host: sorted((entry.qname, entry.qtype, entry.answer, entry.expires, entry.negative) for entry in entries)
            for host, entries in moment.caches.items()
        },
        "sessions": {
            number: (session.opener, session.answerer, session.port) for number, session in moment.sessions.items()
        },
    }


def boxes(found: Mailboxes) -> State:
    """Owner -> mailbox -> sorted (UID, flags, size)."""
    return {
        owner: {
            name: sorted((one.uid, sorted(one.flags), one.size) for one in letters) for name, letters in named.items()
        }
        for owner, named in found.items()
    }


def of_nodes(running: world.World) -> State:
    """What the nodes themselves hold, in the form in which it is compared."""
    devices = {name: program.box.store.snapshot() for name, program in running.programs.items()}
    return {
        "queues": {name: queue for name, server in running.servers.items() if (queue := queue_of(server))},
        "mailboxes": {
            owner: filled
            for server in running.servers.values()
            for owner, named in server.store.snapshot().items()
            if (filled := letters(named))
        },
        "devices": {
            name: filled for name, owned in devices.items() for box in owned.values() if (filled := letters(box))
        },
        "caches": {name: cache for name in running.hosts if (cache := cache_of(running, name))},
        "sessions": {
            number: (opener.local.node, answerer.local.node, answerer.local.port)
            for number, (opener, answerer) in running.network.open_sessions.items()
        },
    }


def queue_of(server: Any) -> State:
    """The entries of a mail server's queue."""
    return {
        entry.queue_id: (
            entry.sender,
            len(entry.content),
            entry.entered,
            [(one.address, one.state, one.attempts, one.next_try, one.reason) for one in entry.recipients],
        )
        for entry in server.queue.entries.values()
    }


def letters(named: dict[str, Any]) -> State:
    """The mailboxes that hold letters, with their letters in order."""
    return {name: sorted((key, sorted(flags), size) for key, flags, size in box) for name, box in named.items() if box}


def cache_of(running: world.World, name: str) -> list[tuple[Any, ...]]:
    """What the resolver of a host, if it has one, remembers now."""
    now = int(running.env.now)
    return sorted(
        (entry.qname, entry.qtype, entry.answer, entry.expires_at, bool(entry.negative))
        for service in running.hosts[name].services
        if isinstance(service, Resolver)
        for entry in service.cache.entries(now)
    )
