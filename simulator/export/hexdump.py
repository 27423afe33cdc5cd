"""Octets as rows of hexadecimal and text, in the form of `hexdump -C`.

Students meet this form in every other tool, so the simulator shows no other.
"""

from __future__ import annotations

__all__ = ["hexdump"]

_PRINTABLE = bytes(octet if 0x20 <= octet <= 0x7E else 0x2E for octet in range(256))


def hexdump(octets: bytes, *, columns: int = 16, start: int = 0) -> tuple[str, ...]:
    """Return rows of `columns` octets each: offset, hexadecimal, printable ASCII with a dot for the rest.

    `start` is the offset of the first octet. No octets give no rows.
    """
    rows = []
    for offset in range(0, len(octets), columns):
        part = octets[offset : offset + columns]
        text = part.translate(_PRINTABLE).decode("ascii")
        rows.append(f"{start + offset:08x}  {part.hex(' '):<{columns * 3 - 1}}  |{text}|")
    return tuple(rows)
