"""Reading a trace of 100 000 records: a query, the folds at the end, and the state at any event."""

from __future__ import annotations

from random import Random

from simulator.engine.query import parse
from simulator.records.folds import History
from tests.bench.calibration import factor
from tests.bench.measure import Row, wall_ms
from tests.bench.worlds import plain_world

__all__ = ["rows"]

_RECORDS = 100_000


def rows() -> list[Row]:
    """What reading costs; the budget's text gives these figures, its table holds nobody to them."""
    world = plain_world(keep=True)
    trace = world.world.env.trace
    while trace.count < _RECORDS:
        world.deliver(50)
    records = trace.records
    question = parse("smtp.reply code=250 | count")
    queried = wall_ms(lambda: question.ask(records))
    folded = wall_ms(lambda: History(records).at(len(records)), times=3)
    history = History(records)
    chance = Random(1)
    moments = [chance.randrange(1, len(records)) for _ in range(50)]
    looked = wall_ms(lambda: [history.at(n) for n in moments], times=3) / len(moments)
    scale = factor()
    return [
        Row("100 000 records: a query", queried, 40 * scale, 19 * scale, "ms"),
        Row("100 000 records: folding all of them", folded, unit="ms"),
        Row("100 000 records: the state at any n", looked, 5 * scale, 1.6 * scale, "ms"),
    ]
