"""Finds who said no: the event at which a goal that is not reached was refused.

A learner who reads "0 of 2" learns nothing; "mx-beta answered 554 at e61" is where the search begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from simulator.engine.kinds import Record
from simulator.engine.query import parse, shown
from simulator.engine.trace import KIND, LETTER
from simulator.records.describe import describe_parts

__all__ = ["who_said_no"]

_RANK: Final = (
    "smtp.reply", "lmtp.reply", "auth.login", "tls.failed", "imap.response", "pop3.reply", "dns.answer", "tcp.connect",
    "filter.spam", "queue.fail", "queue.expire", "queue.defer", "tcp.lost", "udp.lost", "fault", "mua.notice",
)  # fmt: skip
"""Kinds of refusal, the most telling first: words of a server before what became of them."""
_CONSEQUENCE: Final = _RANK.index("queue.fail")
"""From here on kinds only say what followed from a refusal."""
_LOOKED_UP: Final = _RANK.index("dns.answer")
"""From here on kinds explain a goal only if they are near it: a name that was not found may matter to nobody."""


def who_said_no(records: Sequence[Record], query: str) -> Record | None:
    """The refusal that best explains why a query found nothing: about its addresses first, then about its letters."""
    refusals = [record for record in records if _refuses(record)]
    words = {term.value for term in parse(query).terms if term.op == "=" and not term.value.isdigit()}
    near = [record for record in refusals if words & set(map(shown, record[LETTER:]))]
    if any(_rank(record) < _CONSEQUENCE for record in near):
        return min(near, key=_rank)
    letters = {record[LETTER] for record in near if record[LETTER] is not None}
    same = [record for record in refusals if record[LETTER] in letters]
    said = [record for record in refusals if _rank(record) < _LOOKED_UP]
    return min(near + same or said, key=_rank, default=None)


def _rank(record: Record) -> int:
    return _RANK.index(record[KIND].name)


def _refuses(record: Record) -> bool:
    name = record[KIND].name
    return name in _RANK and (name == "mua.notice" or bool(describe_parts(record).mark))
