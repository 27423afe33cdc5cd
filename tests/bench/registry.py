"""The benches by name, in the order of the budget."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial

from tests.bench.measure import Row

__all__ = ["BENCHES", "run_bench"]

FEW, MANY, MILLION = 10_000, 100_000, 1_000_000


def _tell(text: str) -> None:
    print(f"    {text}", file=sys.stderr, flush=True)


def _calibration() -> list[Row]:
    from tests.bench import calibration

    return calibration.rows()


def _delivery() -> list[Row]:
    from tests.bench import delivery

    return delivery.rows()


def _one_hop() -> list[Row]:
    from tests.bench import one_hop

    return one_hop.rows()


def _scale(few: int, many: int) -> list[Row]:
    from tests.bench import delivery

    return delivery.scale_rows(few, many, _tell)


def _processes() -> list[Row]:
    from tests.bench import processes

    return processes.rows()


def _trace() -> list[Row]:
    from tests.bench import trace

    return trace.rows()


def _screen() -> list[Row]:
    from tests.bench import screen

    return screen.rows()


BENCHES: dict[str, Callable[[], list[Row]]] = {
    "calibration": _calibration,
    "delivery": _delivery,
    "one-hop": _one_hop,
    "letters": partial(_scale, FEW // 5, MANY // 10),
    "processes": _processes,
    "trace": _trace,
    "screen": _screen,
}
_LONG: dict[str, Callable[[], list[Row]]] = {"letters": partial(_scale, FEW, MILLION)}


def run_bench(name: str, *, long: bool = False) -> list[Row]:
    """Run one bench, in its long form if there is one and it is asked for."""
    return (_LONG.get(name) if long and name in _LONG else BENCHES[name])()  # type: ignore[misc]
