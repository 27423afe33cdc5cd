"""The benches by name, in the order of the budget."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial

from tests.bench.measure import Row

__all__ = ["BENCHES", "LONG", "run_bench"]


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


def _live() -> list[Row]:
    from tests.bench import live

    return live.rows()


def _replications() -> list[Row]:
    from tests.bench import replications

    return replications.rows()


BENCHES: dict[str, Callable[[], list[Row]]] = {
    "calibration": _calibration,
    "delivery": _delivery,
    "one-hop": _one_hop,
    "letters": partial(_scale, 2_000, 10_000),
    "processes": _processes,
    "trace": _trace,
    "screen": _screen,
    "live": _live,
}
LONG: dict[str, Callable[[], list[Row]]] = {
    "letters-100k": partial(_scale, 10_000, 100_000),
    "letters-1m": partial(_scale, 10_000, 1_000_000),
    "replications": _replications,
}
"""Only by name or with `--long`: minutes, more than an hour, half a minute."""


def run_bench(name: str) -> list[Row]:
    """Run one bench. Raises KeyError."""
    return {**BENCHES, **LONG}[name]()
