"""The few forms of DER that a certificate is made of.

Written out here because the library that could do it takes longer to import than a whole small world takes to run.
ITU-T X.690, 8 and 10.
"""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Final

BOOLEAN_TRUE: Final = b"\x01\x01\xff"
_LINE: Final = 64  # RFC 7468, 2


def wrap(tag: int, *parts: bytes) -> bytes:
    """One element: tag, length, then the parts."""
    content = b"".join(parts)
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + content


def sequence(*parts: bytes) -> bytes:
    """A SEQUENCE of elements."""
    return wrap(0x30, *parts)


def one_of_set(part: bytes) -> bytes:
    """A SET with a single element."""
    return wrap(0x31, part)


def integer(value: int) -> bytes:
    """A non-negative INTEGER; a zero octet goes in front where the first bit would read as a sign."""
    return wrap(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def octet_string(octets: bytes) -> bytes:
    """An OCTET STRING."""
    return wrap(0x04, octets)


def bit_string(octets: bytes, *, unused: int = 0) -> bytes:
    """A BIT STRING; the last octet has that many unused bits."""
    return wrap(0x03, bytes((unused,)), octets)


def text(value: str) -> bytes:
    """A UTF8String."""
    return wrap(0x0C, value.encode())


def object_identifier(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER from its dotted form."""
    first, second, *rest = map(int, dotted.split("."))
    return wrap(0x06, bytes((first * 40 + second,)), *map(_base128, rest))


def time(moment: datetime) -> bytes:
    """UTCTime to the year 2049, GeneralizedTime after it (RFC 5280, 4.1.2.5); whole seconds, UTC."""
    if moment.year < 2050:
        return wrap(0x17, moment.strftime("%y%m%d%H%M%SZ").encode())
    return wrap(0x18, moment.strftime("%Y%m%d%H%M%SZ").encode())


def pem(label: str, der: bytes) -> bytes:
    """The same octets as text between two lines (RFC 7468)."""
    encoded = base64.b64encode(der).decode()
    lines = [encoded[at : at + _LINE] for at in range(0, len(encoded), _LINE)]
    return "\n".join((f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", "")).encode()


def _base128(value: int) -> bytes:
    octets = [value & 0x7F]
    while value := value >> 7:
        octets.append(0x80 | value & 0x7F)
    return bytes(reversed(octets))
