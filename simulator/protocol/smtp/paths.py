"""Reverse-paths and forward-paths: the addresses of the envelope.

The envelope's grammar is stricter than a header's: no comments, no folding, no display name; so it has a reader of its
own. RFC 5321, 4.1.2 and 4.1.3; lengths from 4.5.3.1; letters outside ASCII from RFC 6531, 3.3. Domains are compared and
looked up in their ASCII form (RFC 5890, 2.3.2.1), by Python's codec, which follows the older RFC 3490.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from simulator import limits

_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_QUOTED: Final = r'"(?:[ !#-\[\]-~]|\\[ -~])*"'
_LABEL: Final = r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)"
_DOMAIN: Final = rf"{_LABEL}(?:\.{_LABEL})*"
_ROUTE: Final = rf"@{_DOMAIN}(?:,@{_DOMAIN})*:"
_PATH: Final = re.compile(
    rf"(?:{_ROUTE})?(?P<local>{_ATOM}(?:\.{_ATOM})*|{_QUOTED})(?:@(?P<domain>{_DOMAIN}|\[[!-Z^-~]+\]))?"
)
_BEYOND: Final = "\u00a1-\u2027\u2030-\u2065\u206a-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U000e0fff"
_WIDE_ATOM: Final = _ATOM.replace("~-]", f"~{_BEYOND}-]")
_WIDE_QUOTED: Final = rf'"(?:[ !#-\[\]-~{_BEYOND}]|\\[ -~])*"'
_WIDE_LABEL: Final = rf"(?!-)[A-Za-z0-9{_BEYOND}-]{{1,63}}(?<!-)"
_WIDE_DOMAIN: Final = rf"{_WIDE_LABEL}(?:\.{_WIDE_LABEL})*"
_WIDE_PATH: Final = re.compile(
    rf"(?:{_ROUTE})?(?P<local>{_WIDE_ATOM}(?:\.{_WIDE_ATOM})*|{_WIDE_QUOTED})(?:@(?P<domain>{_WIDE_DOMAIN}))?"
)
_BRACKETED: Final = re.compile(r'<([^"<>]*(?:"(?:[^"\\]|\\.)*"[^"<>]*)*)>(?: +|$)')
_DOTTED: Final = re.compile(rf"{_WIDE_ATOM}(?:\.{_WIDE_ATOM})*")
_ESCAPE: Final = re.compile(r'(["\\])')
_UNESCAPE: Final = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Path:
    """One address: `local` without quotes and escapes, `domain` as written, "" where there is none.

    `text` is the mailbox as it is written, quoted where it must be; "" for the null path.
    """

    local: str
    domain: str
    text: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", _written(self.local, self.domain))

    @property
    def is_null(self) -> bool:
        """Whether it is the null reverse-path `<>` of bounces (RFC 5321, 4.5.5)."""
        return not self.local and not self.domain

    @property
    def is_literal(self) -> bool:
        """Whether the domain is an address literal such as `[192.0.2.1]` (RFC 5321, 4.1.3)."""
        return self.domain.startswith("[")

    @property
    def is_postmaster(self) -> bool:
        """Whether it is `postmaster` without a domain, which every server knows (RFC 5321, 4.5.1)."""
        return not self.domain and self.local.lower() == "postmaster"

    @property
    def is_ascii(self) -> bool:
        """Whether every server understands it, also one without SMTPUTF8."""
        return self.local.isascii() and self.domain.isascii()

    @property
    def ascii_domain(self) -> str:
        """The domain as DNS knows it, in lower case: `xn--...` for letters outside ASCII."""
        return to_ascii(self.domain) or self.domain.lower()

    def downgraded(self) -> Path | None:
        """Give the same mailbox in ASCII, None where its local part has no such form (RFC 6531, 3.2)."""
        if not self.local.isascii():
            return None
        return self if self.domain.isascii() else Path(self.local, self.ascii_domain)

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=1024)
def _written(local: str, domain: str) -> str:
    if not local and not domain:
        return ""
    if _DOTTED.fullmatch(local) is None:
        local = '"' + _ESCAPE.sub(r"\\\1", local) + '"'
    return f"{local}@{domain}" if domain else local


NULL_PATH: Final = Path("", "")


@lru_cache(maxsize=1024)
def to_ascii(domain: str) -> str | None:
    """Give a domain in the form that DNS knows, in lower case; None if it has none (RFC 3490, 4)."""
    if domain.isascii():
        return domain.lower()
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None


@lru_cache(maxsize=1024)
def parse_mailbox(text: str, *, utf8: bool = False) -> Path | None:
    """Read what stands between the angle brackets ("" is the null path); None if it is no address.

    Letters outside ASCII only with `utf8` (RFC 6531, 3.3); lengths are those of the octets in UTF-8. A source route is
    read and ignored (RFC 5321, 4.1.1.3 and appendix C).
    """
    if not text:
        return NULL_PATH
    wide = utf8 and not text.isascii()
    found = (_WIDE_PATH if wide else _PATH).fullmatch(text)
    if found is None or len(text.encode()) + 2 > limits.PATH_OCTETS:
        return None
    local, domain = found["local"], found["domain"] or ""
    if len(local.encode()) > limits.LOCAL_PART_OCTETS:  # a domain over 255 octets has made the path too long already
        return None
    if (domain.startswith("[") and not _is_literal(domain[1:-1])) or (wide and domain and to_ascii(domain) is None):
        return None
    if local.startswith('"'):
        local = _UNESCAPE.sub(r"\1", local[1:-1])
    return Path(local, domain) if local or domain else None


def split_path(text: str) -> tuple[str, str] | None:
    """Split `<path> parameters` into both; None if the brackets do not close.

    A path without brackets, which many clients send, ends at the first space (Postfix does the same).
    """
    found = _BRACKETED.match(text)
    if found is not None:
        return found[1], text[found.end() :]
    if "<" in text or ">" in text:
        return None
    mailbox, _, parameters = text.partition(" ")
    return mailbox, parameters.lstrip(" ")


def _is_literal(text: str) -> bool:
    import ipaddress

    try:
        if text[:5].upper() == "IPV6:":
            ipaddress.IPv6Address(text[5:])
        else:
            ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return "%" not in text
