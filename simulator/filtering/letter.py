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
from simulator.message.header import decode_value, header_end, raw_fields
from simulator.message.structure import text_parts

TEXT_CHARACTERS: Final = 250_000
"""Characters of text that the rules look at; a filter that reads everything can be made to read for ever."""
TEXT_PARTS: Final = 20

_TAG: Final = re.compile(r"<[^<>]{0,2000}>")
_NOT_SPOKEN: Final = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")  # written to hide words from filters


class Letter:
    """A letter opened for the rules; each property is worked out once, when a rule first asks for it."""

    __slots__ = ("_end", "_firsts", "_header", "_parts", "_spoken", "_text", "octets")

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self._end = header_end(octets, 0, len(octets))
        self._header = octets[: min(self._end, HEADER_OCTETS)]
        self._firsts = {name.lower(): value for name, value in reversed(raw_fields(self._header))}
        self._parts: list[tuple[str, str]] | None = None
        self._spoken: str | None = None
        self._text: str | None = None

    def has(self, key: bytes) -> bool:
        """Whether there is such a field (the name in lower case) with anything in it."""
        first = self._firsts.get(key)
        if first is None:
            return False
        return bool(first.strip()) or any(
            value.strip() for name, value in raw_fields(self._header) if name.lower() == key
        )

    def is_filled_in(self, keys: tuple[bytes, ...]) -> bool:
        """Whether the first field of each of these names has anything in it."""
        try:
            return all(map(bytes.strip, map(self._firsts.__getitem__, keys)))
        except KeyError:
            return False

    def value(self, key: bytes) -> str:
        """The first field of that name as a person reads it, or ""."""
        return decode_value(self._firsts.get(key, b""))

    def domain(self, key: bytes) -> str:
        """The domain of the first address in that field, lower case, or ""."""
        raw_value = self._firsts.get(key)
        addresses = parse_addresses(raw_value) if raw_value else ()
        return addresses[0].domain.lower() if addresses else ""

    @property
    def parts(self) -> list[tuple[str, str]]:
        """Media type and decoded text of the text parts."""
        if self._parts is None:
            firsts = self._firsts
            kind, encoding = firsts.get(b"content-type"), firsts.get(b"content-transfer-encoding", b"")
            found = text_parts(self.octets, kind, encoding, body_start=self._end, most=TEXT_PARTS)
            self._parts = [(kind, text[:TEXT_CHARACTERS]) for kind, text in found]
        return self._parts

    @property
    def spoken(self) -> str:
        """Subject and text parts as they stand, without markup, folded so that case and ё do not matter."""
        if self._spoken is None:
            bodies = [_words(text) if kind == "text/html" else text for kind, text in self.parts]
            joined = "\n".join((self.value(b"subject"), *bodies))[:TEXT_CHARACTERS]
            if not joined.isascii():
                joined = _NOT_SPOKEN.sub("", joined)
            self._spoken = joined.casefold().replace("ё", "е")
        return self._spoken

    @property
    def text(self) -> str:
        """What is spoken in one line, a single space between two words."""
        if self._text is None:
            self._text = " ".join(self.spoken.split())
        return self._text


def _words(markup: str) -> str:
    """What a person reads in an HTML part, roughly: tags out, entities in."""
    return html.unescape(_TAG.sub(" ", markup))
