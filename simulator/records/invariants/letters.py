"""Promises about letters: none is lost, doubled or changed, and none is given up too early or tried too long."""

from __future__ import annotations

from collections.abc import Sequence

from simulator import limits
from simulator.engine.kinds import Record
from simulator.engine.trace import AT, KIND, LETTER, VALUES, T
from simulator.records import kinds_access, kinds_message, kinds_queue, kinds_smtp
from simulator.records.invariants.finding import Finding, finding

__all__ = ["CHECKS"]

_FINAL = (kinds_queue.QUEUE_SENT, kinds_queue.QUEUE_FAIL)


def each_recipient_ends_once(records: Sequence[Record]) -> list[Finding]:
    """Each accepted (queue id, recipient) is passed on once, or failed, or still in the queue; and never forgotten."""
    found: list[Finding] = []
    open_: dict[tuple[str, str], set[str]] = {}
    for record in records:
        kind = record[KIND]
        if kind is kinds_queue.QUEUE_ENTER:
            open_[record[AT], record[VALUES]] = set(record[VALUES + 2])
        elif kind in _FINAL:
            waiting = open_.get((record[AT], record[VALUES]), set())
            if record[VALUES + 1] not in waiting:
                found.append(finding("conservation", record, f"{record[VALUES + 1]} was settled before"))
            waiting.discard(record[VALUES + 1])
        elif kind is kinds_queue.QUEUE_REMOVE:
            left = open_.pop((record[AT], record[VALUES]), None)
            if left is None or left:
                found.append(finding("conservation", record, f"a letter left the queue unsettled: {left}"))
    return found


def queues_drain(records: Sequence[Record]) -> list[Finding]:
    """When nothing is left to happen, no recipient is still being tried or waiting."""
    waiting: dict[tuple[str, str, str], Record] = {}
    for record in records:
        kind, host = record[KIND], record[AT]
        if kind is kinds_queue.QUEUE_ENTER:
            waiting.update({(host, record[VALUES], address): record for address in record[VALUES + 2]})
        elif kind in _FINAL:
            waiting.pop((host, record[VALUES], record[VALUES + 1]), None)
    return [
        finding("drain", record, f"{address} of {queue_id} is still in the queue of {host}")
        for (host, queue_id, address), record in waiting.items()
    ]


def no_letter_is_delivered_twice(records: Sequence[Record]) -> list[Finding]:
    """One letter comes to one mailbox once (a lost connection at the end of data would allow one more)."""
    found: list[Finding] = []
    seen: dict[tuple[int, str], int] = {}
    doubts = 0
    for record in records:
        if record[KIND].name == "tcp.close" and record[VALUES] != "fin":
            doubts += 1
        if record[KIND] is kinds_queue.DELIVER and record[LETTER] is not None:
            key = (record[LETTER], record[VALUES])
            seen[key] = seen.get(key, 0) + 1
            if seen[key] > 1 + doubts:
                found.append(finding("no duplicate", record, f"letter {key[0]} came to {key[1]} before"))
    return found


def durable_before_250(records: Sequence[Record]) -> list[Finding]:
    """A letter is in the queue, or in the mailbox, before its 250 goes out."""
    found: list[Finding] = []
    queued: set[tuple[str, str]] = set()
    delivered: dict[str, int] = {}
    for record in records:
        kind = record[KIND]
        if kind is kinds_queue.QUEUE_ENTER:
            queued.add((record[AT], record[VALUES]))
        elif kind is kinds_queue.DELIVER:
            delivered[record[AT]] = delivered.get(record[AT], 0) + 1
        elif kind in (kinds_smtp.SMTP_REPLY, kinds_smtp.LMTP_REPLY):
            found += _not_durable(record, queued, delivered)
    return found


def _not_durable(record: Record, queued: set[tuple[str, str]], delivered: dict[str, int]) -> list[Finding]:
    code, _, verb, text, _ = record[VALUES:]
    if verb != "DATA-END" or code != 250:
        return []
    if record[KIND] is kinds_smtp.SMTP_REPLY:
        good = (record[AT], text.rpartition(" ")[2]) in queued
    else:
        good = delivered.get(record[AT], 0) > 0
        delivered[record[AT]] = delivered.get(record[AT], 0) - 1
    return [] if good else [finding("durable", record, "250 went out before the letter was safe")]


def content_is_unchanged(records: Sequence[Record]) -> list[Finding]:
    """The body of a letter is the same at every hop, unless one has declared that it converts (RFC 6152, 3)."""
    found: list[Finding] = []
    bodies: dict[int, str] = {}
    converted: set[int] = set()
    for record in records:
        if record[KIND] is kinds_message.MESSAGE_HEADER and record[VALUES + 3] == "converted":
            converted.add(record[LETTER])
        if record[KIND] in (kinds_smtp.SMTP_DATA, kinds_smtp.LMTP_DATA) and record[LETTER] is not None:
            body = record[VALUES + 3]
            if bodies.setdefault(record[LETTER], body) != body and record[LETTER] not in converted:
                found.append(finding("content", record, f"the body of letter {record[LETTER]} changed on the way"))
    return found


def refused_for_good_is_not_tried_again(records: Sequence[Record]) -> list[Finding]:
    """A 5xx is final, and a 4xx is not, before the queue lifetime is over."""
    found: list[Finding] = []
    entered: dict[tuple[str, str], int] = {}
    failed: set[tuple[str, str, str]] = set()
    expired: set[tuple[str, str, str]] = set()
    for record in records:
        kind, host, queue_id = record[KIND], record[AT], record[VALUES] if len(record) > VALUES else ""
        if kind is kinds_queue.QUEUE_ENTER:
            entered[host, queue_id] = record[T]
        elif kind is kinds_queue.QUEUE_EXPIRE:
            expired.add((host, queue_id, record[VALUES + 1]))
            if record[T] - entered.get((host, queue_id), record[T]) < limits.QUEUE_LIFETIME_US:
                found.append(finding("retry", record, f"{record[VALUES + 1]} was given up before the queue lifetime"))
        elif kind is kinds_queue.QUEUE_FAIL:
            key = (host, queue_id, record[VALUES + 1])
            failed.add(key)
            if " said: 4" in record[VALUES + 2] and key not in expired:
                found.append(finding("retry", record, "a 4xx was taken for final before the queue lifetime"))
        elif kind is kinds_queue.QUEUE_ATTEMPT:
            again = [address for address in record[VALUES + 2] if (host, queue_id, address) in failed]
            found += [finding("retry", record, f"{address} had failed for good") for address in again]
    return found


def hops_are_limited(records: Sequence[Record]) -> list[Finding]:
    """No letter has more Received fields than the limit."""
    return [
        finding("hops", record, f"hop {record[VALUES]} of a letter")
        for record in records
        if record[KIND] is kinds_message.MESSAGE_HOP and record[VALUES] > limits.HOPS
    ]


def uids_ascend(records: Sequence[Record]) -> list[Finding]:
    """UIDs of a mailbox ascend and are never used again (RFC 9051, 2.3.1.1)."""
    found: list[Finding] = []
    last: dict[tuple[str, str, str, str], int] = {}
    for record in records:
        if record[KIND] in (kinds_access.MAILBOX_APPEND, kinds_access.DEVICE_APPEND):
            owner, name, uid = record[VALUES : VALUES + 3]
            key = (record[AT], record[KIND].name, owner, name)
            if uid <= last.get(key, 0):
                found.append(finding("uid", record, f"UID {uid} of {name} comes after {last[key]}"))
            last[key] = uid
    return found


CHECKS = (
    each_recipient_ends_once,
    queues_drain,
    no_letter_is_delivered_twice,
    durable_before_250,
    content_is_unchanged,
    refused_for_good_is_not_tried_again,
    hops_are_limited,
    uids_ascend,
)
