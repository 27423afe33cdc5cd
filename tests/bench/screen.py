"""The screen in a real pseudo-terminal: first paint against an empty Textual application, and a key press to output.

Both applications run in turn in terminals of one size, so that whatever else the machine does weighs on both alike. The
clock runs from just before `App.run()` until the last row of the screen has been read.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests.bench.calibration import factor
from tests.bench.measure import Row
from tests.bench.screen_child import READY

__all__ = ["rows"]

_ROOT = Path(__file__).resolve().parents[2]
_WIDTH, _HEIGHT = 120, 40
_TIMES = 15
_KEYS = 40
_SETTLED = 0.02
_QUIET = 0.15
_DEADLINE = 60.0
_EMPTY_ROW, _LAST_ROW = b"@painted@", b"^P"
"""What the empty application shows, and what stands in the last row of ours."""


@dataclass(slots=True)
class _Terminal:
    """A child process in a terminal of 120x40; `kind` is "empty", or a number of records and the event to begin at."""

    kind: str
    pid: int = 0
    fd: int = -1
    seen: bytes = field(default=b"", repr=False)

    def __enter__(self) -> _Terminal:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(_ROOT)
            environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
            os.execve(sys.executable, [sys.executable, "-m", "tests.bench.screen_child", self.kind], environment)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", _HEIGHT, _WIDTH, 0, 0))
        return self

    def __exit__(self, *_: object) -> None:
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
        os.close(self.fd)

    def now(self) -> tuple[float, float]:
        """Return the clock on the wall, and the processor time that the child has taken so far, in ms."""
        return time.perf_counter() * 1e3, _processor_ms(self.pid)

    def start(self) -> tuple[float, float]:
        """Let the child call `App.run()`, for which it waits, and return when that was."""
        self.until(READY.encode())
        time.sleep(_SETTLED)
        begin = self.now()
        os.write(self.fd, b"\n")
        return begin

    def until(self, mark: bytes) -> None:
        """Read until `mark` has been written. Raises TimeoutError."""
        end = time.perf_counter() + _DEADLINE
        self.seen = b""
        while mark not in self.seen:
            if not self._read(end - time.perf_counter()):
                raise TimeoutError(f"the screen did not write {mark!r} within {_DEADLINE:.0f} s")

    def quiet(self) -> None:
        """Wait until nothing more is written."""
        while self._read(_QUIET):
            pass

    def press(self, key: bytes) -> float:
        """Press a key; return the ms until the first octets of the answer."""
        begin = time.perf_counter()
        os.write(self.fd, key)
        answered = self._read(5.0)
        taken = (time.perf_counter() - begin) * 1e3
        self.quiet()
        return taken if answered else 5_000.0

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self.fd], [], [], max(seconds, 0.0))
        if ready:
            self.seen += os.read(self.fd, 1 << 16)
        return bool(ready)


def _processor_ms(pid: int) -> float:
    """Return the processor time of a process in ms; 0 where the system does not say."""
    try:
        return time.clock_gettime(~pid << 3 | 2) * 1e3  # the clock that clock_getcpuclockid(3) names on Linux
    except OSError:
        return 0.0


def _first_paint(kind: str, mark: bytes) -> tuple[float, float]:
    """Return how long the first paint took by the clock on the wall and in processor time, in ms."""
    with _Terminal(kind) as terminal:
        begin = terminal.start()
        terminal.until(mark)
        end = terminal.now()
    return end[0] - begin[0], end[1] - begin[1]


def _paint_rows() -> list[Row]:
    pairs = [(_first_paint("empty", _EMPTY_ROW), _first_paint("1000", _LAST_ROW)) for _ in range(_TIMES)]
    empty_wall, empty_cpu = (median(empty[clock] for empty, _world in pairs) for clock in (0, 1))
    wall, cpu = (median(world[clock] for _empty, world in pairs) for clock in (0, 1))
    return [
        Row(
            "TUI first paint against an empty application", wall / empty_wall, 1.3, 1.15, "x",
            note=f"{wall:.1f} against {empty_wall:.1f} ms",
        ),
        Row(
            "the same in processor time", cpu / (empty_cpu or 1.0), unit="x",
            note=f"{cpu:.1f} against {empty_cpu:.1f} ms",
        ),
    ]  # fmt: skip


def _keys_row(records: int) -> Row:
    with _Terminal(f"{records}@{records * 3 // 4}") as terminal:
        terminal.start()
        terminal.until(_LAST_ROW)
        terminal.quiet()
        terminal.press(b"n")
        begin = terminal.now()
        taken = median(terminal.press(b"n" if number % 4 else b"b") for number in range(_KEYS))
        processor = (terminal.now()[1] - begin[1]) / _KEYS
    what = f"key press to output, {records // 1000} 000 records"
    note = f"{processor:.1f} ms of processor time"
    return Row(what, taken, 5 * factor(), 2 * factor(), "ms", note=note)


def rows() -> list[Row]:
    """First paint and keys, by the clock on the wall."""
    return [*_paint_rows(), _keys_row(10_000), _keys_row(100_000)]
