"""Hides passwords in what is shown: in arguments of commands, in octets of a dialogue, in lines that answer a server.

A trace holds every octet, and a screen may be looked at over a shoulder. RFC 4954, 4 (SMTP); RFC 9051, 6.2 (IMAP);
RFC 1939, 7 and RFC 5034, 4 (POP3); RFC 4616 (PLAIN).
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from typing import Any, Final

from simulator.engine.kinds import Record
from simulator.engine.query import shown
from simulator.engine.trace import KIND
from simulator.safe import safe_octets

__all__ = ["MASK", "begins_secret", "mask_line", "mask_octets", "mask_value"]

MASK: Final = "***"
"""What stands for a secret."""

_RESPONSES: Final = 3
"""So many lines of base64 at most are taken for answers of a login; a letter's are more."""

_ASTRING = r"(?:\"(?:[^\"\\]|\\.)*\"|\{\d+\+?\}\r?\n[^\r\n ]*|[^\s\"{]\S*)"
_AFTER_FIRST_WORD = re.compile(r"(?s)\A(\S+ +)(?P<secret>.+)")
_ARGUMENT_SECRETS: Final = {
    "AUTH": _AFTER_FIRST_WORD,
    "AUTHENTICATE": _AFTER_FIRST_WORD,
    "APOP": _AFTER_FIRST_WORD,
    "PASS": re.compile(r"(?s)\A()(?P<secret>.+)"),
    "LOGIN": re.compile(rf"(?s)\A({_ASTRING} +)(?P<secret>.+)"),
}
_ODD_VERB = re.compile(r"(?=.*[0-9+/=])[A-Za-z0-9+/=]{4,}|\S{17,}")
"""A verb that no command has: perhaps a line of a login that came when nobody asked for it."""

_SECRET_LINE = re.compile(
    rb"(?im)^(?P<head>(?:\S+ +)??"
    rb"(?:AUTH(?:ENTICATE)? +\S+ +|APOP +\S+ +|PASS +|LOGIN +(?:\"(?:[^\"\\\r\n]|\\.)*\"|\S+) +))(?P<secret>[^\r\n]+)"
)
_LOGIN_LITERAL = re.compile(rb"(?im)^\S+ +LOGIN +[^\r\n]*\{\d+\+?\}(?:\r?\n|\Z)")
_BEGINS = re.compile(rb"(?i)(?:\S+ +)??AUTH(?:ENTICATE)? +\S+")
_VERBS: Final = frozenset(
    b"APOP AUTH BDAT CAPA DATA DELE DONE EHLO EXPN HELO HELP LHLO LIST MAIL NOOP PASS QUIT RCPT RETR RSET STAT STLS "
    b"UIDL USER VRFY STARTTLS".split()
)
"""Commands that could be read as base64."""

_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/]{2,}={0,2}\Z")


def mask_value(record: Record, field: str) -> str:
    """Return the value of a field as text, with a password in it replaced by `***`; not yet made safe to show."""
    value = _get(record, field)
    if isinstance(value, bytes):
        return safe_octets(mask_octets(value))
    text = shown(value)
    if field == "argument":
        return _argument(str(_get(record, "verb") or "").upper(), text)
    if field == "verb" and _ODD_VERB.fullmatch(text):
        return MASK
    return text


def _argument(verb: str, text: str) -> str:
    secret = _ARGUMENT_SECRETS.get(verb)
    if secret is None:
        return MASK if (_decoded(text.encode("utf-8", "replace")) or b"").count(b"\0") == 2 else text
    if verb == "LOGIN" and text and not secret.match(text):
        return MASK  # what cannot be read may hold a password anywhere
    return secret.sub(rf"\g<1>{MASK}", text)


def mask_octets(octets: bytes) -> bytes:
    """Return a chunk of a dialogue in which each octet of a password is `*`; its length stays."""
    lines = octets.removesuffix(b"\r\n").split(b"\r\n")
    if len(lines) <= _RESPONSES and all(_is_response(line) for line in lines):
        return _starred(octets)
    literal = _LOGIN_LITERAL.search(octets)
    if literal is None:
        return mask_line(octets)
    return mask_line(octets[: literal.end()]) + _starred(octets[literal.end() :])


def mask_line(octets: bytes) -> bytes:
    """Return lines of a dialogue in which each octet of a password that stands behind its command is `*`."""
    return _SECRET_LINE.sub(lambda found: found["head"] + b"*" * len(found["secret"]), octets)


def begins_secret(line: bytes) -> bool:
    """Tell whether what the client says next, up to the server's verdict, belongs to a login."""
    return bool(_BEGINS.match(line) or _LOGIN_LITERAL.match(line))


def _starred(octets: bytes) -> bytes:
    return re.sub(rb"[^\r\n]", b"*", octets)


def _is_response(line: bytes) -> bool:
    """Tell whether a line is base64 of words, as the answers of a login are."""
    decoded = _decoded(line)
    if not decoded or line.upper() in _VERBS:
        return False
    try:
        return decoded.decode("utf-8").replace("\0", "").isprintable()
    except UnicodeDecodeError:
        return False


def _decoded(line: bytes) -> bytes | None:
    if not _BASE64_LINE.match(line):
        return None
    try:
        return b64decode(line, validate=True)
    except NotBase64:
        return None


def _get(record: Record, field: str) -> Any:
    position = record[KIND].index(field)
    return None if position is None or position >= len(record) else record[position]
