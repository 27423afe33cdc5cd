"""A reader of pcapng files, written from the format's draft and not from our writer."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from ipaddress import ip_address


@dataclass(slots=True)
class Packet:
    """One Enhanced Packet Block with a raw IP packet, taken apart."""

    t: int
    interface: str
    comment: str
    octets: bytes
    protocol: int = 0
    source: str = ""
    target: str = ""
    ports: tuple[int, int] = (0, 0)
    sequence: int = 0
    acknowledges: int = 0
    flags: str = ""
    payload: bytes = b""

    def __post_init__(self) -> None:
        if self.octets[0] >> 4 == 4:
            size, self.protocol = (self.octets[0] & 15) * 4, self.octets[9]
            ends, rest = self.octets[12:20], self.octets[size:]
            assert struct.unpack("!H", self.octets[2:4])[0] == len(self.octets)
            assert folded(self.octets[:size]) == 0xFFFF
        else:
            self.protocol, ends, rest = self.octets[6], self.octets[8:40], self.octets[40:]
            assert struct.unpack("!H", self.octets[4:6])[0] == len(rest)
        half = len(ends) // 2
        self.source, self.target = str(ip_address(ends[:half])), str(ip_address(ends[half:]))
        assert folded(ends + struct.pack("!II", len(rest), self.protocol) + rest) == 0xFFFF, "checksum"
        self.ports = struct.unpack("!HH", rest[:4])
        if self.protocol == 17:
            self.payload = rest[8:]
            return
        self.sequence, self.acknowledges = struct.unpack("!II", rest[4:12])
        self.flags = "".join(name for bit, name in enumerate("FSRPA") if rest[13] >> bit & 1)
        self.payload = rest[(rest[12] >> 4) * 4 :]


@dataclass(slots=True)
class File:
    """What stands in a capture file."""

    interfaces: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    secrets: str = ""
    packets: list[Packet] = field(default_factory=list)


def folded(octets: bytes) -> int:
    """The sum of RFC 1071, added up word by word; 0xFFFF where the checksum in the octets is right."""
    octets += bytes(len(octets) % 2)
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def read(octets: bytes) -> File:
    """Read a file of one little-endian section."""
    made, at = File(), 0
    while at < len(octets):
        kind, length = struct.unpack_from("<II", octets, at)
        assert length % 4 == 0 and struct.unpack_from("<I", octets, at + length - 4)[0] == length
        body = octets[at + 8 : at + length - 4]
        if kind == 1:
            assert struct.unpack("<H", body[:2])[0] == 101, "raw IP"
            made.interfaces.append(options(body[8:])[2].decode())
        elif kind == 4:
            made.names |= dict(names(body))
        elif kind == 10:
            size = struct.unpack("<I", body[4:8])[0]
            made.secrets += body[8 : 8 + size].decode()
        elif kind == 6:
            made.packets.append(_packet(made, body))
        else:
            assert kind == 0x0A0D0D0A
        at += length
    return made


def _packet(made: File, body: bytes) -> Packet:
    number, high, low, size, whole = struct.unpack_from("<IIIII", body)
    assert size == whole
    comment = options(body[20 + size + -size % 4 :])[1].decode()
    return Packet(high << 32 | low, made.interfaces[number], comment, body[20 : 20 + size])


def names(octets: bytes) -> list[tuple[str, str]]:
    """The addresses and names of a Name Resolution Block."""
    found, at = [], 0
    while True:
        code, size = struct.unpack_from("<HH", octets, at)
        if code == 0:
            return found
        value, width = octets[at + 4 : at + 4 + size], {1: 4, 2: 16}[code]
        assert value.endswith(b"\0")
        found.append((str(ip_address(value[:width])), value[width:-1].decode()))
        at += 4 + size + -size % 4


def options(octets: bytes) -> dict[int, bytes]:
    """The options by their codes."""
    found, at = {}, 0
    while True:
        code, size = struct.unpack_from("<HH", octets, at)
        if code == 0:
            return found
        found[code] = octets[at + 4 : at + 4 + size]
        at += 4 + size + -size % 4
