"""What every bench needs: processor time, memory, the calibration of this machine, and the table.

Processor time is that of this process alone, after a warm-up, and the median of several batches is what counts.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

__all__ = ["Row", "processor_us", "resident_kb", "rows_table", "wall_ms"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `limit` and `goal` are in the unit of `measured`, lower is better unless `more`."""

    what: str
    measured: float
    limit: float | None = None
    goal: float | None = None
    unit: str = ""
    more: bool = False
    note: str = ""

    @property
    def verdict(self) -> str:
        """One word: goal, must, MISSED, or nothing for a row without limits."""
        if self.limit is None:
            return ""
        if self.goal is not None and self._reaches(self.goal):
            return "goal"
        return "must" if self._reaches(self.limit) else "MISSED"

    def _reaches(self, limit: float) -> bool:
        return self.measured >= limit if self.more else self.measured <= limit


def rows_table(rows: Sequence[Row]) -> str:
    """Return the rows as a table of text."""
    lines = [("row", "must", "goal", "measured", "verdict", "")]
    lines += [
        (row.what, _figure(row, row.limit), _figure(row, row.goal), _figure(row, row.measured), row.verdict, row.note)
        for row in rows
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    return "\n".join(
        "  ".join((line[0].ljust(widths[0]), *(line[c].rjust(widths[c]) for c in range(1, 5)), line[5])).rstrip()
        for line in lines
    )


def _figure(row: Row, value: float | None) -> str:
    if value is None:
        return "-"
    text = f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{text} {row.unit}".rstrip() if row.unit != "x" else f"{text}x"


def processor_us(work: Callable[[], object], *, count: int = 1) -> float:
    """Return the µs of processor time that one of `count` pieces of work took."""
    gc.collect()
    begin = time.process_time()
    work()
    return (time.process_time() - begin) * 1e6 / count


def wall_ms(work: Callable[[], object], *, times: int = 5) -> float:
    """Return the median of `times` runs by the clock on the wall, in ms."""
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begin) * 1e3)
    return median(taken)


def resident_kb() -> int:
    """Return the resident memory of this process in kB; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024
