"""Mailbox names on the wire: modified UTF-7, in which `&` shifts into base64 of UTF-16.

Students meet it as `&BBIERQQ-`; one small codec, strict when it reads, so that each name has one spelling.
RFC 3501, 5.1.3 (kept by RFC 9051, appendix A).
"""

from __future__ import annotations

import binascii
import re
from typing import Final

from simulator.errors import RemoteProtocolError

_SHIFTED: Final = re.compile(r"[^\x20-\x7e]+")
_RUN: Final = re.compile(rb"&([A-Za-z0-9+,]*)-")
_PLAIN: Final = re.compile(rb"[\x20-\x7e]*")


def encode(name: str) -> bytes:
    """Write a mailbox name in modified UTF-7; a lone surrogate raises UnicodeEncodeError."""
    return _SHIFTED.sub(_encode_run, name.replace("&", "&-")).encode("ascii")


def _encode_run(run: re.Match[str]) -> str:
    octets = binascii.b2a_base64(run[0].encode("utf-16-be"), newline=False)
    return "&" + octets.decode("ascii").rstrip("=").replace("/", ",") + "-"


def decode(octets: bytes) -> str:
    """Read a mailbox name; raises `RemoteProtocolError` unless `encode` would write exactly these octets."""
    try:
        name = _decode(octets)
        if encode(name) == octets:
            return name
    except (UnicodeError, binascii.Error):
        pass  # the sentence below says it; which of the two it was helps nobody
    raise RemoteProtocolError("mailbox name is not modified UTF-7", "Mailbox name is not valid mUTF-7.")


def _decode(octets: bytes) -> str:
    if not _PLAIN.fullmatch(octets):
        raise UnicodeError("octets outside printable ASCII")
    parts: list[str] = []
    at = 0
    for run in _RUN.finditer(octets):
        parts += octets[at : run.start()].decode("ascii"), _decode_run(run[1])
        at = run.end()
    return "".join(parts) + octets[at:].decode("ascii")


def _decode_run(run: bytes) -> str:
    if not run:
        return "&"
    padding = b"=" * (-len(run) % 4)
    return binascii.a2b_base64(run.replace(b",", b"/") + padding).decode("utf-16-be")
