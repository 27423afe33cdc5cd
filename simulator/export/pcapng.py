"""A trace as a capture file that Wireshark and its kin read: every packet that was on a link or a loopback.

The capture stands nowhere and sees everything: a packet has the time at which it left its sender. Link type is raw IP,
since the simulator has no Ethernet addresses; loopbacks are interfaces of their own. Form: draft-ietf-opsawg-pcapng.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from ..engine.base_kinds import TCP_CONNECT, UDP_DATA
from ..engine.kinds import Record
from ..engine.trace import CAUSE, FROM, KIND, SESSION, TO, N, T, value
from ..records.describe import describe
from ..records.kinds_dns import DNS_ANSWER, DNS_QUERY
from ..records.kinds_smtp import TLS_ESTABLISHED
from ..safe import safe_text
from ..text import _
from .arrivals import Arrivals
from .packets import Wire
from .segments import Ends, Sent, segments

__all__ = ["Capture", "capture"]

_SECTION: Final = 0x0A0D0D0A
_INTERFACE: Final = 1
_NAMES: Final = 4
_PACKET: Final = 6
_SECRETS: Final = 10
_TLS_KEY_LOG: Final = 0x544C534B
_LINK_RAW_IP: Final = 101
_SNAP: Final = 262_144
_COMMENT, _IF_NAME, _USER_APPLICATION, _OUTBOUND = 1, 2, 4, 2
_COMMENT_CHARACTERS: Final = 400
_LINKS: Final = "links"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A finished capture: the file's octets, how many packets, and what could not be shown in it.

    `in_clear` are sessions under TLS whose sealed octets the trace does not hold: they stand there as plaintext.
    `left_out` are sessions whose opening is missing, or whose ends have addresses of different versions of IP.
    """

    octets: bytes
    packets: int
    in_clear: tuple[int, ...]
    left_out: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Packet:
    sent: Sent
    interface: str
    about: Record | None = None
    """The record that says what a datagram means."""


def capture(records: Sequence[Record], chosen: Iterable[Record] | None = None, *, epoch: int = 0) -> Capture:
    """Make a capture of a whole trace, or of what `chosen` records belong to.

    A session is in it if one of its records is chosen; a datagram, if it or the record that caused it is. `epoch` is
    the time at the start of the scenario in µs since 1970.
    """
    wanted = _Wanted(records, chosen)
    maker = _Maker(records)
    packets = list(maker.datagrams(record for record in records if wanted.datagram(record)))
    for session in wanted.sessions:
        packets += maker.connection(session)
    packets.sort(key=lambda packet: packet.sent.t)
    blocks = [_section_block()]
    interfaces = {name: number for number, name in enumerate(dict.fromkeys([_LINKS, *(p.interface for p in packets)]))}
    blocks += [_interface_block(name) for name in interfaces]
    blocks += [_names_block(maker.names), _secrets_block(records, wanted.sessions)]
    remarks = _Remarks()
    blocks += [_packet_block(p, interfaces[p.interface], epoch, remarks.about(p)) for p in packets]
    return Capture(
        octets=b"".join(blocks),
        packets=len(packets),
        in_clear=tuple(maker.in_clear),
        left_out=tuple(maker.left_out),
    )


class _Wanted:
    """Which sessions and datagrams belong into the capture."""

    def __init__(self, records: Sequence[Record], chosen: Iterable[Record] | None) -> None:
        found = list(records if chosen is None else chosen)
        self._numbers = {record[N] for record in found}
        self.sessions = sorted({record[SESSION] for record in found if record[SESSION] is not None})

    def datagram(self, record: Record) -> bool:
        """Whether a record is a datagram that was asked for."""
        return record[KIND] is UDP_DATA and (record[N] in self._numbers or record[CAUSE] in self._numbers)


class _Maker:
    """Makes packets, and remembers whose addresses stand in them."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._arrivals = Arrivals(records)
        self._sessions: dict[int, list[Record]] = {}
        for record in records:
            if record[SESSION] is not None and record[KIND].name.startswith("tcp."):
                self._sessions.setdefault(record[SESSION], []).append(record)
        self._wires: dict[tuple[str, str], Wire] = {}
        self._loopbacks: dict[str, int] = {}
        self.names: dict[str, str] = {}
        self.in_clear: list[int] = []
        self.left_out: list[int] = []

    def datagrams(self, records: Iterable[Record]) -> Iterator[_Packet]:
        """Give the datagrams."""
        for record in records:
            source, target = self._addresses(record, value(record, "source"), value(record, "address"))
            if ip_address(source).version != ip_address(target).version:
                continue
            wire = self._wires.setdefault((source, target), Wire(source, target))
            octets = wire.udp(value(record, "source_port"), value(record, "port"), value(record, "octets"))
            yield _Packet(Sent(record[T], octets, record), self._interface(record), self._arrivals.cause(record))

    def connection(self, session: int) -> list[_Packet]:
        """Give the packets of a connection; none if it cannot be shown."""
        records = self._sessions.get(session, [])
        if not records or records[0][KIND] is not TCP_CONNECT:
            self.left_out.append(session)
            return []
        connect = records[0]
        host, _colon, port = value(connect, "source").rpartition(":")
        source, target = self._addresses(connect, host.strip("[]"), value(connect, "address"))
        ends = Ends(source=source, source_port=int(port), address=target, port=value(connect, "port"))
        try:
            made = list(segments(records, ends, self._arrivals))
        except ValueError:
            self.left_out.append(session)
            return []
        if any(_is_unsealed(record) for record in records):
            self.in_clear.append(session)
        return [_Packet(sent, self._interface(connect)) for sent in made]

    def _addresses(self, record: Record, source: str, target: str) -> tuple[str, str]:
        """The addresses as captured, named; every host's own loopback gets an address of its own, to be told apart."""
        own, other = record[FROM] or "", record[TO] or ""
        if source == target == "127.0.0.1":
            number = self._loopbacks.setdefault(own, len(self._loopbacks) + 1)
            source = target = f"127.0.{number >> 8}.{number & 0xFF}"
            own = other = f"localhost.{own}"
        self.names.setdefault(source, own)
        if other:
            self.names.setdefault(target, other)
        return source, target

    def _interface(self, record: Record) -> str:
        return f"loopback of {record[FROM]}" if record[FROM] == record[TO] else _LINKS


def _is_unsealed(record: Record) -> bool:
    return record[KIND].name == "tcp.data" and value(record, "tls") and not value(record, "sealed")


# The blocks of the file, little-endian


def _block(kind: int, body: bytes) -> bytes:
    length = 12 + len(body)
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def _padded(octets: bytes) -> bytes:
    return octets + bytes(-len(octets) % 4)


def _option(code: int, octets: bytes) -> bytes:
    return struct.pack("<HH", code, len(octets)) + _padded(octets)


_END_OF_OPTIONS: Final = bytes(4)


def _section_block() -> bytes:
    body = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + _option(_USER_APPLICATION, b"mailflow") + _END_OF_OPTIONS
    return _block(_SECTION, body)


def _interface_block(name: str) -> bytes:
    head = struct.pack("<HHI", _LINK_RAW_IP, 0, _SNAP)
    return _block(_INTERFACE, head + _option(_IF_NAME, safe_text(name).encode()) + _END_OF_OPTIONS)


def _names_block(names: dict[str, str]) -> bytes:
    """Which host has which address (a Name Resolution Block)."""
    body = b""
    for address, name in names.items():
        packed = ip_address(address).packed
        body += _option(1 if len(packed) == 4 else 2, packed + safe_text(name).encode() + b"\0")
    return _block(_NAMES, body + _END_OF_OPTIONS)


def _secrets_block(records: Iterable[Record], sessions: Iterable[int]) -> bytes:
    """The key log of the sessions (a Decryption Secrets Block); no block where there are no secrets."""
    wanted = set(sessions)
    secrets = b"".join(
        value(record, "secrets") or b""
        for record in records
        if record[KIND] is TLS_ESTABLISHED and record[SESSION] in wanted
    )
    return _block(_SECRETS, struct.pack("<II", _TLS_KEY_LOG, len(secrets)) + _padded(secrets)) if secrets else b""


def _packet_block(packet: _Packet, interface: int, epoch: int, remark: bytes) -> bytes:
    sent = packet.sent
    when = epoch + sent.t
    size = len(sent.octets)
    head = struct.pack("<IIIII", interface, when >> 32, when & 0xFFFFFFFF, size, size)
    return _block(_PACKET, head + _padded(sent.octets) + _option(_COMMENT, remark) + _END_OF_OPTIONS)


class _Remarks:
    """The comments; one record may need thousands of packets, and is described once."""

    def __init__(self) -> None:
        self._texts: dict[int, str] = {}

    def about(self, packet: _Packet) -> bytes:
        """The event's number and what it is; of a datagram, what the record that caused it says about it."""
        record = packet.sent.record
        event = f"e{record[N]}"
        if packet.sent.only_acknowledges:
            return _("acknowledges {event}").format(event=event).encode()
        if record[N] not in self._texts:
            told = packet.about is not None and packet.about[KIND] in (DNS_QUERY, DNS_ANSWER)
            text = describe(packet.about if packet.about is not None and told else record)
            self._texts[record[N]] = safe_text(f"{event} {text}")[:_COMMENT_CHARACTERS]
        return self._texts[record[N]].encode()
