"""Who wrote which header field: every program that touches a letter's header says so in the trace."""

from __future__ import annotations

from functools import lru_cache

from simulator.message.header import header_end, raw_fields, unfold
from simulator.message.remembering import SHORT
from simulator.message.words import decode_words
from simulator.nodes.host import Host
from simulator.records.kinds_message import MESSAGE_HEADER

__all__ = ["record_fields"]


def record_fields(
    host: Host, octets: bytes, action: str, *, by: str, mailbox: str = "", letter: int | None = None
) -> None:
    """Record each header field of `octets` (a letter, or fields alone) as `action`: written, added or read."""
    trace = host.trace
    if not trace.heard:
        return
    known = action, by, mailbox
    block = octets[: header_end(octets, 0, len(octets))]
    texts = _texts_again if len(block) <= SHORT else _texts
    rows = [texts(name, value) + known for name, value in raw_fields(block)]
    trace.write_leaves(MESSAGE_HEADER, rows, at=host.name, letter=letter)


def _texts(name: bytes, raw_value: bytes) -> tuple[str, str, str]:
    """The name, and the value as it stands and as a person reads it."""
    flat = unfold(raw_value)
    value, decoded = flat.decode("utf-8", "replace").strip(), decode_words(flat)
    return name.decode("ascii"), value, value if value == decoded else decoded


_texts_again = lru_cache(maxsize=1024)(_texts)
"""Most fields are met again, and then share their memory; those of a long header are not kept."""
