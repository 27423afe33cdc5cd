"""The state of the world at any event, folded from the trace.

The panes of the screen go back and forth over recorded events, so state must come from the trace and not from the
nodes; tests prove that the two are equal. Checkpoints make any event cost about the same, and a step hardly any.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from simulator.engine import base_kinds
from simulator.engine.kinds import Kind, Record
from simulator.engine.trace import AT, FROM, KIND, LETTER, SESSION, TO, VALUES, N, T
from simulator.records import kinds_access, kinds_dns, kinds_queue
from simulator.records.moment import (
    CacheEntry,
    Mailboxes,
    Moment,
    OpenSession,
    QueuedRecipient,
    QueueEntry,
    StoredLetter,
    protocol_of,
)

__all__ = ["History"]

_EVERY = 2_000
_BEHIND = 64
"""How far behind the event asked for a state is kept, so that steps on and back both find one near."""

_Boxes = dict[str, dict[str, dict[int, StoredLetter]]]


@dataclass(slots=True)
class _State:
    """The fold while it runs; what it holds is frozen, so a copy of the dictionaries is a checkpoint."""

    queues: dict[str, dict[str, QueueEntry]] = field(default_factory=dict)
    mailboxes: _Boxes = field(default_factory=dict)
    devices: _Boxes = field(default_factory=dict)
    caches: dict[str, dict[tuple[str, str], CacheEntry]] = field(default_factory=dict)
    sessions: dict[int, OpenSession] = field(default_factory=dict)

    def copy(self) -> _State:
        """Copy all that can change."""
        return _State(
            {host: dict(entries) for host, entries in self.queues.items()},
            _copy_boxes(self.mailboxes),
            _copy_boxes(self.devices),
            {host: dict(entries) for host, entries in self.caches.items()},
            dict(self.sessions),
        )


def _copy_boxes(boxes: _Boxes) -> _Boxes:
    return {owner: {name: dict(letters) for name, letters in named.items()} for owner, named in boxes.items()}


class History:
    """Answers "how did the world stand after event n?" for a list of records that may still grow."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = records
        self._points: list[int] = [0]
        self._states: list[_State] = [_State()]
        self._near: tuple[int, _State] = (0, self._states[0])

    def at(self, n: int) -> Moment:
        """Return the world after record `n` (0: before the first). Raises IndexError beyond the end."""
        if not 0 <= n <= len(self._records):
            raise IndexError(f"the trace has {len(self._records)} events; there is no event {n}")
        self._extend(n)
        start, before = self._nearest(n)
        state = before.copy()
        if n - start > 2 * _BEHIND:
            self._fold(state, start, n - _BEHIND)
            self._near = start, before = n - _BEHIND, state
            state = before.copy()
        self._fold(state, start, n)
        return _moment(state, n, self._records[n - 1][T] if n else 0)

    def _nearest(self, n: int) -> tuple[int, _State]:
        """Return where to fold on from: a checkpoint, or what was kept a little before the event asked for last."""
        position = bisect_right(self._points, n) - 1
        start = self._points[position]
        return self._near if start <= self._near[0] <= n else (start, self._states[position])

    def _extend(self, n: int) -> None:
        """Make the checkpoints up to `n`."""
        while self._points[-1] + _EVERY <= n:
            start = self._points[-1]
            state = self._states[-1].copy()
            self._fold(state, start, start + _EVERY)
            self._points.append(start + _EVERY)
            self._states.append(state)

    def _fold(self, state: _State, start: int, end: int) -> None:
        """Let the records after `start` up to `end` change the state."""
        for record in self._records[start:end]:
            _apply(state, record)


def _moment(state: _State, n: int, t: int) -> Moment:
    queues = {host: tuple(entries.values()) for host, entries in state.queues.items() if entries}
    caches = {
        host: tuple(entry for entry in entries.values() if entry.expires > t) for host, entries in state.caches.items()
    }
    return Moment(
        n=n,
        t=t,
        queues=queues,
        mailboxes=_boxes(state.mailboxes),
        devices=_boxes(state.devices),
        caches={host: entries for host, entries in caches.items() if entries},
        sessions=state.sessions,
    )


def _boxes(boxes: _Boxes) -> Mailboxes:
    made: Mailboxes = {}
    for owner, named in boxes.items():
        filled = {name: tuple(letters[uid] for uid in sorted(letters)) for name, letters in named.items() if letters}
        if filled:
            made[owner] = filled
    return made


# One function a kind; those that are not here change nothing


def _apply(state: _State, record: Record) -> None:
    change = _CHANGES.get(record[KIND])
    if change is not None:
        change(state, record)


def _queue_enter(state: _State, record: Record) -> None:
    queue_id, sender, recipients, size = record[VALUES:]
    waiting = tuple(QueuedRecipient(address) for address in recipients)
    state.queues.setdefault(record[AT], {})[queue_id] = QueueEntry(
        queue_id=queue_id,
        letter=record[LETTER],
        sender=sender,
        size=size,
        entered=record[T],
        recipients=waiting,
        record=record[N],
    )


def _change_recipient(
    state: _State, record: Record, addresses: tuple[str, ...], change: Callable[[QueuedRecipient], QueuedRecipient]
) -> None:
    entries = state.queues.get(record[AT], {})
    entry = entries.get(record[VALUES])
    if entry is not None:
        changed = tuple(change(one) if one.address in addresses else one for one in entry.recipients)
        entries[entry.queue_id] = replace(entry, recipients=changed)


def _queue_attempt(state: _State, record: Record) -> None:
    _, _, addresses, attempt = record[VALUES:]
    _change_recipient(
        state, record, addresses, lambda one: replace(one, state="active", attempts=attempt, next_try=None)
    )


def _queue_sent(state: _State, record: Record) -> None:
    _, address, _, reply = record[VALUES:]
    _change_recipient(state, record, (address,), lambda one: replace(one, state="sent", reason=reply))


def _queue_defer(state: _State, record: Record) -> None:
    _, address, reason, next_try, _ = record[VALUES:]
    _change_recipient(
        state, record, (address,), lambda one: replace(one, state="deferred", reason=reason, next_try=next_try)
    )


def _queue_fail(state: _State, record: Record) -> None:
    _, address, reason = record[VALUES:]
    _change_recipient(state, record, (address,), lambda one: replace(one, state="failed", reason=reason))


def _queue_remove(state: _State, record: Record) -> None:
    state.queues.get(record[AT], {}).pop(record[VALUES], None)


def _server(state: _State, record: Record) -> tuple[_Boxes, str]:
    return state.mailboxes, record[VALUES]


def _device(state: _State, record: Record) -> tuple[_Boxes, str]:
    return state.devices, record[AT]


_STORES = {
    kinds_access.MAILBOX_APPEND: _server,
    kinds_access.MAILBOX_FLAGS: _server,
    kinds_access.MAILBOX_EXPUNGE: _server,
    kinds_access.DEVICE_APPEND: _device,
    kinds_access.DEVICE_FLAGS: _device,
    kinds_access.DEVICE_EXPUNGE: _device,
}
"""Which store a record is about, and whose: an account's on a server, or a device's by its host."""


def _letters(state: _State, record: Record) -> dict[int, StoredLetter]:
    boxes, owner = _STORES[record[KIND]](state, record)
    return boxes.setdefault(owner, {}).setdefault(record[VALUES + 1], {})


def _append(state: _State, record: Record) -> None:
    uid, size, flags = record[VALUES + 2 : VALUES + 5]
    _letters(state, record)[uid] = StoredLetter(uid, tuple(flags), size, record[LETTER], record[N])


def _flags(state: _State, record: Record) -> None:
    letters = _letters(state, record)
    uid, flags = record[VALUES + 2 : VALUES + 4]
    if uid in letters:
        letters[uid] = replace(letters[uid], flags=tuple(flags))


def _expunge(state: _State, record: Record) -> None:
    _letters(state, record).pop(record[VALUES + 2], None)


def _cache(state: _State, record: Record) -> None:
    qname, qtype, action, ttl, negative, answer = record[VALUES : VALUES + 6]
    entries = state.caches.setdefault(record[AT], {})
    key = (qname, qtype)
    if action == "expire":
        entries.pop(key, None)
    elif action == "store":
        entries.pop(key, None)
        entries[key] = CacheEntry(
            qname=qname,
            qtype=qtype,
            answer=answer,
            expires=record[T] + ttl * 1_000_000,
            negative=negative,
            record=record[N],
        )


def _connect(state: _State, record: Record) -> None:
    port, _, _, result, _ = record[VALUES:]
    if result == "connected":
        session = record[SESSION]
        state.sessions[session] = OpenSession(
            session=session,
            opener=record[FROM],
            answerer=record[TO],
            port=port,
            protocol=protocol_of(port),
            last=record[N],
        )


def _data(state: _State, record: Record) -> None:
    octets, direction, _, tls, *_ = record[VALUES:]
    opened = state.sessions.get(record[SESSION])
    if opened is None:
        return
    out = len(octets) if direction == ">" else 0
    state.sessions[opened.session] = replace(
        opened,
        octets_out=opened.octets_out + out,
        octets_in=opened.octets_in + len(octets) - out,
        tls=opened.tls or tls,
        last=record[N],
    )


def _close(state: _State, record: Record) -> None:
    opened = state.sessions.get(record[SESSION])
    if opened is None:
        return
    if record[VALUES] == "reset" or opened.closed_by:
        del state.sessions[opened.session]
    else:
        state.sessions[opened.session] = replace(opened, closed_by=record[FROM], last=record[N])


_CHANGES: dict[Kind, Callable[[_State, Record], None]] = {
    kinds_queue.QUEUE_ENTER: _queue_enter,
    kinds_queue.QUEUE_ATTEMPT: _queue_attempt,
    kinds_queue.QUEUE_SENT: _queue_sent,
    kinds_queue.QUEUE_DEFER: _queue_defer,
    kinds_queue.QUEUE_FAIL: _queue_fail,
    kinds_queue.QUEUE_REMOVE: _queue_remove,
    kinds_access.MAILBOX_APPEND: _append,
    kinds_access.MAILBOX_FLAGS: _flags,
    kinds_access.MAILBOX_EXPUNGE: _expunge,
    kinds_access.DEVICE_APPEND: _append,
    kinds_access.DEVICE_FLAGS: _flags,
    kinds_access.DEVICE_EXPUNGE: _expunge,
    kinds_dns.DNS_CACHE: _cache,
    base_kinds.TCP_CONNECT: _connect,
    base_kinds.TCP_DATA: _data,
    base_kinds.TCP_CLOSE: _close,
}
