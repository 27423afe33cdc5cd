"""Flags that a client may give a message, in the server's spelling. RFC 9051, 2.3.2."""

from __future__ import annotations

from typing import Final

from simulator.protocol.imap.scanner import Malformed
from simulator.protocol.imap.writing import SYSTEM_FLAGS

_SYSTEM: Final = {flag.lower(): flag for flag in SYSTEM_FLAGS}


def settable(flag: str) -> str:
    r"""Give a system flag as RFC 9051 spells it and a keyword as it is; `\Recent` and unknown ones are `Malformed`."""
    if not flag.startswith("\\"):
        return flag
    system = _SYSTEM.get(flag.lower())
    if system is None:
        raise Malformed("system flag that a client may set")
    return system
