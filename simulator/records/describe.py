"""One short line for people about each record, and the RFC section that it follows.

The ladder, the log of plain mode, stories and tables all say the same about a record because they ask here. Words of
the wire are quoted as they are; the gloss around them goes through the catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simulator.engine.kinds import Kind, Record
from simulator.engine.trace import AT, FROM, KIND, TO
from simulator.records.masking import MASK, mask_octets, mask_value
from simulator.safe import safe_octets, safe_text
from simulator.text import N_, _

__all__ = ["MASK", "SENTENCES", "Parts", "Say", "describe", "describe_parts", "mask_octets", "mask_value", "rfc"]

Say = Callable[[str], str]
"""Turns a message id (English) into the language of the reader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a record says, in parts, for a sequence diagram.

    sender, receiver   hosts; equal or None where the record is about one host
    label              what is said or done, safe to show, one line
    mark               "!" refusal or failure, "x" dropped, "" neither
    answer             whether it goes back to the side that asked
    """

    sender: str | None
    receiver: str | None
    label: str
    mark: str
    answer: bool


SENTENCES: dict[str, str] = {
    "action": "{who}: {do} {detail}",
    "alert": N_("a fault of ours ended a session: {text}"),
    "alias.expand": N_("alias {address} stands for {into}"),
    "auth.login": N_("{user} logs in by {mechanism}: {result}"),
    "deliver": N_("delivered to {mailbox}: {size} octets"),
    "dns.answer": "{qname} {qtype}: {rcode} {answer}",
    "dns.cache": N_("cache: {qname} {qtype} {answer}"),
    "dns.query": "{qname} {qtype} ?",
    "fault": N_("fault {what} {state}: {target}"),
    "filter.spam": N_("spam filter says {verdict}: {score} of {threshold} points {rules}"),
    "imap.command": "{tag} {verb} {argument}",
    "imap.response": "{tag} {status} {text}",
    "lmtp.command": "{verb} {argument}",
    "lmtp.data": N_("letter received whole: {size} octets"),
    "log.line": "{program}: {text}",
    "lookup": N_("database {database}: {sql}"),
    "device.append": N_("copy {uid} in {name} on the device"),
    "device.expunge": N_("copy {uid} is gone from {name} on the device"),
    "device.flags": N_("copy {uid} in {name} on the device is now {flags}"),
    "mailbox.append": N_("new letter {uid} in {name} of {mailbox}"),
    "mailbox.expunge": N_("letter {uid} is gone from {name} of {mailbox}"),
    "mailbox.flags": N_("letter {uid} in {name} of {mailbox} is now {flags}"),
    "message.body": N_("text of the letter {action}: {text}"),
    "message.header": "{name}: {decoded}",
    "message.hop": N_("hop {number}: from {sender} by {receiver} with {protocol}"),
    "message.part": N_("part {number}: {type} {name} {bytes} octets"),
    "mua.notice": "{text}",
    "note": "{text}",
    "pop3.command": "{verb} {argument}",
    "pop3.reply": "{status} {text}",
    "queue.attempt": N_("queue: attempt {attempt} for {domain}"),
    "queue.defer": N_("queue: {recipient} has to wait: {reason}"),
    "queue.enter": N_("queue: letter {queue_id} from <{sender}> accepted"),
    "queue.expire": N_("queue: {recipient} waited too long"),
    "queue.fail": N_("queue: {recipient} failed: {reason}"),
    "queue.remove": N_("queue: letter {queue_id} is done"),
    "queue.sent": N_("queue: {recipient} passed on to {relay}"),
    "route": N_("route for {domain}: {via} {exchangers}"),
    "smtp.command": "{verb} {argument}",
    "smtp.data": N_("letter received whole: {size} octets"),
    "stage": N_("stage {name} for {recipient}"),
    "tcp.close": N_("connection closed: {how}"),
    "tcp.connect": N_("connection to port {port}: {result}"),
    "tcp.lost": N_("{size} octets lost: {reason}"),
    "tls.established": N_("{version}, certificate for {subject}"),
    "tls.failed": N_("TLS failed: alert {alert} {name}: {reason}"),
    "udp.lost": N_("datagram lost: {reason}"),
    "world": "{what} {name} {detail}",
}
"""The sentence of each kind; a field stands in braces. Kinds that are not here show their values."""

_SPACES = re.compile(r"\s+")


class _Fields(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def describe(record: Record, say: Say = _) -> str:
    """Return one line about a record, safe to show; `say` translates the sentence."""
    return _SPACES.sub(" ", safe_text(_label(record, say), newline=True)).strip()


def describe_parts(record: Record, say: Say = _) -> Parts:
    """Return who speaks to whom, what, and whether it went wrong."""
    name = record[KIND].name
    sender, receiver = record[FROM] or record[AT], record[TO]
    answer = name.endswith((".reply", ".response", ".answer")) or (
        name == "tcp.data" and _get(record, "direction") == "<"
    )
    return Parts(sender=sender, receiver=receiver, label=describe(record, say), mark=_mark(record), answer=answer)


def _get(record: Record, field: str) -> Any:
    position = record[KIND].index(field)
    return None if position is None or position >= len(record) else record[position]


def _label(record: Record, say: Say) -> str:
    kind: Kind = record[KIND]
    special = _SPECIAL.get(kind.name)
    if special is not None:
        return special(record, say)
    sentence = SENTENCES.get(kind.name)
    names = [field.name for field in kind.fields]
    if sentence is None:
        return kind.name + " " + " ".join(mask_value(record, name) for name in names)
    return say(sentence).format_map(_Fields({name: mask_value(record, name) for name in names}))


def _reply(record: Record, say: Say) -> str:
    enhanced, lines = _get(record, "enhanced") or "", (_get(record, "text") or "").split("\n")
    text = lines[0].removeprefix(enhanced).strip()
    more = f"  [+{len(lines) - 1}]" if len(lines) > 1 else ""
    return f"{_get(record, 'code')} {enhanced} {text}{more}"


def _octets(record: Record, say: Say) -> str:
    flight = _get(record, "flight")
    if flight:
        return f"TLS {flight}"
    octets: bytes = _get(record, "octets") or b""
    if _get(record, "clear") is False:
        return say(N_("{size} octets that nobody can read")).format(size=_get(record, "size"))
    first = mask_octets(octets).split(b"\r\n", 1)[0]
    if record[KIND].name == "udp.data":
        return say(N_("datagram to port {port}, {size} octets")).format(port=_get(record, "port"), size=len(octets))
    return f"{safe_octets(first[:200])}  ({len(octets)})"


def _stage(record: Record, say: Say) -> str:
    return say(SENTENCES["stage"]).format(name=say(_get(record, "id") or ""), recipient=_get(record, "recipient") or "")


def _established(record: Record, say: Say) -> str:
    """Who encrypts to whoever answers (RFC 7435) knows no name of the peer."""
    version, subject = _get(record, "version") or "", _get(record, "subject") or ""
    if not subject:
        return say(N_("{version}, certificate not checked")).format(version=version)
    return say(SENTENCES["tls.established"]).format(version=version, subject=subject)


_SPECIAL: dict[str, Callable[[Record, Say], str]] = {
    "smtp.reply": _reply,
    "lmtp.reply": _reply,
    "tap.saw": _octets,
    "tcp.changed": _octets,
    "tcp.data": _octets,
    "udp.data": _octets,
    "stage": _stage,
    "tls.established": _established,
}


# What went wrong


def _mark(record: Record) -> str:
    name = record[KIND].name
    if name in ("tcp.lost", "udp.lost"):
        return "x"
    if name == "tcp.changed":
        return "!"
    test = _REFUSED.get(name)
    return "!" if test is not None and test(record) else ""


_REFUSED: dict[str, Callable[[Record], bool]] = {
    "smtp.reply": lambda record: (_get(record, "code") or 0) >= 400,
    "lmtp.reply": lambda record: (_get(record, "code") or 0) >= 400,
    "pop3.reply": lambda record: _get(record, "status") == "-ERR",
    "imap.response": lambda record: _get(record, "status") in ("NO", "BAD"),
    "tcp.connect": lambda record: _get(record, "result") != "connected",
    "auth.login": lambda record: _get(record, "result") != "ok",
    "dns.answer": lambda record: (_get(record, "rcode") or "NOERROR") != "NOERROR",
    "filter.spam": lambda record: _get(record, "verdict") == "spam",
    "tls.failed": lambda record: True,
    "queue.defer": lambda record: True,
    "queue.fail": lambda record: True,
    "queue.expire": lambda record: True,
    "alert": lambda record: True,
    "fault": lambda record: _get(record, "state") == "begins",
}


# Where it is written

_RFC: dict[str, str] = {
    "smtp.command": "RFC 5321, 4.1.1",
    "smtp.reply": "RFC 5321, 4.2",
    "smtp.data": "RFC 5321, 4.1.1.4",
    "lmtp.command": "RFC 2033, 4",
    "lmtp.reply": "RFC 2033, 4.2",
    "lmtp.data": "RFC 2033, 4.2",
    "tls.established": "RFC 8446, 4",
    "tls.failed": "RFC 8446, 6",
    "auth.login": "RFC 4422; RFC 4954",
    "dns.query": "RFC 1035, 4.1",
    "dns.answer": "RFC 1035, 4.1",
    "dns.cache": "RFC 1034, 5.3.3",
    "route": "RFC 5321, 5.1",
    "queue.enter": "RFC 5321, 4.5.4",
    "queue.attempt": "RFC 5321, 4.5.4.1",
    "queue.defer": "RFC 5321, 4.5.4.1",
    "queue.fail": "RFC 5321, 4.2.1",
    "queue.expire": "RFC 5321, 4.5.4.1",
    "queue.sent": "RFC 5321, 4.5.4",
    "message.header": "RFC 5322, 3.6",
    "message.part": "RFC 2045",
    "message.hop": "RFC 5321, 4.4",
    "imap.command": "RFC 9051, 6",
    "imap.response": "RFC 9051, 7",
    "mailbox.append": "RFC 9051, 2.3",
    "mailbox.flags": "RFC 9051, 2.3.2",
    "mailbox.expunge": "RFC 9051, 6.4.3",
    "pop3.command": "RFC 1939, 5",
    "pop3.reply": "RFC 1939, 3",
    "deliver": "RFC 5321, 4.4",
    "alias.expand": "RFC 5321, 3.9",
    "tcp.connect": "RFC 9293, 3.5",
    "tcp.close": "RFC 9293, 3.6",
    "tcp.data": "RFC 9293, 3.4",
    "tcp.changed": "RFC 3207, 6",
    "udp.data": "RFC 768",
}
_RFC_OF_VERB: dict[str, str] = {
    "EHLO": "RFC 5321, 4.1.1.1",
    "HELO": "RFC 5321, 4.1.1.1",
    "LHLO": "RFC 2033, 4.1",
    "MAIL": "RFC 5321, 4.1.1.2",
    "RCPT": "RFC 5321, 4.1.1.3",
    "DATA": "RFC 5321, 4.1.1.4",
    "DATA-END": "RFC 5321, 4.2.5",
    "RSET": "RFC 5321, 4.1.1.5",
    "VRFY": "RFC 5321, 4.1.1.6",
    "NOOP": "RFC 5321, 4.1.1.9",
    "QUIT": "RFC 5321, 4.1.1.10",
    "STARTTLS": "RFC 3207, 4",
    "AUTH": "RFC 4954, 4",
    "CONNECT": "RFC 5321, 3.1",
}


def rfc(record: Record) -> str:
    """Return where the rule behind a record is written, "" where none applies."""
    name = record[KIND].name
    if name.startswith(("smtp.", "lmtp.")):
        found = _RFC_OF_VERB.get(_get(record, "verb") or "")
        if found is not None:
            return found
    return _RFC.get(name, "")
