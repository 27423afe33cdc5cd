"""What a sequence diagram shows of a trace: hosts as columns, and a row for each thing that is said or done.

Mermaid and SVG draw the same scene, so that they cannot disagree. Without a query it holds the dialogues and the
decisions, but neither the octets under them nor what the mail programs read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ..engine.kinds import Record
from ..engine.trace import AT, FROM, KIND, SESSION, TO, N, T, value
from ..records.describe import describe_parts

__all__ = ["DRAWN", "Row", "Scene", "scene"]

DRAWN: Final = frozenset(
    {
        "action", "alert", "deliver", "dns.answer", "dns.query", "fault", "filter.spam", "imap.command",
        "imap.response", "lmtp.command", "lmtp.data", "lmtp.reply", "mailbox.expunge", "mailbox.flags", "note",
        "pop3.command", "pop3.reply", "queue.defer", "queue.enter", "queue.expire", "queue.fail", "smtp.command",
        "smtp.data", "smtp.reply", "tcp.connect", "tcp.lost", "tls.established", "tls.failed", "udp.lost",
    }
)  # fmt: skip
"""The kinds that are drawn unless a query chooses."""

_PASSIVE: Final = frozenset({"smtp.data", "lmtp.data"})
"""What is about one host, though two are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: the event `n` at `t` µs, `source` and `target` (equal for what one host does), and its text.

    `mark` is "!" for a refusal or failure, "x" for what was lost, "" else; `back` for what answers; `sealed` under TLS.
    """

    n: int
    t: int
    source: str
    target: str
    text: str
    mark: str
    back: bool
    sealed: bool


@dataclass(frozen=True, slots=True)
class Scene:
    """Hosts in the order in which they appear, and rows in the order of the events."""

    hosts: tuple[str, ...]
    rows: tuple[Row, ...]


def scene(records: Iterable[Record], chosen: Iterable[Record] | None = None) -> Scene:
    """Make the scene of a whole trace, or of the `chosen` records of it; what happened at no host is left out."""
    wanted = None if chosen is None else {record[N] for record in chosen}
    sealed: set[int] = set()
    rows: list[Row] = []
    for record in records:
        name = record[KIND].name
        drawn = name in DRAWN if wanted is None else record[N] in wanted
        if drawn and (record[AT] or record[FROM]):
            rows.append(_row(record, sealed=record[SESSION] in sealed))
        if name == "tls.established" or (name == "tcp.data" and value(record, "tls")):
            sealed.add(record[SESSION])
    hosts = dict.fromkeys(host for row in rows for host in (row.source, row.target))
    return Scene(tuple(hosts), tuple(rows))


def _row(record: Record, *, sealed: bool) -> Row:
    parts = describe_parts(record)
    here = record[AT] or record[FROM]
    alone = record[KIND].name in _PASSIVE or not record[TO]
    return Row(
        n=record[N],
        t=record[T],
        source=here if alone else record[FROM] or here,
        target=here if alone else record[TO],
        text=parts.label,
        mark=parts.mark,
        back=parts.answer,
        sealed=sealed,
    )
