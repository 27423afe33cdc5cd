"""Addresses: read the lists in headers, write them with Cyrillic names.

Why: the same reader serves a person (names decoded), IMAP's ENVELOPE (names raw) and the MSA; it takes whatever a
hostile letter holds in linear time. RFC 5322 3.4 and 4.4 (routes), RFC 2047 5 (3).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from simulator import limits
from simulator.errors import LocalProtocolError
from simulator.message.header import printable, structured_line, unfold
from simulator.message.remembering import remembers_short
from simulator.message.words import decode_words, encode_run

_TOKEN = re.compile(
    r'\s+|"((?:[^"\\]|\\.)*)(?:"|\\?\Z)|(\((?:[^()\\]|\\.)*)|(\[[^\]\[]*\]?)|([<>,:;@])|([^\s"(\[<>,:;@]+)', re.DOTALL
)
_COMMENT_PART = re.compile(r"[()]|\\.", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")  # RFC 5322 3.2.3, words separated by single spaces
_DOT_ATOM = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]+)*"
)
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_DOMAIN = re.compile(r"[^\s<>()\[\]\\,;:@\"]+|\[[^\s\[\]\\]*\]")


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox: local part without quotes, domain as written, display name decoded ("" when there is none)."""

    local: str
    domain: str
    name: str = ""

    @property
    def spec(self) -> str:
        """`local@domain` for the envelope, the local part quoted where it must be. RFC 5321 4.1.2."""
        return _spec(self.local, self.domain)

    def format(self, column: int = 10) -> str:
        """Return `Name <local@domain>` in ASCII for a header line that already holds `column` octets."""
        return f"{_format_name(self.name, column)} <{self.spec}>" if self.name else self.spec


class Mailbox(NamedTuple):
    """One entry of a list as read: name, route, local, domain; a group is opened by (None, None, name, None), closed
    by four None.
    """

    name: str | None
    route: str | None
    local: str | None
    domain: str | None


def parse_address(text: str) -> Address:
    """Return the address in `local@domain` or `Name <local@domain>`; raise LocalProtocolError when there is not
    exactly one good one.
    """
    found = [] if _FORBIDDEN.search(text) else parse_addresses(text.encode("utf-8"))
    if len(found) != 1 or not _DOMAIN.fullmatch(found[0].domain) or found[0].spec not in text:
        raise LocalProtocolError(f"{text[:80]!r} is no address: write it as name@example.org")
    local, domain = found[0].local.encode("utf-8"), found[0].domain.encode("utf-8")
    if len(local) > limits.LOCAL_PART_OCTETS or len(domain) > limits.DOMAIN_OCTETS:
        raise LocalProtocolError(f"{text[:80]!r} is no address: at most 64 octets stand before the @, 255 behind it")
    return found[0]


@remembers_short(512)
def parse_addresses(raw_value: bytes) -> tuple[Address, ...]:
    """Return the mailboxes of a From, To, Cc... value; groups are opened out, entries without an address left out;
    never raises.
    """
    text = unfold(raw_value).decode("latin-1")
    return tuple(
        Address(_text(m.local), _text(m.domain or ""), decode_words((m.name or "").encode("latin-1")))
        for m in parse_mailboxes(text)
        if m.local and (m.domain or m.name or m.route) is not None
    )


def format_addresses(addresses: Iterable[Address], column: int = 10) -> str:
    """Return a list for a header value in ASCII; the line that it starts on already holds `column` octets."""
    return ", ".join([address.format(column if i == 0 else 1) for i, address in enumerate(addresses)])


def address_line(name: str, addresses: Iterable[Address]) -> bytes:
    """Return the field `name: list` with its CRLF.

    Addresses beyond ASCII make it a field in UTF-8, one address a line (RFC 6532 3.2): such a letter needs SMTPUTF8.
    """
    return _address_line(name, tuple(addresses))


@lru_cache(maxsize=256)
def _address_line(name: str, listed: tuple[Address, ...]) -> bytes:
    """The same people write to each other again and again."""
    text = format_addresses(listed, len(name) + 2)
    if text.isascii():
        return structured_line(name, text)
    lines = ",\r\n ".join([printable(address.format(1)) for address in listed])
    return f"{name}: {lines}\r\n".encode()


def parse_mailboxes(text: str) -> list[Mailbox]:
    """Return the entries of an unfolded list, raw; in linear time, never raises. RFC 5322 3.4, 4.4."""
    reader = _Reader()
    for kind, value in _tokens(text):
        reader.take(kind, value)
    reader.finish()
    return reader.found


class _Reader:
    """Collects the tokens of one entry: words before `<`, words inside it, a comment that may stand for the name."""

    def __init__(self) -> None:
        self.found: list[Mailbox] = []
        self.in_group = False
        self._clear()

    def _clear(self) -> None:
        self.outside: list[tuple[str, str]] = []
        self.inside: list[tuple[str, str]] | None = None
        self.angle_open = False
        self.comment: str | None = None

    def take(self, kind: str, value: str) -> None:
        if kind == "comment":
            self.comment = self.comment or value
        elif self.angle_open:
            self._take_inside(kind, value)
        elif kind != "special" or value == "@":
            self.outside.append((kind, value))
        elif value == "<":
            self.inside, self.angle_open = [], True
        elif value == ",":
            self.finish_entry()
        elif value == ":":
            self._open_group()
        elif value == ";":
            self._close_group()

    def _take_inside(self, kind: str, value: str) -> None:
        if kind == "special" and value == ">":
            self.angle_open = False
        elif self.inside is not None:
            self.inside.append((kind, value))

    def _open_group(self) -> None:
        self.found.append(Mailbox(None, None, _phrase(self.outside) or "", None))
        self.in_group = True
        self._clear()

    def _close_group(self) -> None:
        self.finish_entry()
        if self.in_group:
            self.found.append(Mailbox(None, None, None, None))
            self.in_group = False

    def finish_entry(self) -> None:
        if self.inside is not None:
            route, spec = _cut_route(self.inside)
            name = _phrase(self.outside) or self.comment
            self.found.append(Mailbox(name, route, *_cut_domain(spec)))
        elif self.outside:
            self.found.append(Mailbox(self.comment, None, *_cut_domain(self.outside)))
        self._clear()

    def finish(self) -> None:
        self.finish_entry()
        if self.in_group:
            self.found.append(Mailbox(None, None, None, None))


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    position, end = 0, len(text)
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            position += 1  # a stray octet such as a backslash
            continue
        position = match.end()
        quoted, comment, literal, special, word = match.groups()
        if comment is not None:
            position, comment = _comment(text, match.start())
            yield "comment", comment
        elif quoted is not None:
            yield "quoted", _ESCAPE.sub(r"\1", quoted)
        elif special is not None:
            yield "special", special
        elif literal is not None or word is not None:
            yield "word", literal or word


def _comment(text: str, start: int) -> tuple[int, str]:
    depth = 0
    for match in _COMMENT_PART.finditer(text, start):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if depth == 0:
            return match.end(), _ESCAPE.sub(r"\1", text[start + 1 : match.start()]).strip()
    return len(text), text[start + 1 :].strip()


def _phrase(tokens: list[tuple[str, str]]) -> str | None:
    return " ".join([value for _, value in tokens if value]) if tokens else None


def _cut_route(tokens: list[tuple[str, str]]) -> tuple[str | None, list[tuple[str, str]]]:
    """Part `@a,@b:local@domain` at the colon. RFC 5322 4.4."""
    for i, token in enumerate(tokens):
        if token == ("special", ":"):
            return "".join([value for _, value in tokens[:i]]), tokens[i + 1 :]
    return None, tokens


def _cut_domain(tokens: list[tuple[str, str]]) -> tuple[str, str | None]:
    for i in range(len(tokens) - 1, -1, -1):
        if tokens[i] == ("special", "@"):
            return "".join([v for _, v in tokens[:i]]), "".join([v for _, v in tokens[i + 1 :]])
    return " ".join([v for _, v in tokens]), None


def _text(raw: str) -> str:
    octets = raw.encode("latin-1")
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return raw


@lru_cache(maxsize=512)
def _spec(local: str, domain: str) -> str:
    """By parts: a letter's way asks for the same few addresses again and again."""
    quoted = local if _DOT_ATOM.fullmatch(local) else _quote(local)
    return f"{quoted}@{domain}" if domain else quoted


def _format_name(name: str, column: int) -> str:
    if not name.isascii() or _FORBIDDEN.search(name) or "=?" in name or name != name.strip() or "  " in name:
        return encode_run(name, column)
    return name if _ATOMS.fullmatch(name) else _quote(name)


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
