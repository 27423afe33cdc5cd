"""A letter as the rules see it: decoded header fields and the words of its text parts.

Spammers write broken letters on purpose, so nothing here raises: what cannot be read is empty, and no more than a
fixed amount of text is looked at. RFC 5322 (fields), RFC 2045 (parts), RFC 2047 (encoded words).
"""

from __future__ import annotations

import html
import re
from typing import Final

from simulator.limits import HEADER_OCTETS
from simulator.message.address import parse_addresses
from simulator.message.header import decode_value, header_end, read_fields
from simulator.message.structure import parse_structure

TEXT_CHARACTERS: Final = 250_000
"""Characters of text that the rules look at; a filter that reads everything can be made to read for ever."""
TEXT_PARTS: Final = 20

_TAG: Final = re.compile(r"<[^<>]{0,2000}>")
_NOT_SPOKEN: Final = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")  # written to hide words from filters


class Letter:
    """A letter opened for the rules; each property is worked out once, when a rule first asks for it."""

    __slots__ = ("_filled", "_firsts", "_parts", "_text", "octets")

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self._firsts: dict[str, bytes] = {}
        self._filled: set[str] = set()
        self._parts: tuple[tuple[str, str], ...] | None = None
        self._text: str | None = None
        for field in read_fields(octets[: min(header_end(octets, 0, len(octets)), HEADER_OCTETS)]):
            name = field.name.lower()
            self._firsts.setdefault(name, field.raw_value)
            if field.raw_value.strip():
                self._filled.add(name)

    def has(self, name: str) -> bool:
        """Whether there is such a field with anything in it."""
        return name.lower() in self._filled

    def value(self, name: str) -> str:
        """The first field of that name as a person reads it, or ""."""
        return decode_value(self._firsts.get(name.lower(), b""))

    def domain(self, name: str) -> str:
        """The domain of the first address in that field, lower case, or ""."""
        addresses = parse_addresses(self._firsts.get(name.lower(), b""))
        return (addresses[0].domain or "").lower() if addresses else ""

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """Media type and decoded text of the text parts."""
        if self._parts is None:
            structure = parse_structure(self.octets)
            texts = [part for part in structure.parts() if part.media_type.startswith("text/")]
            self._parts = tuple(
                (part.media_type, structure.decoded_text(part)[:TEXT_CHARACTERS]) for part in texts[:TEXT_PARTS]
            )
        return self._parts

    @property
    def text(self) -> str:
        """Subject and text parts in one line, without markup, folded so that case and ё do not matter."""
        if self._text is None:
            bodies = (_words(text) if kind == "text/html" else text for kind, text in self.parts)
            joined = "\n".join((self.value("Subject"), *bodies))[:TEXT_CHARACTERS]
            if not joined.isascii():
                joined = _NOT_SPOKEN.sub("", joined)
            self._text = " ".join(joined.casefold().replace("ё", "е").split())
        return self._text


def _words(markup: str) -> str:
    """What a person reads in an HTML part, roughly: tags out, entities in."""
    return html.unescape(_TAG.sub(" ", markup))
