"""Content-Type and Content-Disposition: the value, its parameters, and file names in Cyrillic.

Why: RFC 2231 splits and encodes what RFC 2045 wrote in one piece, and mail programs write both and neither right; one
reader, one writer. RFC 2045 5.1, RFC 2183, RFC 2231 3 and 4.
"""

import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from simulator.message.charsets import decode_octets
from simulator.message.header import unfold
from simulator.message.words import decode_words

_VALUE = re.compile(rb"[ \t]*([^;()]*)")
_PARAMETER = re.compile(rb';[ \t]*([^=; \t]{1,200})[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)(?:"|\\?\Z)|([^;]*))', re.DOTALL)
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_SEGMENT = re.compile(r"([^*]+)\*(?:([0-9]{1,3})(\*?))?")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]+")
_PLAIN = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$&+.^_`{|}~-"
)  # RFC 2231 7, attribute-char
_SEGMENT_OCTETS = 54
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}")
_LATIN = dict(zip("абвгдеёзийклмнопрстуфыэ", "abvgdeeziyklmnoprstufye", strict=True)) | dict(
    zip("жхцчшщъьюя", ("zh", "kh", "ts", "ch", "sh", "shch", "", "", "yu", "ya"), strict=True)
)
_TO_ASCII = str.maketrans(_LATIN | {key.upper(): value.capitalize() for key, value in _LATIN.items()})


Parameters = tuple[tuple[bytes, bytes], ...]
"""Names in lower case and raw values, in order."""


def parse_parameters(raw_value: bytes) -> tuple[bytes, Parameters]:
    """Return (value, ((name, raw value)...)) of a structured field, octets as found, names in lower case; never
    raises.
    """
    flat = unfold(raw_value)
    match = _VALUE.match(flat)
    value = match[1].strip() if match else b""
    pairs = []
    for found in _PARAMETER.finditer(flat, match.end() if match else 0):
        name, quoted, plain = found.groups()
        pairs.append(
            (name.lower(), _ESCAPE.sub(rb"\1", quoted) if quoted is not None else plain.partition(b"(")[0].strip())
        )
    return value, tuple(pairs)


@lru_cache(maxsize=256)
def text_parameter(pairs: Parameters, name: str) -> str | None:
    """Return a parameter as text, RFC 2231 pieces joined and decoded (they win over a plain one), RFC 2047 words
    tolerated; or None.
    """
    plain: str | None = None
    pieces: dict[int, tuple[bytes, bool]] = {}
    for raw_name, value in pairs:
        found = raw_name.decode("latin-1")
        segment = _SEGMENT.fullmatch(found)
        if found == name:
            plain = decode_words(value) if plain is None else plain
        elif segment and segment[1] == name:
            pieces.setdefault(int(segment[2] or 0), (value, bool(segment[3]) or segment[2] is None))
    return _join(pieces) if 0 in pieces else plain


def _join(pieces: dict[int, tuple[bytes, bool]]) -> str:
    first, encoded = pieces[0]
    charset = b""
    if encoded and first.count(b"'") >= 2:
        charset, _, first = first.split(b"'", 2)
    octets = unquote_to_bytes(first) if encoded else first
    index = 1
    while index in pieces:
        value, is_encoded = pieces[index]
        octets += unquote_to_bytes(value) if is_encoded else value
        index += 1
    return decode_octets(octets, charset.decode("latin-1"))


def is_media_type(text: str) -> bool:
    """Tell whether text is `type/subtype`. RFC 6838 4.2."""
    return _MEDIA_TYPE.fullmatch(text) is not None


def write_parameter(name: str, value: str) -> str:
    """Return `name=value`, quoted where needed; beyond ASCII or very long in RFC 2231 pieces, never cut inside a
    character.
    """
    plain = value.isascii() and value.isprintable() and value == value.strip() and "=?" not in value
    if plain and len(value) <= _SEGMENT_OCTETS:
        return f"{name}={value}" if _TOKEN.fullmatch(value) else f'{name}="{_escape(value)}"'
    pieces = _percent_pieces(value)
    if len(pieces) == 1:
        return f"{name}*=UTF-8''{pieces[0]}"
    return "; ".join(
        [f"{name}*{i}*={'' if i else chr(85) + 'TF-8' + chr(39) * 2}{piece}" for i, piece in enumerate(pieces)]
    )


def _percent_pieces(value: str) -> list[str]:
    pieces, piece = [], ""
    for character in value.encode("utf-8", "replace").decode("utf-8"):
        cell = "".join([chr(o) if o in _PLAIN else f"%{o:02X}" for o in character.encode("utf-8")])
        if len(piece) + len(cell) > _SEGMENT_OCTETS:
            pieces.append(piece)
            piece = ""
        piece += cell
    return [*pieces, piece]


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def ascii_name(name: str) -> str:
    """Return a file name in ASCII for programs that know no RFC 2231: Cyrillic written in Latin letters, the rest as
    `_`.
    """
    latin = name.translate(_TO_ASCII)
    return "".join([c if " " <= c <= "~" and c not in '"\\/' else "_" for c in latin])[:_SEGMENT_OCTETS]


def base_name(name: str) -> str | None:
    """Return the last component of a file name that a letter proposes, or None when nothing safe is left
    (`../../etc/passwd`).
    """
    last = name.replace("\\", "/").replace("\0", "").rpartition("/")[2].strip()
    return None if last in ("", ".", "..") else last
