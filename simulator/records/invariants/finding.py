"""What an invariant reports."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.engine.kinds import Record
from simulator.engine.trace import N

__all__ = ["Finding", "finding"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken promise: its name, the event that breaks it, and what is wrong."""

    promise: str
    n: int
    text: str

    def __str__(self) -> str:
        return f"event {self.n}: {self.text} [{self.promise}]"


def finding(promise: str, record: Record, text: str) -> Finding:
    """Report `record`."""
    return Finding(promise, record[N], text)
