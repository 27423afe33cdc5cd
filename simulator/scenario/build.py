"""Turns what was read into a draft of the world, each element with the line that made it.

The shapes know values and the tree knows places; this is the one module that joins the two.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
from typing import Any, Final

from simulator.scenario.draft import Draft, HostDraft, ZoneDraft
from simulator.scenario.model import Account, Action, Attachment, Expect, Fault, Link, Person
from simulator.scenario.reading import Reading
from simulator.scenario.report import Report
from simulator.scenario.shape import OPS, ActionShape, AttachmentShape, ExpectShape, FaultShape, HostShape, PolicyShape
from simulator.scenario.tree import Path as TreePath
from simulator.scenario.tree import find, key_place
from simulator.scenario.values import Setting
from simulator.scenario.zones import Zones, read_zone, zone_key, zone_nodes, zone_text

_TYPES: Final = {
    ".txt": "text/plain", ".csv": "text/csv", ".html": "text/html", ".pdf": "application/pdf", ".png": "image/png",
    ".jpg": "image/jpeg", ".gif": "image/gif", ".zip": "application/zip", ".ics": "text/calendar",
}  # fmt: skip


def origin(reading: Reading, *path: str | int) -> str:
    """The `FILE:LINE` of the key or item at a path."""
    return key_place(reading.tree, path).origin


def make_draft(reading: Reading, zones: Zones, report: Report) -> Draft:
    """What the author wrote, as a draft; zones are read on the way and their mistakes reported."""
    shape = reading.shape
    top = origin(reading, "people") if "people" in reading.tree.values else origin(reading, "id")
    draft = Draft(top=top, real=shape.names == "lecture", links_written="links" in reading.tree.values)
    for address, person in shape.people.items():
        draft.people.append(_person(reading, address, person.name if person else None, person))
    draft.hosts = [_host(reading, key, host) for key, host in shape.hosts.items()]
    for index, link in enumerate(shape.links):
        draft.links.append(
            Link(
                a=link.between[0],
                b=link.between[1],
                latency_us=link.latency,
                bandwidth_bps=link.bandwidth,
                origin=origin(reading, "links", index),
            )
        )
    _add_zones(reading, draft, zones, report)
    return draft


def _person(reading: Reading, address: str, name: str | None, person: object) -> Person:
    local = address.partition("@")[0]
    words = " ".join(part.capitalize() for part in local.replace("_", ".").replace("-", ".").split("."))
    return Person(
        address=address,
        name=name or words,
        password=getattr(person, "password", None) or f"{local}-opens-the-box",
        aliases=tuple(getattr(person, "aliases", ())),
        quota=getattr(person, "quota", None),
        origin=_person_origin(reading, address),
    )


def _person_origin(reading: Reading, address: str) -> str:
    people = find(reading.tree, ("people",))
    for key in getattr(people, "keys", {}):
        if key.lower() == address.lower():
            return origin(reading, "people", key)
    return origin(reading, "people")


def _host(reading: Reading, key: str, host: HostShape) -> HostDraft:
    return HostDraft(
        id=key,
        kind=host.kind,
        origin=origin(reading, "hosts", key),
        addresses=tuple(host.ip or ()),
        name=host.name,
        user=host.user,
        sends_via=account(host.sends_via),
        reads_via=account(host.reads_via),
        leave_on_server=host.leave_on_server,
        downloads=host.downloads,
        keeps_sent=host.keeps_sent,
        domains=None if host.domains is None else tuple(host.domains),
        services=None if host.services is None else tuple(dict.fromkeys(host.services)),
        filters=None if host.filters is None else tuple(dict.fromkeys(host.filters)),
        tls=host.tls,
        certificate=host.certificate,
        taps=tuple(dict.fromkeys(host.listens_to or ())),
        serves=None if host.serves is None else tuple(name.lower().rstrip(".") or "." for name in host.serves),
        resolver=host.resolver,
        implied=host.implied,
        **_policy(host.policy or PolicyShape()),
    )


def _policy(policy: PolicyShape) -> dict[str, Any]:
    """The fields of a host that its policy gives."""
    return {
        "relay": policy.relay,
        "quota_check": policy.quota_check,
        "when_full": policy.when_full,
        "auth": tuple(dict.fromkeys(policy.auth)),
        "login_in_clear": policy.login_in_clear,
        "offers": None if policy.offers is None else tuple(dict.fromkeys(policy.offers)),
        "converts": policy.converts,
        "chunking": policy.chunking,
    }


def account(setting: Setting | None) -> Account | None:
    """An account setting as the model has it."""
    if setting is None:
        return None
    return Account(protocol=setting.protocol, tls=setting.tls, host=setting.host, port=setting.port)


def _add_zones(reading: Reading, draft: Draft, zones: Zones, report: Report) -> None:
    for key, value in zone_nodes(reading.tree):
        name = zone_key(key, report, real=draft.real)
        text = zone_text(value, report)
        if name is None or text is None:
            continue
        read_zone(name, text, zones, report, real=draft.real)
        first = text.place.line + 1
        draft.zones.append(ZoneDraft(name, text.text, key.place.origin, text.place.source.base, first))


def make_timeline(reading: Reading, report: Report) -> list[Action]:
    """The actions in the order of the file; the host of each is found later."""
    return [_action(reading, index, line, report) for index, line in enumerate(reading.shape.timeline)]


def _action(reading: Reading, index: int, line: ActionShape, report: Report) -> Action:
    given = {name: value for name, value in line if name not in ("at", "attachments", "to", "cc", "bcc", "idle")}
    for name in ("to", "cc", "bcc"):
        given[name] = tuple(getattr(line, name, ()))
    if given["do"] == "dig" and given["type"] == "PTR":
        given["name"] = reverse_name(given["name"])
    attachments = tuple(
        made
        for position, attachment in enumerate(getattr(line, "attachments", ()))
        if (made := _attachment(reading, ("timeline", index, "attachments", position), attachment, report)) is not None
    )
    given["idle_us"] = getattr(line, "idle", 0)
    return Action(at_us=line.at, attachments=attachments, origin=origin(reading, "timeline", index), **given)


def reverse_name(text: str) -> str:
    """The name in the reverse tree of an address; another text comes back as it is (RFC 1035, 3.5; RFC 3596, 2.5)."""
    try:
        return ipaddress.ip_address(text).reverse_pointer
    except ValueError:
        return text


def _attachment(reading: Reading, path: TreePath, shape: AttachmentShape, report: Report) -> Attachment | None:
    node = find(reading.tree, path) or reading.tree
    if (shape.text is None) == (shape.base64 is None):
        report.at("MF053", node, f"attachment {shape.name} has no single content", "write either text: or base64:")
        return None
    if shape.text is not None:
        return Attachment(
            name=shape.name, octets=shape.text.encode(), type=shape.type or _type(shape.name, "text/plain")
        )
    try:
        octets = base64.b64decode("".join((shape.base64 or "").split()), validate=True)
    except (binascii.Error, ValueError):
        where = find(reading.tree, (*path, "base64")) or node
        report.at("MF053", where, f"the base64 of {shape.name} cannot be decoded", "write the output of: base64 FILE")
        return None
    return Attachment(name=shape.name, octets=octets, type=shape.type or _type(shape.name, "application/octet-stream"))


def _type(name: str, otherwise: str) -> str:
    dot = name.rfind(".")
    return _TYPES.get(name[dot:].lower(), otherwise) if dot >= 0 else otherwise


def make_faults(reading: Reading) -> list[Fault]:
    """The faults, in the order of the file."""
    return [_fault(shape, origin(reading, "faults", index)) for index, shape in enumerate(reading.shape.faults)]


def _fault(shape: FaultShape, line: str) -> Fault:
    host, peer = shape.link or (shape.host or "", None)
    return Fault(
        what=shape.what, host=host, peer=peer, at_us=shape.at, until_us=shape.until, id=shape.id, origin=line
    )  # fmt: skip


def make_expect(reading: Reading, texts: dict[str, str], report: Report) -> list[Expect]:
    """The promises; `texts` are those of the language that is shown."""
    made = [_expect(reading, index, entry, texts, report) for index, entry in enumerate(reading.shape.expect)]
    return [entry for entry in made if entry is not None]


def _expect(reading: Reading, index: int, entry: ExpectShape, texts: dict[str, str], report: Report) -> Expect | None:
    ops = [op for op in OPS if getattr(entry, op.replace("-", "_")) is not None]
    if len(ops) != 1:
        node = find(reading.tree, ("expect", index)) or reading.tree
        if any((node.place, op) in reading.dropped for op in OPS):
            return None
        message = f"{entry.id} has {'no answer' if not ops else ' and '.join(ops)}"
        report.at("MF051", node, message, f"write one of {', '.join(OPS)}")
        return None
    value = getattr(entry, ops[0].replace("-", "_"))
    return Expect(
        id=entry.id,
        that=entry.that,
        op=ops[0],
        value=tuple(value) if isinstance(value, list) else value,
        why=texts.get(f"expect.{entry.id}.why", entry.why),
        origin=origin(reading, "expect", index),
    )
