"""Writes the whole world of a scenario as YAML: what the author wrote and everything that was made from it.

It is what `mailflow validate --full` prints, so that an author can copy a part and change it; it loads again to the
same world. Own writer, since PyYAML's neither keeps block scalars readable nor knows which of our texts need quotes.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from simulator.safe import safe_text
from simulator.scenario.model import Action, Expect, Fault, Host, Link, Person, Scenario, ZoneText

_PLAIN: Final = re.compile(r"(?![0-9]+:)[A-Za-z0-9][A-Za-z0-9@._/+:-]*(?<!:)")
_UNITS: Final = (("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000), ("ms", 1_000))
Pairs = Iterable[tuple[str, object]]


def full_text(scenario: Scenario) -> str:
    """The world as YAML text; loading it again gives an equal model."""
    return "\n".join([*_head(scenario), *_world(scenario), *_story(scenario), ""])


def duration(us: int) -> str:
    """Microseconds as a scenario writes them, such as `1h30m`."""
    if not us:
        return "0s"
    parts = []
    for unit, size in _UNITS:
        count, us = divmod(us, size)
        parts.append(f"{count}{unit}" if count else "")
    return "".join(parts) + (f"{us / 1000:g}ms" if us else "")


def _head(scenario: Scenario) -> Iterator[str]:
    yield "mailflow: 1"
    yield from _pairs(
        [
            ("id", scenario.id),
            ("language", scenario.language),
            ("title", scenario.text_of("title", scenario.language) or scenario.title),
            ("summary", scenario.text_of("summary", scenario.language)),
            ("names", scenario.names if scenario.names != "documentation" else ""),
            ("start", _moment(scenario)),
            ("seed", str(scenario.seed)),
        ]
    )
    yield from _block(
        "params", [(name, f"{{choose: [{_flow(value)}]}}") for name, value in scenario.params.items()], "{}"
    )


def _moment(scenario: Scenario) -> str:
    local = datetime(1970, 1, 1) + timedelta(microseconds=scenario.start_us, minutes=scenario.offset_minutes)
    hours, minutes = divmod(abs(scenario.offset_minutes), 60)
    return f"{local:%Y-%m-%d %H:%M:%S} {'-' if scenario.offset_minutes < 0 else '+'}{hours:02}:{minutes:02}"


def _world(scenario: Scenario) -> Iterator[str]:
    yield from _block("people", [(_scalar(person.address), _person(person)) for person in scenario.people], "{}")
    yield "hosts:" if scenario.hosts else "hosts: {}"
    for host in scenario.hosts:
        yield f"  {host.id}:"
        yield from _pairs(_host(host), "    ")
    yield "links:" if scenario.links else "links: []"
    yield from (f"  - {_link(link)}" for link in scenario.links)
    yield "zones:" if scenario.zones else "zones: {}"
    for zone in scenario.zones:
        yield from _zone(zone)


def _person(person: Person) -> str:
    pairs: list[tuple[str, object]] = [
        ("name", person.name),
        ("password", person.password),
        ("aliases", person.aliases),
        ("quota", person.quota and f"{person.quota}B"),
    ]
    return _flow_map(pairs)


def _host(host: Host) -> Pairs:
    yield "kind", host.kind
    yield "name", host.name
    yield "ip", host.addresses if len(host.addresses) > 1 else host.address
    yield "user", host.user
    yield "sends-via", str(host.sends_via) if host.sends_via else None
    yield "reads-via", str(host.reads_via) if host.reads_via else None
    yield "leave-on-server", "yes" if host.leave_on_server else None
    yield "downloads", None if host.downloads == "all" else host.downloads
    yield "keeps-sent", None if host.keeps_sent == "here" else host.keeps_sent
    yield "domains", host.domains
    if host.kind == "mail-server":
        yield "services", [service.name for service in host.services]
    yield "filters", host.filters
    yield "policy", _policy(host)
    yield "tls", None if host.tls == "off" else host.tls
    yield "certificate", host.certificate
    if host.kind == "name-server":
        yield "serves", list(host.serves)
    yield "listens-to", host.taps
    yield "resolver", host.resolver
    yield "implied", "yes" if host.implied else None


def _policy(host: Host) -> _Flow | None:
    """Write what differs from what every server does."""
    relay = None if host.relay == "own" else host.relay
    auth = None if host.auth == ("plain",) else host.auth
    clear = "yes" if host.login_in_clear else None
    check = None if host.quota_check == "rcpt" else host.quota_check
    pairs: list[tuple[str, object]] = [
        ("relay", relay),
        ("auth", auth),
        ("login-in-clear", clear),
        ("quota-check", check),
        ("when-full", host.when_full),
        ("offers", None if host.offers is None else list(host.offers)),
        ("converts", None if host.converts else "no"),
        ("chunking", "yes" if host.chunking else None),
    ]
    return _Flow(_flow_map(pairs)) if any(value is not None for _, value in pairs) else None


def _link(link: Link) -> str:
    bandwidth = f"{link.bandwidth_bps}bit" if link.bandwidth_bps else None
    return _flow_map([("between", (link.a, link.b)), ("latency", duration(link.latency_us)), ("bandwidth", bandwidth)])


def _zone(zone: ZoneText) -> Iterator[str]:
    yield f"  {_scalar(zone.name)}: {_text(zone.text, 4)}"


def _story(scenario: Scenario) -> Iterator[str]:
    yield "timeline:" if scenario.timeline else "timeline: []"
    for action in scenario.timeline:
        yield from _item(_action(action))
    yield "faults:" if scenario.faults else "faults: []"
    for fault in scenario.faults:
        yield from _item(_fault(fault))
    yield "expect:" if scenario.expect else "expect: []"
    for entry in scenario.expect:
        yield from _item(_expect(entry, scenario))


def _action(action: Action) -> Pairs:
    yield "at", duration(action.at_us)
    yield "id", action.id
    yield "who", action.who
    yield "host", action.host
    yield "do", action.do
    yield "to", action.to
    yield "cc", action.cc
    yield "bcc", action.bcc
    yield "subject", action.subject
    yield "text", action.text
    yield "shows-from", action.shows_from
    yield "content-type", action.content_type
    yield "letter", str(action.letter) if action.letter else None
    yield "mailbox", None if action.mailbox == "INBOX" else action.mailbox
    yield "idle", duration(action.idle_us) if action.idle_us else None
    yield "name", action.name
    yield "type", action.type
    yield "server", action.server
    if action.do == "type":
        yield "port", str(action.port)
        yield "newline", action.newline
    if action.attachments:
        yield "attachments", _Raw(_attachment(attachment) for attachment in action.attachments)


def _attachment(attachment: object) -> str:
    octets: bytes = getattr(attachment, "octets")  # noqa: B009
    pairs: list[tuple[str, object]] = [("name", getattr(attachment, "name")), ("type", getattr(attachment, "type"))]  # noqa: B009
    try:
        return _flow_map([*pairs, ("text", _Filled(octets.decode()))])
    except UnicodeDecodeError:
        return _flow_map([*pairs, ("base64", base64.b64encode(octets).decode())])


def _fault(fault: Fault) -> Pairs:
    yield "at", duration(fault.at_us)
    yield "until", duration(fault.until_us) if fault.until_us is not None else None
    yield "id", fault.id
    yield "what", fault.what
    if fault.peer is None:
        yield "host", fault.host
    else:
        yield "link", (fault.host, fault.peer)


def _expect(entry: Expect, scenario: Scenario) -> Pairs:
    yield "id", entry.id
    yield "that", entry.that
    yield entry.op, _Filled(entry.value) if isinstance(entry.value, str) else list(entry.value)
    yield "why", scenario.text_of(f"expect.{entry.id}.why", scenario.language)


# --- writing YAML ---


class _Filled(str):
    """A text that is written even when it is empty."""


class _Flow(str):
    """A text that is YAML already."""


class _Raw(tuple[str, ...]):
    """Items that are YAML already."""


def _pairs(pairs: Pairs, indent: str = "") -> Iterator[str]:
    for key, value in pairs:
        if value is None or (value in ("", ()) and not isinstance(value, _Filled)):
            continue
        if isinstance(value, _Raw):
            yield f"{indent}{key}:"
            yield from (f"{indent}  - {item}" for item in value)
        elif isinstance(value, str):
            yield f"{indent}{key}: {value if isinstance(value, _Flow) else _text(value, len(indent) + 2)}"
        else:
            yield f"{indent}{key}: {_flow_value(value)}"


def _item(pairs: Pairs) -> Iterator[str]:
    for index, line in enumerate(_pairs(pairs, "    ")):
        yield f"  - {line[4:]}" if index == 0 else line


def _block(key: str, pairs: list[tuple[str, str]], empty: str) -> Iterator[str]:
    yield f"{key}:" if pairs else f"{key}: {empty}"
    yield from (f"  {name}: {value}" for name, value in pairs)


def _flow_map(pairs: Pairs) -> str:
    kept = [(key, value) for key, value in pairs if isinstance(value, _Filled) or value not in (None, "", ())]
    return "{" + ", ".join(f"{key}: {_flow_value(value)}" for key, value in kept) + "}"


def _flow_value(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_flow(str(item)) for item in value) + "]"
    return _flow(str(value))


def _flow(text: str) -> str:
    """A text inside brackets: quoted unless it is a plain word."""
    return text if _PLAIN.fullmatch(text) and "${" not in text else _quoted(text)


def _scalar(text: str) -> str:
    return _flow(text)


def _text(text: str, indent: int) -> str:
    """A text after `key: `; of several lines it becomes a block scalar when YAML keeps it exactly."""
    lines = text.split("\n")
    readable = len(lines) > 1 and all(_readable(line) for line in lines) and lines[0][:1] not in (" ", "")
    if not readable:
        return _flow(text)
    body = text.removesuffix("\n")
    if body.endswith("\n"):
        return _flow(text)
    mark = "|" if text.endswith("\n") else "|-"
    margin = " " * indent
    return "\n".join([mark, *(f"{margin}{line}".rstrip(" ") for line in _escaped(body).split("\n"))])


def _readable(line: str) -> bool:
    return line == line.rstrip(" \t") and "\t" not in line and safe_text(line) == line and line.isprintable()


def _escaped(text: str) -> str:
    return text.replace("${", "$${")


def _quoted(text: str) -> str:
    out = []
    for character in _escaped(text):
        if character in '"\\':
            out.append("\\" + character)
        elif character == "\n":
            out.append("\\n")
        elif character.isprintable():
            out.append(character)
        else:
            code = ord(character)
            out.append(f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}")
    return '"' + "".join(out) + '"'
