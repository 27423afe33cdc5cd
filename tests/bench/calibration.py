"""The row that scales all absolute ones: a delivery of the first prototype, in public SimPy (`Timeout` + callback).

36 events and 40 trace records: three connections, each chunk of octets one event, cut into lines, looked up in a table,
answered by a prebuilt reply, and written down. Nothing of ours is in it, so that it measures only machine and Python.

The prototype is gone, and its delivery did more between two events than this one. Where this one costs 43 µs, everything
else that the budget's document gives a time for (RSA, a record's tuple, imports) takes what it says there, within a
tenth: so 43 µs here stand for its 109 µs.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import simpy

from tests.bench.measure import Row, processor_us

__all__ = ["REFERENCE_US", "calibration_us", "factor", "rows"]

REFERENCE_US = 43.0
"""µs that the row costs on the machine of the budget (109 µs with all that the prototype did)."""

_LETTERS = 1_000
_REPLIES = {
    b"EHLO": b"250-mail.example\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250 8BITMIME\r\n",
    b"MAIL": b"250 2.1.0 Ok\r\n",
    b"RCPT": b"250 2.1.5 Ok\r\n",
    b"DATA": b"354 End data with <CR><LF>.<CR><LF>\r\n",
    b"QUIT": b"221 2.0.0 Bye\r\n",
    b"USER": b"+OK\r\n",
    b"RETR": b"+OK 600 octets\r\n",
}
_NEXT = {"start": {b"EHLO": "ready"}, "ready": {b"MAIL": "mail", b"USER": "ready"}, "mail": {b"RCPT": "rcpt"}}
_LETTER = b"From: anna@alpha.example\r\nSubject: Lunch\r\n\r\n" + b"lunch today at half past twelve?\r\n" * 17
_DIALOGUE = (
    b"EHLO pc.example\r\n", b"MAIL FROM:<anna@alpha.example> SIZE=600\r\nRCPT TO:<boris@beta.example>\r\nDATA\r\n",
    _LETTER, b".\r\n", b"QUIT\r\n", b"",
)  # fmt: skip


class _Session:
    """One connection of the stand-in: six chunks there, six back."""

    def __init__(self, env: simpy.Environment, trace: list[tuple[Any, ...]]) -> None:
        self.env, self.trace, self.state, self.step = env, trace, "start", 0

    def go_on(self, _: simpy.Event) -> None:
        if self.step < len(_DIALOGUE):
            chunk = _DIALOGUE[self.step]
            self.step += 1
            self.write("tcp.data", chunk)
            self.after(lambda event: self.answer(chunk))

    def answer(self, chunk: bytes) -> None:
        replies = []
        for line in chunk.split(b"\r\n") if len(chunk) < 500 else (b"",):
            verb, _, _ = line.partition(b" ")
            reply = _REPLIES.get(verb.upper())
            if reply is not None:
                self.state = _NEXT.get(self.state, {}).get(verb, self.state)
                replies.append(reply)
        self.write("tcp.data", b"".join(replies))
        self.after(self.go_on)

    def write(self, kind: str, octets: bytes) -> None:
        record = (len(self.trace), self.env.now, kind, "a", "a", "b", 1, 1, "transfer", None, (), None, octets)
        self.trace.append(record)

    def after(self, callback: Any) -> None:
        timeout = simpy.Timeout(self.env, 20_000)
        timeout.callbacks.append(callback)


def _deliveries() -> None:
    trace: list[tuple[Any, ...]] = []
    env = simpy.Environment()
    for _ in range(_LETTERS):
        for _ in range(3):
            session = _Session(env, trace)
            session.after(session.go_on)
        env.run()
        trace.clear()


@cache
def calibration_us() -> float:
    """Return what the row costs here, in µs of processor time: the best of seven."""
    return min(processor_us(_deliveries, count=_LETTERS) for _ in range(7))


def factor() -> float:
    """Return by how much the absolute musts are scaled on this machine."""
    return calibration_us() / REFERENCE_US


def rows() -> list[Row]:
    """The calibration as a row of the table."""
    note = f"{REFERENCE_US:.0f} µs stand for the budget's 109 µs: absolute musts are scaled by {factor():.2f}"
    return [Row("public SimPy: Timeout + callback", calibration_us(), unit="µs", note=note)]
