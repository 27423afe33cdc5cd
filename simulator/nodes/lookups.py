"""Questions to DNS as mail software asks them: the name of an address, the addresses of a name."""

from __future__ import annotations

from collections.abc import Generator
from functools import lru_cache
from typing import Any

from simulator.nodes.host import Host
from simulator.nodes.stub import look_up
from simulator.protocol.dns.stub import LookupResult

__all__ = ["addresses_of", "reverse_name"]

_LOOPBACK = ("127.0.0.1", "::1")


def addresses_of(host: Host, name: str) -> Generator[Any, Any, LookupResult]:
    """Look up A, and AAAA where there is no A."""
    result: LookupResult = yield from look_up(host, name, "A")
    if result.status == "nodata":
        result = yield from look_up(host, name, "AAAA")
    return result


def reverse_name(host: Host, address: str) -> Generator[Any, Any, str]:
    """Return the name that PTR gives an address, "unknown" without one (RFC 1035, 3.5)."""
    if address in _LOOPBACK:
        return "localhost"
    result: LookupResult = yield from look_up(host, reverse_domain(address), "PTR")
    return result.names[0] if result.names else "unknown"


@lru_cache(maxsize=1024)
def reverse_domain(address: str) -> str:
    """Return the name under in-addr.arpa or ip6.arpa for an address."""
    from ipaddress import ip_address

    return ip_address(address).reverse_pointer
