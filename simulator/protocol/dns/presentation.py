"""Messages as dig prints them: the full form, `+short` and `+trace`, with dig's columns to the tab.

What students see here is what they will see on a real machine, so layouts are compared with dig's own output.
Nothing is taken from anywhere but the octets and what the caller measured. Source: BIND 9.18, dig(1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import dns.opcode

from simulator.protocol.dns.message import (
    AA,
    AD,
    CD,
    IN,
    QR,
    RA,
    RD,
    TC,
    Edns,
    Message,
    Question,
    RRset,
    Transport,
    rcode_text,
    type_text,
)
from simulator.protocol.dns.wire import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

VERSION: Final = "9.18-mailflow"
"""What stands after "DiG" in the first line: dig's layout, not dig."""

_FLAGS: Final = ((QR, "qr"), (AA, "aa"), (TC, "tc"), (RD, "rd"), (RA, "ra"), (AD, "ad"), (CD, "cd"))
_TAB: Final = 8
_TTL_COLUMN: Final = 24
_CLASS_COLUMN: Final = 32
_TYPE_COLUMN: Final = 40
_DATA_COLUMN: Final = 48
_COOKIE: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One answer and how it came: from `server` (an address), in `elapsed_ms`, at the time `when` (text of date(1)).

    `host` is the server's name, which only `+trace` shows.
    """

    octets: bytes
    server: str
    port: int = 53
    host: str = ""
    elapsed_ms: int = 0
    when: str = ""
    transport: Transport = "udp"


def full(
    exchange: Exchange, *, command: str, one_server: bool = False, retried: bool = False, version: str = VERSION
) -> str:
    """The whole output of dig for one answer, from the empty line before it to the one after it.

    `command` is what was typed after "dig"; `one_server` is for a server named with @; `retried` says that a
    truncated answer came first.
    """
    message = parse(exchange.octets)
    lines = [";; Truncated, retrying in TCP mode."] if retried else []
    lines += _title(command, version, one_server=one_server)
    lines += [";; Got answer:", *_header(message, exchange.octets), ""]
    lines += _opt(message)
    lines += _question(message.question)
    for title, section in (
        ("ANSWER", message.answer),
        ("AUTHORITY", message.authority),
        ("ADDITIONAL", message.additional),
    ):
        if section:
            lines += [f";; {title} SECTION:", *_lines(section), ""]
    lines += _footer(exchange)
    return "\n".join(lines) + "\n"


def short(octets: bytes) -> str:
    """The output of `dig +short`: the data of the answer section, a line each; "" for an empty answer."""
    return "".join(f"{rdata}\n" for rrset in parse(octets).answer for rdata in rrset.rdatas)


def trace(steps: Sequence[Exchange], *, command: str, one_server: bool = False, version: str = VERSION) -> str:
    """The output of `dig +trace`: for each step the records of its answer and authority, and where they came from."""
    lines = _title(command, version, one_server=one_server)
    for step in steps:
        message = parse(step.octets)
        lines += [*_lines(message.answer), *_lines(message.authority)]
        host = step.host.rstrip(".") or step.server
        lines += [
            f";; Received {len(step.octets)} bytes from {step.server}#{step.port}({host}) in {step.elapsed_ms} ms",
            "",
        ]
    return "\n".join(lines) + "\n"


def no_answer(
    *, command: str, server: str, port: int = 53, tries: int = 3, one_server: bool = False, version: str = VERSION
) -> str:
    """What dig prints when no server answered in time; it then exits with 9."""
    lines = [f";; communications error to {server}#{port}: timed out"] * tries
    lines += _title(command, version, one_server=one_server)
    return "\n".join([*lines, ";; no servers could be reached"]) + "\n"


def _title(command: str, version: str, *, one_server: bool) -> list[str]:
    found = ["; (1 server found)"] if one_server else []
    return ["", f"; <<>> DiG {version} <<>> {command}", *found, ";; global options: +cmd"]


def _header(message: Message, octets: bytes) -> list[str]:
    counts = [int.from_bytes(octets[at : at + 2], "big") for at in (4, 6, 8, 10)]
    opcode = dns.opcode.to_text(dns.opcode.Opcode.make(message.opcode))
    words = "".join(f" {word}" for bit, word in _FLAGS if message.flags & bit)
    lines = [
        f";; ->>HEADER<<- opcode: {opcode}, status: {rcode_text(message.rcode)}, id: {message.id}",
        f";; flags:{words}; QUERY: {counts[0]}, ANSWER: {counts[1]}, AUTHORITY: {counts[2]}, ADDITIONAL: {counts[3]}",
    ]
    if message.flags & RD and not message.flags & RA:
        lines.append(";; WARNING: recursion requested but not available")
    return lines


def _opt(message: Message) -> list[str]:
    edns = message.edns
    if edns is None:
        return []
    flags = " do" if edns.flags & 0x8000 else ""
    lines = [";; OPT PSEUDOSECTION:", f"; EDNS: version: {edns.version}, flags:{flags}; udp: {edns.payload}"]
    return lines + _options(edns)


def _options(edns: Edns) -> list[str]:
    lines = []
    for code, octets in edns.options:
        if code == _COOKIE:
            lines.append(f"; COOKIE: {octets.hex()}" + (" (good)" if len(octets) > 8 else ""))
            continue
        shown = "".join(chr(octet) if 0x20 <= octet < 0x7F else "." for octet in octets)
        lines.append(f"; OPT={code}: {octets.hex(' ')}" + (f' ("{shown}")' if octets else ""))
    return lines


def _question(asked: Question | None) -> list[str]:
    if asked is None:
        return []
    name = asked.name.to_text()
    line, column = _to_column(f";{name}", len(name), _CLASS_COLUMN)
    line, column = _to_column(f"{line}{_class(asked.rdclass)}", column + 2, _TYPE_COLUMN)
    return [";; QUESTION SECTION:", f"{line}{type_text(asked.type)}", ""]


def _class(number: int) -> str:
    return "IN" if number == IN else f"CLASS{number}"


def _lines(rrsets: Iterable[RRset]) -> list[str]:
    return [_line(rrset, str(rdata)) for rrset in rrsets for rdata in rrset.rdatas]


def _line(rrset: RRset, data: str) -> str:
    line = rrset.name.to_text()
    column = len(line)
    for word, column_after in (
        (str(rrset.ttl), _TTL_COLUMN),
        ("IN", _CLASS_COLUMN),
        (type_text(rrset.type), _TYPE_COLUMN),
        (data, _DATA_COLUMN),
    ):
        line, column = _to_column(line, column, column_after)
        line += word
        column += len(word)
    return line


def _to_column(line: str, column: int, wanted: int) -> tuple[str, int]:
    """Blanks to a column, one at least: tabs as far as they reach, then spaces (BIND: lib/dns/masterdump.c, indent)."""
    wanted = max(wanted, column + 1)
    tabs = wanted // _TAB - column // _TAB
    if tabs > 0:
        column = wanted // _TAB * _TAB
    return line + "\t" * tabs + " " * (wanted - column), wanted


def _footer(exchange: Exchange) -> list[str]:
    server = exchange.server
    return [
        f";; Query time: {exchange.elapsed_ms} msec",
        f";; SERVER: {server}#{exchange.port}({server}) ({exchange.transport.upper()})",
        f";; WHEN: {exchange.when}",
        f";; MSG SIZE  rcvd: {len(exchange.octets)}",
        "",
    ]
