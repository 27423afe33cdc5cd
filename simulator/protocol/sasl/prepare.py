"""SASLprep: two ways to type the same name or password become the same octets.

Without it a password with a letter that Unicode can spell in two ways works on one keyboard only. RFC 4013.
"""

import stringprep
from collections.abc import Callable
from typing import Final
from unicodedata import ucd_3_2_0 as unicode_3_2  # the tables of RFC 3454 are those of Unicode 3.2

from simulator.errors import LocalProtocolError

_PROHIBITED: Final[tuple[Callable[[str], bool], ...]] = (
    stringprep.in_table_c12, stringprep.in_table_c21_c22, stringprep.in_table_c3, stringprep.in_table_c4,
    stringprep.in_table_c5, stringprep.in_table_c6, stringprep.in_table_c7, stringprep.in_table_c8,
    stringprep.in_table_c9, stringprep.in_table_a1,
)  # fmt: skip


class Unpreparable(LocalProtocolError):
    """The text holds a character that RFC 4013, 2.3 to 2.5 forbids, or nothing is left of it."""


def saslprep(text: str) -> str:
    """Give a name or password in its one form. Raises `Unpreparable`."""
    if text.isascii() and text.isprintable() and text:
        return text
    mapped = "".join(" " if stringprep.in_table_c12(c) else c for c in text if not stringprep.in_table_b1(c))
    prepared = unicode_3_2.normalize("NFKC", mapped)
    if not prepared or any(forbidden(c) for c in prepared for forbidden in _PROHIBITED):
        raise Unpreparable("a name or password is empty or holds a character that cannot be typed; choose another")
    _check_direction(prepared)
    return prepared


def _check_direction(text: str) -> None:
    """RFC 3454, 6: a text that runs from right to left begins and ends so, and holds nothing that runs otherwise."""
    if not any(map(stringprep.in_table_d1, text)):
        return
    ends = stringprep.in_table_d1(text[0]) and stringprep.in_table_d1(text[-1])
    if not ends or any(map(stringprep.in_table_d2, text)):
        raise Unpreparable("a name or password mixes directions of writing; choose another")
