"""Small things that everybody who holds a connection knows: its ends, its timers, and that nothing came."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, Protocol

__all__ = ["Endpoint", "StreamTimeout", "Timers", "endpoint"]


class StreamTimeout(Exception):
    """Nothing came in the time allowed."""


class Endpoint(NamedTuple):
    """One end of a connection: the host's name, its address and the port."""

    node: str
    address: str
    port: int

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


endpoint: Callable[[tuple[str, str, int]], Endpoint] = partial(tuple.__new__, Endpoint)
"""Makes an `Endpoint` of its three values, at a third of the price."""


class Timers(Protocol):
    """What measures how long somebody is silent: µs, and calls that can be taken back."""

    @property
    def now(self) -> int: ...

    def call_later(self, delay: int, callback: Callable[[Any], None], argument: Any = None) -> Any: ...
    def cancel(self, token: Any) -> None: ...
