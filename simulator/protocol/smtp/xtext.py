"""xtext: how an address or identifier with any character travels in a parameter of MAIL or RCPT.

Printable ASCII but "+" and "=" stands for itself, the rest is +HH. RFC 3461, 4; the forms of RFC 6533, 3 for
`utf-8;` addresses (`\\x{HEX}`) are made of the same characters and pass as they are.
"""

import re
from typing import Final

_XTEXT: Final = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})+")
_HEX: Final = re.compile(r"\+([0-9A-F]{2})")
_SPECIAL: Final = re.compile(r"[^!-*,-<>-~]")


def encode_xtext(text: str) -> str:
    """Write text; a character outside ASCII goes as its octets in UTF-8."""
    return _SPECIAL.sub(lambda found: "".join(f"+{octet:02X}" for octet in found[0].encode()), text)


def decode_xtext(text: str) -> str | None:
    """Read xtext; None if it is none, or holds a control character or what is not UTF-8."""
    if _XTEXT.fullmatch(text) is None:
        return None
    try:
        found = _HEX.sub(lambda pair: chr(int(pair[1], 16)), text).encode("latin-1").decode()
    except UnicodeDecodeError:
        return None
    return found if found.isprintable() else None
