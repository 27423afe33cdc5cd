"""Who wrote which header field: every program that touches a letter's header says so in the trace."""

from __future__ import annotations

from simulator.message.header import decode_value, read_fields, split_message, unfold
from simulator.nodes.host import Host
from simulator.records.kinds_message import MESSAGE_HEADER

__all__ = ["record_fields"]


def record_fields(
    host: Host, octets: bytes, action: str, *, by: str, mailbox: str = "", letter: int | None = None
) -> None:
    """Record each header field of `octets` (a letter, or fields alone) as `action`: written, added or read."""
    for field in read_fields(split_message(octets)[0]):
        value = unfold(field.raw_value).decode("utf-8", "replace").strip()
        values = (field.name, value, decode_value(field.raw_value), action, by, mailbox)
        host.trace.write(MESSAGE_HEADER, values, at=host.name, letter=letter, leaf=True)
