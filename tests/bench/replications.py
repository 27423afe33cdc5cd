"""Two replications at once: two processes with seeds of their own against one, where two cores are idle."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from tests.bench.measure import Row

__all__ = ["rows"]

_ROOT = Path(__file__).resolve().parents[2]
_WORK = "from tests.bench.worlds import plain_world\nplain_world().deliver(18_000)"


def _seconds(processes: int) -> float:
    begin = time.perf_counter()
    running = [subprocess.Popen([sys.executable, "-c", _WORK], cwd=_ROOT) for _ in range(processes)]
    for process in running:
        if process.wait():
            raise RuntimeError("a replication failed; see its message above")
    return time.perf_counter() - begin


def rows() -> list[Row]:
    """By the clock on the wall; each replication takes 10 s or more."""
    alone, together = _seconds(1), _seconds(2)
    note = f"{alone:.0f} s alone, {together:.0f} s together"
    return [Row("two replications on two idle cores", 2 * alone / together, 1.6, 1.9, "x", more=True, note=note)]
