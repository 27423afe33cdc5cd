"""A world in which nobody hears the trace goes the same way as one that is written down.

Where no record is seen, none is made: that must never decide what becomes of a letter.
"""

from __future__ import annotations

import pytest

from simulator.scenario.loading import load
from simulator.scenario.world import World, build
from tests.acceptance.folds import of_nodes
from tests.acceptance.outside import SHIPPED


def _run(scenario: str, *, keep: bool) -> World:
    world = build(load(scenario), keep=keep)
    world.env.advance()
    return world


@pytest.mark.parametrize("scenario", SHIPPED)
def test_a_world_ends_the_same_whether_its_trace_is_kept_or_not(scenario: str) -> None:
    kept, unheard = _run(scenario, keep=True), _run(scenario, keep=False)
    assert not unheard.env.trace.records
    assert unheard.env.now == kept.env.now
    assert of_nodes(unheard) == of_nodes(kept)
    assert [letters_of(unheard, name) for name in unheard.servers] == [letters_of(kept, name) for name in kept.servers]


def letters_of(world: World, server: str) -> list[bytes]:
    """Every letter in the mailboxes of a server, as its octets."""
    store = world.servers[server].store
    return [
        letter.octets()
        for address, named in store.snapshot().items()
        for name in named
        for letter in store.mailbox(address, name).messages()
    ]
