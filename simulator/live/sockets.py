"""Real sockets on loopback: a port for every place of the world, found before the world begins.

With a base every port is known beforehand; without one the first base is taken whose ports are all free.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from simulator.errors import UsageError
from simulator.live.places import BLOCK, House, Place
from simulator.text import _

__all__ = ["ANYWHERE", "Opened", "open_all"]

ANYWHERE: Final = 0
"""The base that leaves the choice of every port to the system."""

_BASES: Final = (10_000, 20_000, 30_000, 50_000)
_HIGHEST: Final = 65_535
_BACKLOG: Final = 1_024
_TRIES: Final = 50
_LOOPBACK: Final = "127.0.0.1"
_EVERYWHERE: Final = "0.0.0.0"


@dataclass(frozen=True, slots=True)
class Opened:
    """The sockets of one place: `stream` listens, `datagrams` is None where there are none."""

    place: Place
    port: int
    stream: socket.socket
    datagrams: socket.socket | None = None

    def close(self) -> None:
        """Give the port back."""
        self.stream.close()
        if self.datagrams is not None:
            self.datagrams.close()


def open_all(houses: tuple[House, ...], base: int | None, *, expose: bool = False) -> dict[Place, Opened]:
    """Open a port for every place; one that several houses share is opened once.

    Raises UsageError when a port is taken, or when `base` leaves no room below 65536.
    """
    wanted = _wanted(houses)
    if base is not None and base != ANYWHERE:
        return _open_block(wanted, base, expose=expose)
    for choice in () if base == ANYWHERE else _BASES:
        try:
            return _open_block(wanted, choice, expose=expose)
        except UsageError:
            continue
    return _open_block(wanted, ANYWHERE, expose=expose)


def _wanted(houses: tuple[House, ...]) -> dict[Place, int]:
    """Return every place with its distance from the base; the first house that has it decides."""
    found: dict[Place, int] = {}
    for number, house in enumerate(houses):
        for place in house.places.values():
            found.setdefault(place, number * BLOCK + place.offset)
    return found


def _open_block(wanted: dict[Place, int], base: int, *, expose: bool) -> dict[Place, Opened]:
    highest = base + max(wanted.values(), default=0)
    if highest > _HIGHEST:
        raise UsageError(
            _("--port-base {base} leaves no room: port {port} would be needed; choose a smaller one").format(
                base=base, port=highest
            )
        )
    opened: dict[Place, Opened] = {}
    try:
        for place, offset in wanted.items():
            opened[place] = _open(place, base + offset if base else ANYWHERE, _EVERYWHERE if expose else _LOOPBACK)
    except OSError as error:
        _close(opened.values())
        port = base + offset
        raise UsageError(
            _("port {port} cannot be used ({reason}); choose another --port-base, or 0 for ports that are free").format(
                port=port, reason=error.strerror
            )
        ) from error
    return opened


def _close(opened: Iterable[Opened]) -> None:
    for one in opened:
        one.close()


def _open(place: Place, port: int, address: str) -> Opened:
    """Open both transports of a place on one port; where the system chooses, until it finds one free for both."""
    for remaining in reversed(range(_TRIES if port == ANYWHERE else 1)):
        stream = _bound(socket.SOCK_STREAM, address, port)
        stream.listen(_BACKLOG)
        chosen = int(stream.getsockname()[1])
        if not place.datagrams:
            return Opened(place, chosen, stream)
        try:
            return Opened(place, chosen, stream, _bound(socket.SOCK_DGRAM, address, chosen))
        except OSError:
            stream.close()
            if not remaining:
                raise
    raise AssertionError("there is at least one try")


def _bound(kind: socket.SocketKind, address: str, port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, kind)
    try:
        made.setblocking(False)
        if kind == socket.SOCK_STREAM:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((address, port))
    except OSError:
        made.close()
        raise
    return made
