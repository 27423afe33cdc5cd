"""The kinds of record that the engine itself writes: octets on links, and what set the world in motion."""

from __future__ import annotations

from simulator.engine.kinds import Field, kind

__all__ = [
    "ACTION",
    "FAULT",
    "NOTE",
    "TAP_SAW",
    "TCP_CHANGED",
    "TCP_CLOSE",
    "TCP_CONNECT",
    "TCP_DATA",
    "TCP_LOST",
    "UDP_DATA",
    "UDP_LOST",
    "WORLD",
]

WORLD = kind(
    "world",
    "a person, host, link or zone was set up, a certificate with a fault, or a policy",
    Field("what", str, "person, host, link, zone, certificate or policy"),
    Field("name", str, "its name in the scenario"),
    Field("detail", str, "addresses, services or latency, in words"),
)
ACTION = kind(
    "action",
    "a line of the timeline took place",
    Field("do", str, "send, fetch, read, move, delete, dig or note"),
    Field("who", str, "the person who did it"),
    Field("detail", str, "what was done, in words"),
)
FAULT = kind(
    "fault",
    "a fault of the scenario began or ended",
    Field("what", str, "the fault's id"),
    Field("target", str, "the host or link"),
    Field("state", str, "begins or ends"),
)
NOTE = kind("note", "a remark of the scenario's author", Field("text", str, "the remark"))
TCP_CONNECT = kind(
    "tcp.connect",
    "a connection was asked for, and this came of it",
    Field("port", int, "the port asked for"),
    Field("address", str, "the address asked for"),
    Field("source", str, "address:port of the side that asked"),
    Field("result", str, "connected, refused, unreachable or timeout"),
    Field("local", bool, "whether it stays on one host (its own loopback)"),
)
TCP_DATA = kind(
    "tcp.data",
    "octets were put on a link (a primary record: all else about the protocol is derived from it)",
    Field("octets", bytes, "what the sender said, before TLS seals it"),
    Field("direction", str, "> from the side that opened the connection, < towards it"),
    Field("size", int, "octets on the wire, nominal under TLS"),
    Field("tls", bool, "whether it travelled under TLS"),
    Field("flight", str, "the name of a TLS handshake flight, which carries no octets of the protocol"),
    Field(
        "sealed", bytes, "the TLS records as they were, for captures; not part of the canonical trace", canonical=False
    ),
)
TCP_CLOSE = kind(
    "tcp.close", "one side ended the connection", Field("how", str, "fin, reset, cut (on the way) or down")
)
TCP_CHANGED = kind(
    "tcp.changed",
    "octets were changed on the way, by somebody on the link",
    Field("octets", bytes, "what arrives instead"),
    Field("direction", str, "> from the side that opened the connection, < towards it"),
    Field("size", int, "octets on the wire"),
)
TAP_SAW = kind(
    "tap.saw",
    "somebody who listens on the link saw octets pass",
    Field("octets", bytes, "what could be read, empty where TLS seals it"),
    Field("clear", bool, "whether it could be read"),
    Field("direction", str, "> from the side that opened the connection, < towards it"),
    Field("port", int, "the port of the service"),
    Field("size", int, "octets on the wire, nominal under TLS"),
    Field("flight", str, "the name of a TLS handshake flight, which carries no octets of the protocol"),
)
TCP_LOST = kind("tcp.lost", "octets were lost on the way", Field("size", int, "octets"), Field("reason", str, "why"))
UDP_DATA = kind(
    "udp.data",
    "a datagram was put on a link (a primary record)",
    Field("octets", bytes, "its content"),
    Field("direction", str, "> towards the service, which has the lower port, < back from it"),
    Field("port", int, "the port it goes to"),
    Field("source_port", int, "the port it comes from"),
    Field("address", str, "the address it goes to"),
    Field("source", str, "the address it comes from"),
)
UDP_LOST = kind(
    "udp.lost", "a datagram was lost on the way", Field("port", int, "its port"), Field("reason", str, "why")
)
