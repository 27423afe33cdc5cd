"""What is sent straight to the other side goes as what is sent the long way, whatever happens meanwhile."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulator.engine.stream import Stream
from simulator.engine.topology import Link
from tests.engine.pair import SECOND, Pair

ACTIONS = (
    "send",
    "send",
    "send",
    "read",
    "close",
    "reset",
    "hold",
    "release",
    "faster",
    "slower",
    "cut",
    "tap",
    "down",
)
STEPS = st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 1), st.sampled_from((0, 1, 9_999, 30_000))))


def act(pair: Pair, sides: tuple[Stream, Stream], log: list[Any], what: str, who: int) -> None:
    """Do one thing to one side."""
    side, network, link = sides[who], pair.network, pair.network.topology.links[0]
    if what == "send":
        side.send(b"x" * (1 + len(log) % 7))
    elif what == "read":
        pair.spawn(reading(pair, side, log))
    elif what in ("close", "reset", "hold", "release"):
        getattr(side, what)()
    elif what in ("faster", "slower"):
        link.latency = 5_000 if what == "faster" else 40_000
        network.topology.changed()
    elif what == "cut":
        link.up = not link.up
        network.topology.changed()
    elif what == "tap":
        network.wiretaps.listen("c", ("a",))
    elif not network.down:
        for stream in network.take_down("b"):
            stream.end("down")


def reading(pair: Pair, side: Stream, log: list[Any]) -> Any:
    log.append((pair.env.now, "read", (yield side.receive(SECOND // 10))))


def run(steps: list[tuple[str, int, int]], *, keep: bool, straight: bool) -> list[Any]:
    """All that the two sides noticed, all that was recorded, and what is left."""
    pair = Pair()
    pair.network.topology.tapped = not straight
    pair.env.trace._keep = keep
    pair.env.trace.sink = None
    pair.network.add_host("c", ("192.0.2.3",))
    pair.network.topology.add_link(Link(("a", "c"), 1))
    sides, log = pair.both(), []
    for side in sides:
        side.on_close = lambda how, side=side: log.append((pair.env.now, side.lead, how))  # type: ignore[misc]
    sides[1].on_data = lambda octets: log.append((pair.env.now, octets, sides[0].unsent))
    moment = 0
    for what, who, wait in steps:
        moment += wait
        pair.env.call_later(moment, lambda step: act(pair, sides, log, *step), (what, who))
    pair.env.advance()
    left = [(side.ended, side.closed, side.unsent) for side in sides]
    return [log, left, pair.env.now, [*pair.env.trace.records], [side.lead for side in pair.network.streams]]


@settings(max_examples=200, deadline=None)
@given(steps=STEPS, keep=st.booleans())
@example(steps=[("slower", 0, 0), ("send", 0, 0), ("faster", 0, 1), ("send", 0, 0), ("send", 0, 30_000)], keep=False)
def test_the_straight_way_is_the_long_way(steps: list[tuple[str, int, int]], keep: bool) -> None:
    assert run(steps, keep=keep, straight=True) == run(steps, keep=keep, straight=False)
