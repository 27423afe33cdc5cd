"""A full delivery through all nodes of the first letter: its price with the trace off, kept in memory, and streamed."""

from __future__ import annotations

import gc
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from statistics import median

from simulator.engine.jsonlines import header, writer
from tests.bench.calibration import factor
from tests.bench.measure import Row, processor_us, resident_kb
from tests.bench.worlds import PlainWorld, plain_world

__all__ = ["rows", "scale_rows"]

_BATCH = 100
_BATCHES = 7
_WARM_UP = 40
_REMEMBERED = 1_000
"""Letters whose transcript is weighed: more than the newest records, which are not packed."""


def rows() -> list[Row]:
    """CPU per delivery, the full transcript in memory, and the stream."""
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "trace.jsonl").open("w", encoding="utf-8") as file:
        sink = writer(file, header("bench", 1, {}))
        batches = _side_by_side(
            plain_world(), plain_world(keep=True), plain_world(sink=sink), plain_world(reads_by="imap")
        )
    off, kept, streamed, imap = map(min, batches)
    scale = factor()
    note = f"{_records_of_one()} records; median {median(batches[0]):.0f}"
    return [
        Row("CPU per full delivery, trace off", off, 800 * scale, 400 * scale, "µs", note=note),
        Row("the same, read by IMAP and deleted in a session more", imap, unit="µs"),
        Row("full transcript kept: time against trace off", kept / off, 1.6, 1.25, "x"),
        Row("full transcript kept: memory a delivery", _kept_kb(), 32, 14, "kB"),
        Row("streamed JSON lines: time against trace off", streamed / off, 3, 1.5, "x"),
    ]


def _side_by_side(*worlds: PlainWorld) -> list[list[float]]:
    """Return µs a delivery for each world, batch by batch.

    They take turns, so that a busy machine is unfair to all alike; the least counts, as for the calibration, since what
    else the machine does only adds to it.
    """
    for world in worlds:
        world.deliver(_WARM_UP)
    taken: list[list[float]] = [[] for _ in worlds]
    for _ in range(_BATCHES):
        for index, world in enumerate(worlds):
            taken[index].append(processor_us(lambda world=world: world.deliver(_BATCH), count=_BATCH))  # type: ignore[misc]
            world.world.env.trace.records.clear()
    return taken


def _records_of_one() -> int:
    world = plain_world(keep=True)
    world.deliver(_WARM_UP)
    before = world.world.env.trace.count
    world.deliver(1)
    return world.world.env.trace.count - before


def _kept_kb() -> float:
    """Return how much more memory a delivery takes when its records are kept, in kB."""
    return _grown_kb(plain_world(keep=True)) - _grown_kb(plain_world())


def _grown_kb(world: PlainWorld) -> float:
    tracemalloc.start()
    try:
        world.deliver(_WARM_UP)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        world.deliver(_REMEMBERED)
        gc.collect()
        return (tracemalloc.get_traced_memory()[0] - before) / _REMEMBERED / 1024
    finally:
        tracemalloc.stop()


# Many letters


def scale_rows(few: int, many: int, tell: Callable[[str], None]) -> list[Row]:
    """The price of a letter among `many` against that among `few`, and whether memory stays flat; streamed."""
    with Path("/dev/null").open("w", encoding="utf-8") as file:
        world = plain_world(sink=writer(file, header("bench", 1, {})))
        world.deliver(_WARM_UP)
        first = processor_us(lambda: world.deliver(few), count=few)
        tell(f"{few} letters: {first:.0f} µs each, {resident_kb() // 1024} MB")
        before = resident_kb()
        rest = processor_us(lambda: world.deliver(many - few), count=many - few)
        grown = (resident_kb() - before) * 1024 / (many - few)
        tell(f"{many} letters: {rest:.0f} µs each, {resident_kb() // 1024} MB")
    everything = (first * few + rest * (many - few)) / many
    return [
        Row(f"{many} letters against {few}, per letter", everything / first, 1.2, 1.05, "x"),
        Row("memory that a streamed letter leaves behind", grown, 256, 64, "octets", note="flat: next to nothing"),
    ]
