"""Reads the arguments of commands: the check of form, apart from order and from policy.

Each reader gives either what it read or the reply that refuses it; nothing here knows a session, so what was read
before need not be read again. RFC 5321, 4.1.1.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from simulator.protocol.smtp import replies
from simulator.protocol.smtp.events import Parameters
from simulator.protocol.smtp.extensions import BODIES, MAIL_PARAMETERS
from simulator.protocol.smtp.paths import Path, parse_mailbox, split_path
from simulator.protocol.smtp.replies import Reply, echo, reply

_REMEMBERED: Final = 512
_FROM: Final = re.compile(r"from: *(?=[^ ])", re.IGNORECASE)
_TO: Final = re.compile(r"to: *(?=[^ ])", re.IGNORECASE)
_PARAMETER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*(?:=[!-<>-~]+)?")  # RFC 5321, 4.1.2: esmtp-param
_SIZE: Final = re.compile(r"[0-9]{1,20}")  # RFC 1870, 3
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_HOSTNAME: Final = re.compile(r"[!-~]{1,255}")

_MAIL_USAGE: Final = replies.syntax_of("MAIL FROM:<address>")
_RCPT_USAGE: Final = replies.syntax_of("RCPT TO:<address>")
_VRFY_USAGE: Final = replies.syntax_of("VRFY address")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What MAIL or RCPT says."""

    path: Path
    parameters: Parameters = ()
    size: int | None = None
    body: str = ""


@lru_cache(maxsize=_REMEMBERED)
def split_command(line: bytes) -> tuple[str, str] | Reply:
    """Split a line without its CRLF into verb (upper case) and argument, one character an octet."""
    if _CONTROL.search(line) is not None:
        return replies.BAD_SYNTAX
    words = line.split(None, 1)
    if not words:
        return replies.BAD_SYNTAX
    verb = words[0].decode("latin-1").upper()
    return verb, words[1].rstrip().replace(b"\t", b" ").decode("latin-1") if len(words) == 2 else ""


def is_stranger(verb: str) -> bool:
    """Whether it speaks another protocol: HTTP, or a header field sent as a command (Postfix hangs up on both)."""
    return verb in ("CONNECT", "GET", "POST") or ":" in verb[1:]


def hello(verb: str, argument: str) -> str | Reply:
    """Read the name that the client gives itself: the first word, and only that it is printable (RFC 5321, 4.1.4)."""
    name = argument.partition(" ")[0]
    return name if _HOSTNAME.fullmatch(name) is not None else reply(501, "", f"Syntax: {verb} hostname")


@lru_cache(maxsize=_REMEMBERED)
def mail(argument: str, offered: frozenset[str]) -> Envelope | Reply:
    """Read `FROM:<reverse-path> [parameters]`."""
    start = _FROM.match(argument)
    if start is None:
        return _MAIL_USAGE
    split = split_path(argument[start.end() :])
    path = parse_mailbox(split[0]) if split is not None else None
    if split is None or path is None:
        return replies.BAD_SENDER
    if path.local and not path.domain and not path.is_postmaster:
        return _not_qualified(path, "Sender")
    return _mail_parameters(path, split[1], offered) if split[1] else Envelope(path)


@lru_cache(maxsize=_REMEMBERED)
def rcpt(argument: str) -> Envelope | Reply:
    """Read `TO:<forward-path> [parameters]`."""
    start = _TO.match(argument)
    if start is None:
        return _RCPT_USAGE
    split = split_path(argument[start.end() :])
    path = parse_mailbox(split[0]) if split is not None else None
    if split is None or path is None or path.is_null:
        return replies.BAD_RECIPIENT
    if split[1]:
        return unsupported(split[1].partition(" ")[0])
    if not path.domain and not path.is_postmaster:
        return _not_qualified(path, "Recipient")
    return Envelope(path)


def vrfy(argument: str) -> Envelope | Reply:
    """Read an address or user name, with or without angle brackets (RFC 5321, 3.5.1)."""
    if not argument:
        return _VRFY_USAGE
    split = split_path(argument)
    path = parse_mailbox(split[0]) if split is not None else None
    if split is None or split[1] or path is None or path.is_null:
        return replies.BAD_RECIPIENT
    return Envelope(path)


def unsupported(option: str) -> Reply:
    """Refuse a parameter that no offered extension brings (RFC 5321, 4.1.1.11)."""
    return reply(555, "5.5.4", f"Unsupported option: {echo(option)}")


def _mail_parameters(path: Path, text: str, offered: frozenset[str]) -> Envelope | Reply:
    parameters: list[tuple[str, str]] = []
    size: int | None = None
    body = ""
    for option in filter(None, text.split(" ")):
        keyword, _, value = option.partition("=")
        keyword = keyword.upper()
        if _PARAMETER.fullmatch(option) is None or MAIL_PARAMETERS.get(keyword) not in offered:
            return unsupported(option)
        parameters.append((keyword, value))
        if keyword == "SIZE":
            if _SIZE.fullmatch(value) is None:
                return replies.BAD_SIZE
            size = int(value)
        elif keyword == "BODY":
            body = value.upper()
            if body not in BODIES:
                return unsupported(option)
    return Envelope(path, tuple(parameters), size, body)


def _not_qualified(path: Path, role: str) -> Reply:
    return reply(504, "5.5.2", f"<{echo(str(path))}>: {role} address rejected: need fully-qualified address")
