"""Read a catalogue of translations from its source, and make of it what the standard library's gettext reads.

The source is read at run time, so that there is one truth and no build step to forget; a wheel carries the `.po`
as it is. Format: GNU gettext manual, 3 (PO files) and 10.3 (MO files).
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from gettext import GNUTranslations
from typing import Final

from simulator.errors import MailflowError

_LINE: Final = re.compile(r'(?:(msgctxt|msgid_plural|msgid|msgstr)(?:\[(\d)\])?\s+)?"((?:[^"\\]|\\.)*)"')
_ESCAPE: Final = re.compile(r"\\(.)")
_ESCAPED: Final = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}
_MO_MAGIC: Final = 0x950412DE
_MO_HEADER: Final = struct.Struct("<7I")
_MO_ENTRY: Final = struct.Struct("<2I")


@dataclass(slots=True)
class Entry:
    """One message of a catalogue; `strings` are its translations, more than one for plurals."""

    line: int
    context: str | None = None
    id: str = ""
    plural: str | None = None
    strings: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    fuzzy: bool = False

    @property
    def key(self) -> str:
        """The id as gettext looks it up, with its context (GNU gettext manual, 11.2.5)."""
        return self.id if self.context is None else f"{self.context}\4{self.id}"


def entries(source: str, name: str) -> list[Entry]:
    """All messages of a .po text, the header (with id "") among them; obsolete ones (`#~`) are left out.

    Raises MailflowError with `name`:line for a line that is none of the format.
    """
    found: list[Entry] = []
    for number, block in _blocks(source):
        entry = _entry(number, block, name)
        if entry is not None:
            found.append(entry)
    return found


def compile_entries(messages: list[Entry]) -> GNUTranslations:
    """Translations for the standard library; what is fuzzy or not translated stays English."""
    pairs: dict[bytes, bytes] = {}
    for entry in messages:
        if all(entry.strings) and (not entry.fuzzy or not entry.id):
            key = entry.key if entry.plural is None else f"{entry.key}\0{entry.plural}"
            pairs[key.encode()] = "\0".join(entry.strings).encode()
    return GNUTranslations(io.BytesIO(_mo(sorted(pairs.items()))))


def _blocks(source: str) -> Iterator[tuple[int, list[str]]]:
    """Runs of lines between empty lines, each with the number of its first line."""
    block: list[str] = []
    for number, line in enumerate([*source.split("\n"), ""], 1):
        if line.strip():
            block.append(line.strip())
        elif block:
            yield number - len(block), block
            block = []


def _entry(number: int, block: list[str], name: str) -> Entry | None:
    entry = Entry(number)
    parts: dict[str, str] = {}
    current = ""
    for offset, line in enumerate(block):
        if line.startswith("#"):
            _comment(entry, line)
            continue
        match = _LINE.fullmatch(line)
        if match is None or not (match[1] or current):
            raise MailflowError(
                f"{name}:{number + offset}: this is no line of a .po file; write msgid, msgstr or a string"
            )
        if match[1]:
            current = match[1] if match[2] is None else match[1] + match[2]
            parts[current] = ""
        parts[current] += _ESCAPE.sub(_unescape, match[3])
    if not parts:
        return None
    return _filled(entry, parts, name)


def _filled(entry: Entry, parts: dict[str, str], name: str) -> Entry:
    entry.context = parts.pop("msgctxt", None)
    entry.plural = parts.pop("msgid_plural", None)
    if "msgid" not in parts or len(parts) < 2:
        raise MailflowError(f"{name}:{entry.line}: this message lacks its msgid or msgstr; write both")
    entry.id = parts.pop("msgid")
    entry.strings = [parts[key] for key in sorted(parts)]
    return entry


def _comment(entry: Entry, line: str) -> None:
    if line.startswith("#:"):
        entry.references += line[2:].split()
    elif line.startswith("#,"):
        entry.fuzzy = entry.fuzzy or "fuzzy" in line


def _unescape(match: re.Match[str]) -> str:
    return _ESCAPED.get(match[1], match[0])


def _mo(pairs: list[tuple[bytes, bytes]]) -> bytes:
    """The machine form: two tables of (length, offset), then the strings, each ended by NUL."""
    count = len(pairs)
    start = _MO_HEADER.size + 2 * count * _MO_ENTRY.size
    tables: list[bytes] = []
    strings = bytearray()
    for column in (0, 1):
        for pair in pairs:
            tables.append(_MO_ENTRY.pack(len(pair[column]), start + len(strings)))
            strings += pair[column] + b"\0"
    second = _MO_HEADER.size + count * _MO_ENTRY.size
    return _MO_HEADER.pack(_MO_MAGIC, 0, count, _MO_HEADER.size, second, 0, 0) + b"".join(tables) + bytes(strings)
