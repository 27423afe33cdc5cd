"""The screen in a real pseudo-terminal: first paint against an empty Textual application, and a key press to output."""

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
_TIMES = 5
_KEYS = 40
_QUIET = 0.15
_DEADLINE = 60.0


@dataclass(slots=True)
class _Terminal:
    """A child process in a terminal of 120x40; `kind` is "empty" or a number of records."""

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

    def until(self, mark: bytes) -> float:
        """Read until `mark` has been written; return when. Raises TimeoutError."""
        end = time.perf_counter() + _DEADLINE
        self.seen = b""
        while mark not in self.seen:
            if not self._read(end - time.perf_counter()):
                raise TimeoutError(f"the screen did not write {mark!r} within {_DEADLINE:.0f} s")
        return time.perf_counter()

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


def _first_paint(kind: str, mark: bytes) -> float:
    with _Terminal(kind) as terminal:
        begin = terminal.until(READY.encode())
        return (terminal.until(mark) - begin) * 1e3


def _key_ms(records: int) -> float:
    with _Terminal(str(records)) as terminal:
        terminal.until(b"mx-beta")
        terminal.quiet()
        terminal.press(b"n")
        return median(terminal.press(b"n" if number % 4 else b"p") for number in range(_KEYS))


def rows() -> list[Row]:
    """First paint and keys, by the clock on the wall."""
    empty = median(_first_paint("empty", b"@painted@") for _ in range(_TIMES))
    world = median(_first_paint("1000", b"mx-beta") for _ in range(_TIMES))
    few, many = _key_ms(10_000), _key_ms(100_000)
    scale = factor()
    return [
        Row("TUI first paint against an empty application", world / empty, 1.3, 1.15, "x", note=f"{world:.0f} ms"),
        Row("key press to output, 10 000 records", few, 5 * scale, 2 * scale, "ms"),
        Row("key press to output, 100 000 records", many, 5 * scale, 2 * scale, "ms"),
    ]
