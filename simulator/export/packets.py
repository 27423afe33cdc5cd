"""Datagrams and segments as octets: IPv4, IPv6, UDP and TCP headers with their checksums.

A capture is judged by programs that check every sum, so nothing in a header is left at zero. RFC 791, 8200, 768,
9293; the sum: RFC 1071.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

__all__ = ["ACK", "FIN", "PSH", "RST", "SYN", "Segment", "Wire", "mss"]

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10

_TCP: Final = 6
_UDP: Final = 17
_TTL: Final = 64
_DONT_FRAGMENT: Final = 0x4000
_WINDOW: Final = 65_535
_WINDOW_SCALE: Final = 10  # 64 MiB: a letter leaves in one chunk and must fit (RFC 7323, 2)
_MTU: Final = 1_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A TCP segment; numbers are taken modulo 2^32."""

    source_port: int
    port: int
    sequence: int
    acknowledges: int
    flags: int
    octets: bytes = b""


def mss(address: str) -> int:
    """The most octets of the stream that one segment carries on an Ethernet: 1460 (IPv4) or 1440 (IPv6)."""
    return _MTU - (60 if ":" in address else 40)


class Wire:
    """Makes the datagrams from one address to another; both are IPv4 or both IPv6. Raises ValueError otherwise."""

    __slots__ = ("_count", "_ends", "_mss", "_version")

    def __init__(self, source: str, destination: str) -> None:
        first, second = ip_address(source), ip_address(destination)
        if first.version != second.version:
            raise ValueError(f"{source} and {destination} do not speak the same version of IP")
        self._version = first.version
        self._ends = first.packed + second.packed
        self._mss = mss(source)
        self._count = 0

    def udp(self, source_port: int, port: int, octets: bytes) -> bytes:
        """One datagram of UDP."""
        length = 8 + len(octets)
        total = self._checksum(_UDP, length, struct.pack("!HHHH", source_port, port, length, 0) + octets)
        return self._ip(_UDP, struct.pack("!HHHH", source_port, port, length, total or 0xFFFF) + octets)

    def tcp(self, segment: Segment) -> bytes:
        """One segment of TCP; a SYN carries the options MSS and window scale."""
        options = b""
        if segment.flags & SYN:
            options = struct.pack("!BBHBBBB", 2, 4, self._mss, 1, 3, 3, _WINDOW_SCALE)
        head = struct.pack(
            "!HHIIBBH",
            segment.source_port,
            segment.port,
            segment.sequence & 0xFFFFFFFF,
            segment.acknowledges & 0xFFFFFFFF,
            (20 + len(options)) // 4 << 4,
            segment.flags,
            _WINDOW,
        )
        rest = options + segment.octets
        total = self._checksum(_TCP, 20 + len(rest), head + bytes(4) + rest)
        return self._ip(_TCP, head + struct.pack("!HH", total, 0) + rest)

    def _checksum(self, protocol: int, length: int, octets: bytes) -> int:
        return _sum(self._ends + struct.pack("!II", length, protocol) + octets)

    def _ip(self, protocol: int, octets: bytes) -> bytes:
        if self._version == 6:
            return struct.pack("!IHBB", 0x60000000, len(octets), protocol, _TTL) + self._ends + octets
        return _ipv4(self._ends, protocol, self._next(), len(octets)) + octets

    def _next(self) -> int:
        self._count += 1
        return self._count & 0xFFFF


def _ipv4(ends: bytes, protocol: int, number: int, length: int) -> bytes:
    head = struct.pack("!BBHHHBB", 0x45, 0, 20 + length, number, _DONT_FRAGMENT, _TTL, protocol)
    return head + struct.pack("!H", _sum(head + bytes(2) + ends)) + ends


def _sum(octets: bytes) -> int:
    """The Internet checksum: the complement of the sum in one's complement, which is the number modulo 65535."""
    if len(octets) % 2:
        octets += b"\0"
    rest = int.from_bytes(octets, "big") % 0xFFFF
    return 0xFFFF - (rest or 0xFFFF)
