"""The fields of the record types that students write, checked word by word before dnspython sees them.

A table of fields gives every mistake the right word, its name and what to write; types that are not in the table
are left to dnspython. Source: RFC 1035, 3.3; RFC 3596 (AAAA); RFC 2782 (SRV); RFC 8659 (CAA); RFC 6698 (TLSA).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import dns.exception
import dns.ipv4
import dns.ipv6
import dns.name

from simulator.protocol.dns.zone_text import Word, ZoneSyntaxError

if TYPE_CHECKING:
    from collections.abc import Iterator

Field = tuple[str, str]

_FIELDS: Final[dict[str, tuple[Field, ...]]] = {
    "A": (("address", "ipv4"),),
    "AAAA": (("address", "ipv6"),),
    "NS": (("name server", "name"),),
    "CNAME": (("target", "name"),),
    "PTR": (("host name", "name"),),
    "MX": (("preference", "u16"), ("exchange", "name")),
    "SRV": (("priority", "u16"), ("weight", "u16"), ("port", "u16"), ("target", "name")),
    "SOA": (
        ("primary server", "name"),
        ("mailbox of the administrator", "mailbox"),
        ("serial", "u32"),
        ("refresh", "ttl"),
        ("retry", "ttl"),
        ("expire", "ttl"),
        ("minimum", "ttl"),
    ),
    "CAA": (("flags", "u8"), ("tag", "any"), ("value", "any")),
    "TLSA": (("usage", "u8"), ("selector", "u8"), ("matching type", "u8"), ("data", "rest")),
}
_EXAMPLES: Final = {
    "A": "192.0.2.25",
    "AAAA": "2001:db8::25",
    "NS": "ns1",
    "CNAME": "mail",
    "PTR": "mail.alpha.example.",
    "MX": "10 mail",
    "SRV": "0 1 993 mail",
    "SOA": "ns1 hostmaster 2024032301 3600 600 86400 300",
    "CAA": '0 issue "ca.example"',
    "TLSA": "3 1 1 and the digest in hexadecimal",
    "TXT": '"v=spf1 mx -all"',
}
_LARGEST: Final = {"u8": 0xFF, "u16": 0xFFFF, "u32": 0xFFFF_FFFF, "ttl": 0x7FFF_FFFF}
_TTL: Final = re.compile(r"(?:\d+|(?:\d+[wdhms])+)\Z", re.IGNORECASE)
_UNITS: Final = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_ASCII_DIGITS: Final = re.compile(r"[0-9]+\Z")


def is_ttl(text: str) -> bool:
    """Whether a word can be a time to live: seconds, or BIND's `1h30m`."""
    return text.isascii() and _TTL.match(text) is not None


def ttl_seconds(word: Word, what: str = "TTL") -> int:
    """The seconds that a word stands for; ZoneSyntaxError if none, or more than 31 bits (RFC 2181, 8)."""
    if not is_ttl(word.text):
        raise word.problem(f'{what} "{word.text}" is not a time', "write seconds such as 300, or 5m, 1h, 1d")
    text = word.text.lower()
    if text.isdigit():
        seconds = int(text) if len(text) < 12 else _LARGEST["ttl"] + 1
    else:
        seconds = sum(int(number[:12]) * _UNITS[unit] for number, unit in re.findall(r"(\d+)([wdhms])", text))
    if seconds > _LARGEST["ttl"]:
        raise word.problem(f"{what} {word.text} is too large", f"the largest is {_LARGEST['ttl']} seconds")
    return seconds


def check_fields(rtype: str, words: list[Word], at: Word, origin: dns.name.Name) -> Iterator[ZoneSyntaxError]:
    """Every mistake in the fields of one record; `at` is the word of its type."""
    if words and words[0].text == "\\#":  # RFC 3597, 5: any type may be written as octets
        return
    if rtype == "TXT":
        yield from _check_text(words, at)
        return
    fields = _FIELDS.get(rtype)
    if fields is None:
        return
    if (wrong := _wrong_count(rtype, fields, words, at)) is not None:
        yield wrong
        return
    for (what, kind), word in zip(fields, words, strict=False):
        if (problem := _check(rtype, what, kind, word, origin)) is not None:
            yield problem


def _wrong_count(rtype: str, fields: tuple[Field, ...], words: list[Word], at: Word) -> ZoneSyntaxError | None:
    hint = f"write for example: {rtype} {_EXAMPLES[rtype]}"
    if rtype == "MX" and len(words) == 1 and not words[0].text.isdigit():
        return words[0].problem(
            "MX has no preference", f"write MX 10 {words[0].text}; the smallest number is tried first"
        )
    if len(words) < len(fields):
        return at.problem(f"{rtype} has no {fields[len(words)][0]}", hint)
    if len(words) > len(fields) and fields[-1][1] != "rest":
        extra = words[len(fields)]
        return extra.problem(f'"{extra.text}" is too much: {rtype} ends with its {fields[-1][0]}', hint)
    return None


def _check(rtype: str, what: str, kind: str, word: Word, origin: dns.name.Name) -> ZoneSyntaxError | None:
    if kind == "ttl":
        try:
            ttl_seconds(word, f"{rtype} {what}")
        except ZoneSyntaxError as problem:
            return problem
        return None
    if kind in _LARGEST:
        return _check_number(rtype, what, kind, word)
    if kind in ("ipv4", "ipv6"):
        return _check_address(rtype, kind, word)
    if kind in ("name", "mailbox"):
        return _check_name(rtype, what, word, origin)
    return None


def _check_number(rtype: str, what: str, kind: str, word: Word) -> ZoneSyntaxError | None:
    largest = _LARGEST[kind]
    if not _ASCII_DIGITS.match(word.text):
        hint = f"write a number from 0 to {largest}"
        if what == "preference":
            hint = "write a number such as 20; the smallest is tried first"
        return word.problem(f'{rtype} {what} "{word.text}" is not a number', hint)
    if len(word.text) > 10 or int(word.text) > largest:
        return word.problem(f"{rtype} {what} {word.text} is too large", f"the largest is {largest}")
    return None


def _check_address(rtype: str, kind: str, word: Word) -> ZoneSyntaxError | None:
    is4, is6 = _is_address(word.text, "ipv4"), _is_address(word.text, "ipv6")
    if is4 if kind == "ipv4" else is6:
        return None
    if is4 or is6:
        other = "A" if is4 else "AAAA"
        version = 4 if is4 else 6
        return word.problem(
            f"{rtype} cannot hold the IPv{version} address {word.text}", f"write {other} instead of {rtype}"
        )
    hint = f"write an address such as {_EXAMPLES[rtype]}"
    if word.text[-1].isalpha() or word.text.endswith("."):
        hint += "; to point to another name write CNAME"
    return word.problem(f'{rtype} address "{word.text}" is not an address of this kind', hint)


def _is_address(text: str, kind: str) -> bool:
    try:
        if kind == "ipv4":
            dns.ipv4.inet_aton(text)
        else:
            dns.ipv6.inet_aton(text)
    except (dns.exception.DNSException, ValueError):
        return False
    return True


def _check_name(rtype: str, what: str, word: Word, origin: dns.name.Name) -> ZoneSyntaxError | None:
    if rtype in ("MX", "NS", "SRV", "CNAME") and (_is_address(word.text, "ipv4") or _is_address(word.text, "ipv6")):
        return word.problem(
            f"{rtype} {what} {word.text} is an address, not a name", "write the name of a host that has an A record"
        )
    if "@" in word.text and word.text != "@":
        shown = word.text.replace("@", ".", 1).rstrip(".") + "."
        return word.problem(f'{rtype} {what} "{word.text}" has an @', f"zone files write a dot there: {shown}")
    try:
        name = zone_name(word, origin)
    except ZoneSyntaxError as problem:
        return problem
    return _missing_dot(f"{rtype} {what}", word, name, origin)


def _missing_dot(what: str, word: Word, name: dns.name.Name, origin: dns.name.Name) -> ZoneSyntaxError | None:
    """The classic mistake: `mx.beta.example` inside zone beta.example means mx.beta.example.beta.example."""
    if word.text.endswith(".") or len(origin) < 3:
        return None
    if not f".{word.text.lower()}.".endswith(f".{origin.to_text().lower()}"):
        return None
    return word.problem(
        f"{what} {word.text} has no final dot, so it means {name}",
        f"write {word.text}. with the dot, or leave the zone's name out",
        "warning",
    )


def check_owner(word: Word, name: dns.name.Name, origin: dns.name.Name) -> ZoneSyntaxError | None:
    """A warning if the owner lacks its final dot."""
    return _missing_dot("owner", word, name, origin)


def zone_name(word: Word, origin: dns.name.Name) -> dns.name.Name:
    """The full name that a word stands for under an origin; `@` is the origin itself (RFC 1035, 5.1)."""
    text = word.text
    if not text.isascii():
        try:
            hint = f"write {text.encode('idna').decode()}"
        except UnicodeError:
            hint = "write it in its xn-- form"
        raise word.problem(f'the name "{text}" has letters outside ASCII', hint)
    if text.startswith('"'):
        raise word.problem(f"the name {text} is in quotes", "write it without them")
    try:
        return dns.name.from_text(text, origin)
    except (dns.exception.DNSException, UnicodeError, ValueError) as error:
        raise word.problem(f'"{text}" cannot be a domain name: {error}', "a label has 1 to 63 characters") from error


def _check_text(words: list[Word], at: Word) -> Iterator[ZoneSyntaxError]:
    if not words:
        yield at.problem("TXT has no text", f"write for example: TXT {_EXAMPLES['TXT']}")
    for word in words:
        if len(word.text.strip('"').encode()) > 255 and "\\" not in word.text:
            yield word.problem(
                "a text has more than 255 characters",
                'cut it into several quoted texts: "first" "second" (RFC 1035, 3.3.14)',
            )
    if len(words) > 1 and not any(word.text.startswith('"') for word in words):
        joined = " ".join(word.text for word in words)
        yield words[0].problem(
            f"a text without quotes is {len(words)} texts, with no space between them", f'write "{joined}"', "warning"
        )
