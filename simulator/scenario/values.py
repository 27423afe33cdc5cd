"""Reads the values that a scenario writes as text: durations, sizes, moments, addresses, names, account settings.

Each reader takes the text and gives the value or raises `ValueSyntaxError`, which names the rule and the characters
that are wrong, so that a message can point into the author's line. RFC 5321 4.1.2 (addresses), RFC 1035 2.3.1 (names),
RFC 5737 and RFC 3849 (addresses for documentation), RFC 2606 and RFC 6761 (names for documentation).
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from simulator import limits
from simulator.scenario.words import quoted, suggest

SAFE_NETWORKS: Final = tuple(
    ipaddress.ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)
SAFE_TOPS: Final = ("example", "test", "invalid")
SAFE_WORDS: Final = "192.0.2.x, 198.51.100.x, 203.0.113.x or 2001:db8::x"

_UNITS_US: Final = {"ms": 1_000, "s": limits.SECOND_US, "m": limits.MINUTE_US, "h": limits.HOUR_US, "d": limits.DAY_US}
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhd])")
_BANDWIDTH: Final = re.compile(r"(\d+(?:\.\d+)?)(bit|kbit|Mbit|Gbit)(?:/s|ps)?")
_BANDWIDTH_UNITS: Final = {"bit": 1, "kbit": 1_000, "Mbit": 1_000_000, "Gbit": 1_000_000_000}
_SIZE: Final = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)(B|kB|MB|GB)")
_SIZE_UNITS: Final = {"B": 1, "kB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}
_MOMENT: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d))? ?(Z|[+-]\d\d:?\d\d)")
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?", re.IGNORECASE)
_ATOM: Final = r"(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]|[^\W\x00-\x7f])+"  # RFC 5321, 4.1.2; RFC 6531, 3.3
_LOCAL: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_IDENTIFIER: Final = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_TEXT_TYPE: Final = re.compile(r'text/plain(?:; ?[a-z-]+=(?:[\w.-]+|"[\w.-]+"))*', re.IGNORECASE | re.ASCII)
_LONGEST_US: Final = 3650 * limits.DAY_US


class ValueSyntaxError(ValueError):
    """A text is not the value that belongs here; `offset` and `width` say which characters are wrong (0: all)."""

    def __init__(self, rule: str, message: str, hint: str = "", *, offset: int = 0, width: int = 0) -> None:
        super().__init__(rule, message)
        self.rule = rule
        self.message = message
        self.hint = hint
        self.offset = offset
        self.width = width


@dataclass(frozen=True, slots=True)
class Moment:
    """`us` microseconds since 1970-01-01 UTC, as clocks show that are `offset_minutes` east of Greenwich."""

    us: int
    offset_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """An account setting such as `submission+starttls://mail.alpha.example:587`."""

    protocol: str
    tls: str
    host: str
    port: int


SENDS: Final = {
    "submission+starttls": ("submission", "starttls", 587),
    "submissions": ("submissions", "implicit", 465),
    "submission+starttls-if-offered": ("submission", "opportunistic", 587),
    "submission": ("submission", "none", 587),
    "smtp": ("smtp", "none", 25),
}
"""What a mail program may be told about sending; the last three are as unsafe as such settings are. `smtp` is the
servers' own door: no TLS and no login; the two before it log in without TLS, always or where it is not offered."""
READS: Final = {"imaps": ("imaps", "implicit", 993), "pop3s": ("pop3s", "implicit", 995)}
_LATER_SETTINGS: Final = ("smtps", "imap", "imap+starttls", "pop3", "pop3+starttls", "lmtp", "https")


def duration_us(text: str) -> int:
    """Microseconds of `40ms`, `5m` or `1h30m`."""
    total, position = 0, 0
    hint = "write a number and ms, s, m, h or d, such as 40ms, 5m or 1h30m"
    while position < len(text):
        match = _DURATION.match(text, position)
        if match is None:
            message = f"{quoted(text)} is not a duration"
            raise ValueSyntaxError("MF026", message, hint, offset=position, width=len(text) - position)
        total += round(float(match[1]) * _UNITS_US[match[2]])
        position = match.end()
    if not text:
        raise ValueSyntaxError("MF026", "a duration is missing", hint)
    if total > _LONGEST_US:
        raise ValueSyntaxError("MF026", f"{quoted(text)} is longer than ten years", "write a shorter time")
    return total


def bandwidth_bps(text: str) -> int:
    """Bits a second of `10Mbit`."""
    match = _BANDWIDTH.fullmatch(text)
    if match is None or not float(match[1]):
        raise ValueSyntaxError(
            "MF027", f"{quoted(text)} is not a bandwidth", "write bits a second, such as 64kbit or 10Mbit"
        )
    return max(1, round(float(match[1]) * _BANDWIDTH_UNITS[match[2]]))


def octets(text: str) -> int:
    """Octets of `50kB`; k is a thousand, as disks are sold."""
    match = _SIZE.fullmatch(text)
    if match is None or not float(match[1]):
        raise ValueSyntaxError(
            "MF063", f"{quoted(text)} is not a size", "write octets with a unit, such as 50kB or 2MB"
        )
    return round(float(match[1]) * _SIZE_UNITS[match[2]])


def moment(text: str) -> Moment:
    """A moment such as `2024-03-23 18:30:00 +05:00`."""
    hint = "write date, time and zone, such as 2024-03-23 18:30:00 +05:00"
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise ValueSyntaxError("MF028", f"{quoted(text)} is not a moment in time", hint)
    zone = match[7]
    sign = -1 if zone[0] == "-" else 1
    minutes = 0 if zone == "Z" else sign * (int(zone[1:3]) * 60 + int(zone[-2:]))
    try:
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
        clock = datetime(year, month, day, hour, minute, second)
    except ValueError as error:
        raise ValueSyntaxError("MF028", f"{quoted(text)} is in no calendar: {error}", hint) from None
    if not 1970 <= clock.year <= 2100 or abs(minutes) > 14 * 60:
        raise ValueSyntaxError("MF028", f"{quoted(text)} is outside of 1970 to 2100, or its zone of ±14:00", hint)
    since = clock - datetime(1970, 1, 1) - timedelta(minutes=minutes)
    return Moment(since // timedelta(microseconds=1), minutes)


def identifier(text: str) -> str:
    """A word of small letters, digits and hyphens, such as `mail-alpha`."""
    if len(text) > 63 or not _IDENTIFIER.fullmatch(text):
        hint = "use small letters, digits and single hyphens, such as mail-alpha"
        raise ValueSyntaxError("MF030", f"{quoted(text)} cannot be a name here", hint)
    return text


def number(text: str, *, least: int, most: int) -> int:
    """A whole number of decimal digits between two bounds."""
    if not re.fullmatch(r"[0-9]{1,19}", text):
        raise ValueSyntaxError("MF025", f"{quoted(text)} is not a number", "write digits only, such as 7")
    value = int(text)
    if not least <= value <= most:
        raise ValueSyntaxError(
            "MF025", f"{text} is not between {least} and {most}", f"the smallest is {least}, the largest {most}"
        )
    return value


def yes_no(text: str) -> bool:
    """`yes` or `no`, and what editors know as true, false, on, off."""
    answers = {"yes": True, "no": False, "true": True, "false": False, "on": True, "off": False}
    if text.lower() not in answers:
        raise ValueSyntaxError("MF024", f"{quoted(text)} is neither yes nor no", "write yes or no")
    return answers[text.lower()]


def domain_name(text: str, *, real: bool = False) -> str:
    """A domain name in small letters without the final dot; under .example, .test or .invalid unless `real`."""
    name = text[:-1] if text.endswith(".") and len(text) > 1 else text
    offset = 0
    for label in name.split("."):
        if not _LABEL.fullmatch(label) or len(label) > limits.DNS_LABEL_OCTETS:
            message = f"{quoted(text)} is not a domain name"
            hint = "labels of letters, digits and hyphens between dots, such as mail.alpha.example"
            raise ValueSyntaxError("MF032", message, hint, offset=offset, width=max(1, len(label)))
        offset += len(label) + 1
    if len(name) > limits.DOMAIN_OCTETS - 2:
        raise ValueSyntaxError("MF032", "a domain name has 253 characters at most", "shorten it")
    if not real and not is_safe_name(name):
        top = name.rsplit(".", 1)[-1]
        hint = f"names end in .example, .test or .invalid: {name}.example" if "." not in name else (
            f"end it in .example, .test or .invalid, which belong to nobody: {name[: -len(top)]}example"
        )  # fmt: skip
        message = f"{quoted(text)} may belong to somebody in the real world"
        raise ValueSyntaxError("MF035", message, hint, offset=len(name) - len(top), width=len(top))
    return name.lower()


def is_safe_name(name: str) -> bool:
    """Whether a name ends in a top-level domain that is set aside (RFC 2606, RFC 6761)."""
    return name.rstrip(".").rsplit(".", 1)[-1].lower() in SAFE_TOPS


def address(text: str, *, real: bool = False) -> str:
    """A mail address such as `anna@alpha.example`, its name in any letters; the domain comes back in small ones."""
    local, at, domain = text.rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or len(local.encode()) > limits.LOCAL_PART_OCTETS:
        raise ValueSyntaxError(
            "MF031", f"{quoted(text)} is not a mail address", "write name@domain, such as anna@alpha.example"
        )
    try:
        return f"{local}@{domain_name(domain, real=real)}"
    except ValueSyntaxError as problem:
        problem.offset += len(local) + 1
        raise


def ip_address(text: str, *, real: bool = False) -> str:
    """An address in its canonical form; from the documentation ranges unless `real`."""
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        raise ValueSyntaxError("MF033", f"{quoted(text)} is not an IP address", f"write one of {SAFE_WORDS}") from None
    if not real and not is_safe_address(text):
        raise ValueSyntaxError("MF034", f"{text} may belong to somebody in the real world", f"use {SAFE_WORDS}")
    return str(parsed)


def is_safe_address(text: str) -> bool:
    """Whether an address is set aside for documentation (RFC 5737, RFC 3849)."""
    parsed = ipaddress.ip_address(text)
    return any(parsed in network for network in SAFE_NETWORKS)


def text_type(text: str) -> str:
    """What a letter says of its text: `text/plain`, and after semicolons what else there is to say of it."""
    if len(text) > 200 or not _TEXT_TYPE.fullmatch(text):
        hint = "write text/plain, or text/plain; charset=utf-8"
        raise ValueSyntaxError("MF062", f"{quoted(text)} is no type of a text", hint)
    return text


def setting(text: str, known: dict[str, tuple[str, str, int]], *, real: bool = False) -> Setting:
    """An account setting; `known` gives protocol, TLS and port for each scheme."""
    scheme, separator, rest = text.partition("://")
    example = f"such as {next(iter(known))}://mail.alpha.example"
    if not separator:
        raise ValueSyntaxError(
            "MF036", f"{quoted(text)} is not an account setting", f"write PROTOCOL://HOST, {example}"
        )
    if scheme not in known:
        if scheme in _LATER_SETTINGS:
            hint = f"today there are {' and '.join(known)}"
            raise ValueSyntaxError("MF023", f"{scheme}:// is not built yet here", hint, width=len(scheme))
        raise ValueSyntaxError(
            "MF036", f"{quoted(scheme)} is no protocol here", suggest(scheme, known), width=len(scheme)
        )
    protocol, tls, port = known[scheme]
    host, colon, digits = rest.rpartition(":") if ":" in rest else (rest, "", "")
    offset = len(scheme) + 3
    try:
        name = domain_name(host, real=real)
        if colon:
            offset += len(host) + 1
            port = number(digits, least=1, most=65535)
    except ValueSyntaxError as problem:
        problem.offset, problem.width = problem.offset + offset, problem.width or max(1, len(digits))
        raise
    return Setting(protocol=protocol, tls=tls, host=name, port=port)
