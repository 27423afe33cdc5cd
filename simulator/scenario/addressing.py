"""Hands out addresses for documentation that nobody in the world uses yet.

Always in the same order, so that the same file gives the same world. RFC 5737 (the three networks).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Final

NETWORKS: Final = ("192.0.2", "198.51.100", "203.0.113")
_HIGHEST: Final = 254


class Addresses:
    """The addresses that are still free."""

    def __init__(self, used: Iterable[str]) -> None:
        self._used = set(used)
        self._next_six = 1
        self._full: set[int] = set()

    def use(self, addresses: Iterable[str]) -> None:
        """Take these out."""
        self._used.update(addresses)

    def take(self, network: int, first: int) -> str:
        """The first free address of a network from octet `first` upward, else of the next one."""
        for step in range(len(NETWORKS)):
            number = (network + step) % len(NETWORKS)
            prefix = NETWORKS[number]
            if number in self._full:
                continue
            for octet in (*range(first, _HIGHEST + 1), *range(1, first)):
                if f"{prefix}.{octet}" not in self._used:
                    return self._taken(f"{prefix}.{octet}")
            self._full.add(number)
        return self._six()

    def take_last(self) -> str:
        """The last free address of the last network: for machines that nobody wrote."""
        for prefix in reversed(NETWORKS):
            for octet in range(_HIGHEST, 0, -1):
                if f"{prefix}.{octet}" not in self._used:
                    return self._taken(f"{prefix}.{octet}")
        return self._six()

    def _six(self) -> str:
        while (address := str(ipaddress.IPv6Address((0x20010DB8 << 96) + self._next_six))) in self._used:
            self._next_six += 1
        return self._taken(address)

    def _taken(self, address: str) -> str:
        self._used.add(address)
        return address
