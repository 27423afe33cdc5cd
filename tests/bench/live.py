"""The live SMTP receiver (accept into the queue, trace kept) against aiosmtpd: letters a second, and processor time.

The same client talks to both: many connections at once, one letter each, every command in a round of its own.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench.measure import Row

__all__ = ["rows"]

_LETTERS = 1_000
_AT_ONCE = 20
_TIMES = 5
_CONTENT = (
    b"From: anna@alpha.example\r\nTo: boris@beta.example\r\nSubject: Lunch?\r\nDate: Sat, 23 Mar 2024 18:30:00 +0500\r\n"
    b"Message-ID: <1@alpha.example>\r\n\r\n" + b"lunch today at half past twelve?\r\n" * 17 + b".\r\n"
)
_SAYS = (
    b"EHLO a.example\r\n", b"MAIL FROM:<anna@alpha.example>\r\n", b"RCPT TO:<boris@beta.example>\r\n", b"DATA\r\n",
    _CONTENT, b"QUIT\r\n",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Server:
    """A server in a process of its own."""

    pid: int
    port: int

    def processor_seconds(self) -> float:
        """The processor time that it has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _running(which: str) -> Iterator[_Server]:
    command = [sys.executable, "-m", "tests.bench.live_child", which]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield _Server(process.pid, int(process.stdout.readline()))
        finally:
            process.kill()


async def _letter(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await _reply(reader)
    for say in _SAYS:
        writer.write(say)
        await _reply(reader)
    writer.close()


async def _reply(reader: asyncio.StreamReader) -> None:
    while True:
        line = await reader.readline()
        if line[3:4] != b"-":
            if line[:1] not in (b"2", b"3"):
                raise RuntimeError(f"the receiver said {line!r}")
            return


async def _letters(port: int, count: int) -> None:
    async def some(number: int) -> None:
        for _ in range(number):
            await _letter(port)

    await asyncio.gather(*(some(max(count // _AT_ONCE, 1)) for _ in range(_AT_ONCE)))


def _round(server: _Server) -> tuple[float, float]:
    """Letters a second, and µs of the server's processor a letter."""
    used, begin = server.processor_seconds(), time.perf_counter()
    asyncio.run(_letters(server.port, _LETTERS))
    speed = _LETTERS / (time.perf_counter() - begin)
    return speed, max(server.processor_seconds() - used, 1e-6) * 1e6 / _LETTERS


def rows() -> list[Row]:
    """Ours against the yardstick, in turns, so that what else the machine does weighs on both."""
    with _running("ours") as ours, _running("aiosmtpd") as theirs:
        for server in (ours, theirs):
            asyncio.run(_letters(server.port, _LETTERS // 5))
        turns = [(_round(ours), _round(theirs)) for _ in range(_TIMES)]
    speed, cost = (median(turn[0][which] for turn in turns) for which in (0, 1))
    their_speed, their_cost = (median(turn[1][which] for turn in turns) for which in (0, 1))
    return [
        Row(
            "live SMTP receiver against aiosmtpd, trace kept", speed / their_speed, 1, 2, "x", more=True,
            note=f"{speed:.0f} letters a second, aiosmtpd {their_speed:.0f}",
        ),
        Row(
            "the same, processor time", cost / their_cost, 1, 0.5, "x",
            note=f"{cost:.0f} µs a letter, aiosmtpd {their_cost:.0f}",
        ),
    ]  # fmt: skip
