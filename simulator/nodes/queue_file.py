"""One letter of a queue as octets: a line of JSON that says how far it came, then the letter as it is.

Times are written as epoch µs, since simulated time begins anew with every process.
"""

from __future__ import annotations

import json
from typing import Any

from simulator.errors import MailflowError
from simulator.nodes.queue import Entry, Queued

__all__ = ["entry_of", "octets_of"]

_STATES = ("active", "deferred", "failed", "sent")


def octets_of(entry: Entry, start_us: int) -> bytes:
    """Return the octets of a file for `entry`; `start_us` is the simulated time at 0 in µs since 1970."""
    said = {
        "sender": entry.sender,
        "entered": entry.entered + start_us,
        "options": entry.options._asdict(),
        "recipients": [_recipient(one, start_us) for one in entry.recipients],
    }
    return json.dumps(said).encode() + b"\n" + entry.content


def entry_of(queue_id: str, octets: bytes, start_us: int) -> Entry:
    """Return the letter of a file. Raises MailflowError for one that nobody here wrote."""
    first, _, content = octets.partition(b"\n")
    try:
        said = json.loads(first)
        recipients = [_queued(one, start_us) for one in said["recipients"]]
        entry = Entry(queue_id, said["sender"], content, None, said["entered"] - start_us, recipients)
        entry.options = entry.options._replace(**_restored(said["options"]))
        _check(isinstance(entry.sender, str) and type(entry.entered) is int)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise MailflowError(f"the kept letter {queue_id} cannot be read ({error}); remove its file") from error
    return entry


def _recipient(one: Queued, start_us: int) -> dict[str, Any]:
    return {
        "address": one.address,
        "state": one.state,
        "attempts": one.attempts,
        "next": None if one.next_try is None else one.next_try + start_us,
        "reason": one.reason,
        "options": one.options._asdict(),
    }


def _queued(said: dict[str, Any], start_us: int) -> Queued:
    due = None if said["next"] is None else said["next"] - start_us
    made = Queued(said["address"], said["state"], said["attempts"], due, said["reason"])
    made.options = made.options._replace(**_restored(said["options"]))
    _check(isinstance(made.address, str) and made.state in _STATES and type(made.attempts) is int)
    _check(isinstance(made.reason, str) and type(due) in (int, type(None)))
    return made


def _check(good: object) -> None:
    if not good:
        raise TypeError("a value of another type")


def _restored(said: dict[str, Any]) -> dict[str, Any]:
    """Give back the tuples that JSON wrote as lists."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}
