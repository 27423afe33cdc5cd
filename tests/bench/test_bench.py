"""The benches run: each small, and none judged by the clock."""

from __future__ import annotations

import pytest

from tests.bench import calibration, one_hop
from tests.bench.measure import Row, rows_table
from tests.bench.worlds import plain_world


def test_a_bench_world_delivers_every_letter_to_the_device_and_leaves_nothing_behind() -> None:
    world = plain_world(keep=True)
    world.deliver(3)
    names = [record[2].name for record in world.world.env.trace.records]
    assert world.arrived() == 3
    assert names.count("deliver") == names.count("filter.spam") == 3
    assert not any(server.queue.entries for server in world.world.servers.values())
    assert not list(world.world.env.waiting())


def test_a_bench_world_without_a_trace_behaves_as_one_with_it() -> None:
    kept, off = plain_world(keep=True), plain_world()
    kept.deliver(2)
    off.deliver(2)
    assert (off.world.env.now, off.arrived()) == (kept.world.env.now, kept.arrived())
    assert off.world.env.trace.records[:] == []


def test_the_calibration_measures_something() -> None:
    assert calibration.calibration_us() > 1


def test_a_row_says_what_it_reaches() -> None:
    assert Row("time", 5.0, 8, 4, "ms").verdict == "must"
    assert Row("rate", 5.0, 2, 4, "x", more=True).verdict == "goal"
    assert Row("time", 9.0, 8, 4, "ms").verdict == "MISSED"
    assert "MISSED" in rows_table([Row("time", 9.0, 8, 4, "ms")])


def test_every_letter_of_the_bench_of_one_hop_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_hop, "_LETTERS", 3)
    made = one_hop._OneHop()
    made.send()
    assert made.internet.env.trace.count > 0
    assert [record for record in made.internet.env.trace.records if record[2].name == "queue.enter"]
