"""What a run leaves open: what waits for ever, what mail programs told their users, letters that did not get on.

A world that comes to rest too early looks like one that is done, unless somebody says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from simulator.cli.output import clock
from simulator.cli.words import _
from simulator.engine.trace import AT, KIND, T
from simulator.records.describe import describe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulator.records.moment import Moment
    from simulator.scenario.world import Run

__all__ = ["leftovers"]

_OUTBOX: Final = "Outbox"
_SHOWN: Final = 20


def leftovers(run: Run) -> Iterator[str]:
    """A line for each, in that order; what comes too often is counted."""
    yield from (_("waits for ever: {what}").format(what=what) for what in run.waiting)
    yield from _cut([*_notices(run), *_letters(run)])


def _cut(lines: list[str]) -> list[str]:
    if len(lines) <= _SHOWN:
        return lines
    return [*lines[:_SHOWN], _("and {count} more").format(count=len(lines) - _SHOWN)]


def _notices(run: Run) -> Iterator[str]:
    for record in run.records:
        if record[KIND].name == "mua.notice":
            yield _("{time}  {host} tells its user: {text}").format(
                time=clock(record[T]), host=record[AT], text=describe(record)
            )


def _letters(run: Run) -> Iterator[str]:
    """Letters that are still in a queue or in a mail program's outbox at the end."""
    if not run.records:
        return
    from simulator.records.folds import History

    moment = History(run.records).at(len(run.records))
    yield from _queued(moment)
    for host, mailboxes in moment.devices.items():
        waiting = len(mailboxes.get(_OUTBOX, ()))
        if waiting:
            yield _("{host}: letters that wait in the outbox: {count}").format(host=host, count=waiting)


def _queued(moment: Moment) -> Iterator[str]:
    waiting = (
        (host, entry.queue_id, recipient)
        for host, entries in moment.queues.items()
        for entry in entries
        for recipient in entry.recipients
        if recipient.state != "sent"
    )
    for host, queue_id, recipient in waiting:
        yield _("{host}: letter {queue_id} waits in the queue for {recipient} ({state}): {reason}").format(
            host=host,
            queue_id=queue_id,
            recipient=recipient.address,
            state=recipient.state,
            reason=recipient.reason or "-",
        )
