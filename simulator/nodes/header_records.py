"""Who wrote which header field: every program that touches a letter's header says so in the trace."""

from __future__ import annotations

from functools import lru_cache

from simulator.message.header import decode_value, raw_fields, split_message, unfold
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
    rows = [(*_texts(name, value), *known) for name, value in raw_fields(split_message(octets)[0])]
    trace.write_leaves(MESSAGE_HEADER, rows, at=host.name, letter=letter)


@lru_cache(maxsize=1024)
def _texts(name: bytes, raw_value: bytes) -> tuple[str, str, str]:
    """The name, and the value as it stands and as a person reads it; most fields are met again, and then share their
    memory.
    """
    value = unfold(raw_value).decode("utf-8", "replace").strip()
    decoded = decode_value(raw_value)
    return name.decode("ascii"), value, value if value == decoded else decoded
