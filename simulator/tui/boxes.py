"""Panes 4 and 5: the mail logs up to now, and what lies where now (queues, mailboxes, caches, open sessions).

Both are derived from the trace up to the cursor, so they go back when the cursor does.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import overload

from ..engine.trace import AT, VALUES, T
from ..records.moment import CacheEntry, Mailboxes, Moment, OpenSession, QueueEntry
from ..text import N_, _, ngettext
from .lines import Content, Line, line, plain
from .walk import Walk

__all__ = ["STATES", "boxes", "log"]

STATES = {"active": N_("active"), "deferred": N_("deferred"), "failed": N_("failed"), "sent": N_("sent")}
"""The states of a recipient in a queue."""


def log(walk: Walk, width: int) -> Content:
    """Return the lines of all mail logs up to now, the latest current."""
    count = bisect_right(walk.index.logs, walk.upto())
    if not count:
        return Content(_("Log"), plain([_("no log line yet")]))
    return Content(_("Log"), _Log(walk, count), (), count - 1)


class _Log(Sequence[Line]):
    """The first `count` log lines, made when asked for."""

    def __init__(self, walk: Walk, count: int) -> None:
        self._walk = walk
        self._count = count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> Line: ...
    @overload
    def __getitem__(self, at: slice) -> list[Line]: ...
    def __getitem__(self, at: int | slice) -> Line | list[Line]:
        if isinstance(at, slice):
            return [self[index] for index in range(*at.indices(self._count))]
        if not 0 <= at < self._count:
            raise IndexError(at)
        n = self._walk.index.logs[at]
        record = self._walk.records[n - 1]
        head = f"{self._walk.clock(record[T], digits=0)} {record[AT]} "
        return line((head, "dim"), f"{record[VALUES]}: {record[VALUES + 1]}", target=n)


def boxes(walk: Walk, width: int) -> Content:
    """Return queues, mailboxes, mail programs, caches and sessions at this moment."""
    moment = walk.moment()
    lines: list[Line] = []
    for title, found in (
        (_("Queues"), _queues(walk, moment)),
        (_("Mailboxes"), _mailboxes(moment.mailboxes)),
        (_("Mail programs"), _mailboxes(moment.devices)),
        (_("DNS caches"), _caches(walk, moment)),
        (_("Open sessions"), _sessions(moment)),
    ):
        made = list(found)
        lines.append(line((title, "title"), ("" if made else "  " + _("nothing"), "dim")))
        lines += made
    return Content(_("Boxes"), lines)


def _queues(walk: Walk, moment: Moment) -> Iterator[Line]:
    for host, entries in moment.queues.items():
        for entry in entries:
            yield line(f" {host}  {entry.queue_id}  {entry.size}  <{entry.sender}>", target=entry.record or None)
            yield from _recipients(walk, entry)


def _recipients(walk: Walk, entry: QueueEntry) -> Iterator[Line]:
    for recipient in entry.recipients:
        state = STATES.get(recipient.state, recipient.state)
        mark = "! " if recipient.state in ("deferred", "failed") else "  "
        text = f"   {mark}{_(state)}  <{recipient.address}>"
        if recipient.next_try is not None:
            text += "  " + _("next try {time}").format(time=walk.clock(recipient.next_try, digits=0))
        style = "refusal" if mark == "! " else ""
        yield line(
            (text, style), (f"  {recipient.reason}" if recipient.reason else "", "dim"), target=entry.record or None
        )


def _mailboxes(found: Mailboxes) -> Iterator[Line]:
    for owner, named in found.items():
        for name, letters in named.items():
            count = ngettext("{n} letter", "{n} letters", len(letters)).format(n=len(letters))
            yield line(f" {owner} {name}  {count}")
            for letter in letters:
                flags = " ".join(letter.flags)
                yield line(f"    UID {letter.uid}  {letter.size}  {flags}", target=letter.record or None)


def _caches(walk: Walk, moment: Moment) -> Iterator[Line]:
    for host, entries in moment.caches.items():
        for entry in entries:
            yield _cached(walk, moment, host, entry)


def _cached(walk: Walk, moment: Moment, host: str, entry: CacheEntry) -> Line:
    left = max(0, (entry.expires - moment.t) // 1_000_000)
    what = "! " + (entry.answer or _("no such record")) if entry.negative else entry.answer
    return line(f" {host}  {entry.qname} {entry.qtype}  ", what, (f"  {left} s", "dim"), target=entry.record or None)


def _sessions(moment: Moment) -> Iterator[Line]:
    for session in moment.sessions.values():
        yield _session(session)


def _session(session: OpenSession) -> Line:
    rule = "=" if session.tls else "-"
    text = f" {session.session}  {session.opener} {rule}{session.port}{rule}> {session.answerer}  {session.protocol}"
    text += " TLS" if session.tls else ""
    octets = _("out {out}, in {into}").format(out=session.octets_out, into=session.octets_in)
    return line(text, (f"  {octets}", "dim"), target=session.last or None)
