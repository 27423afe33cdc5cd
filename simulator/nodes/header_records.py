"""Who wrote which header field: every program that touches a letter's header says so in the trace."""

from __future__ import annotations

from functools import lru_cache

from simulator.message.header import decode_value, read_fields, split_message, unfold
from simulator.nodes.host import Host
from simulator.records.kinds_message import MESSAGE_HEADER

__all__ = ["record_fields"]


def record_fields(
    host: Host, octets: bytes, action: str, *, by: str, mailbox: str = "", letter: int | None = None
) -> None:
    """Record each header field of `octets` (a letter, or fields alone) as `action`: written, added or read."""
    trace, at = host.trace, host.name
    if not trace.heard:
        return
    for field in read_fields(split_message(octets)[0]):
        values = (field.name, *_texts(field.raw_value), action, by, mailbox)
        trace.write(MESSAGE_HEADER, values, at=at, letter=letter, leaf=True)


@lru_cache(maxsize=1024)
def _texts(raw_value: bytes) -> tuple[str, str]:
    """The value as it stands and as a person reads it; most values are met again, and then share their memory."""
    return unfold(raw_value).decode("utf-8", "replace").strip(), decode_value(raw_value)
