"""The letters of a mailbox as they lay on the disk after any event, octet by octet.

They are rebuilt from the trace: what LMTP or APPEND handed over, under the trace fields that the delivery agent wrote
down when it added them. The size that the record tells is checked, so a letter is never made up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ..engine.base_kinds import WORLD
from ..engine.kinds import Record
from ..engine.trace import ALSO, CAUSE, KIND, SESSION, N, T, value
from ..errors import MailflowError
from ..message.trace_fields import prepend, without_return_path
from ..records.folds import History
from ..records.kinds_access import IMAP_COMMAND, MAILBOX_APPEND
from ..records.kinds_message import MESSAGE_HEADER
from ..records.kinds_queue import DELIVER, LOOKUP
from ..records.kinds_smtp import LMTP_DATA
from ..text import _
from .contents import appended, submitted

__all__ = ["KeptLetter", "accounts", "kept_letters", "start_of", "with_letters"]

_FILE: Final = re.compile(r"/(?P<file>(?P<seconds>\d+)\.M(?P<us>\d{6})[^/:]*)(?::2,[A-Za-z]*)?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLetter:
    """A letter at rest: its UID, flags, octets, the name of its file (without flags), and when it came (epoch µs)."""

    uid: int
    flags: tuple[str, ...]
    octets: bytes
    file: str
    received: int


def kept_letters(records: Sequence[Record], n: int, address: str) -> dict[str, tuple[KeptLetter, ...]]:
    """The letters of an account after the record `n`, by mailbox, in ascending UIDs; `records` is a whole trace.

    Raises MailflowError if there is no such account, or if the trace does not hold a letter's octets.
    """
    known, wanted = accounts(records), address.lower()
    if wanted not in known:
        hint = ", ".join(known) or _("none")
        raise MailflowError(
            _("nobody has the mailbox {address}; mailboxes: {known}").format(address=address, known=hint)
        )
    boxes = History(records).at(n).mailboxes.get(wanted, {})
    return {
        name: tuple(_letter(records, letter.uid, letter.flags, records[letter.record - 1]) for letter in letters)
        for name, letters in boxes.items()
    }


def accounts(records: Sequence[Record]) -> tuple[str, ...]:
    """The accounts that a trace knows, in alphabetical order."""
    people = {value(r, "name").lower() for r in records if r[KIND] is WORLD and value(r, "what") == "person"}
    return tuple(sorted(people.union(with_letters(records))))


def with_letters(records: Sequence[Record]) -> tuple[str, ...]:
    """The accounts into which a letter ever came, in alphabetical order."""
    return tuple(sorted({value(record, "mailbox") for record in records if record[KIND] is MAILBOX_APPEND}))


def start_of(records: Sequence[Record]) -> int:
    """The time at the start of the scenario in µs since 1970, as the names of stored files tell it; 0 if none does."""
    for record in records:
        if record[KIND] is MAILBOX_APPEND:
            _file, received = _name(value(record, "path"))
            return received - int(record[T]) if received else 0
    return 0


def _letter(records: Sequence[Record], uid: int, flags: tuple[str, ...], stored: Record) -> KeptLetter:
    file, received = _name(value(stored, "path"))
    return KeptLetter(uid=uid, flags=flags, octets=_octets(records, stored), file=file, received=received)


def _name(path: str) -> tuple[str, int]:
    """A file's name without its flags, and the µs since 1970 that Maildir put into it."""
    found = _FILE.search(path)
    if found is None:
        return path.rpartition("/")[2].partition(":2,")[0], 0
    return found["file"], int(found["seconds"]) * 1_000_000 + int(found["us"])


def _octets(records: Sequence[Record], stored: Record) -> bytes:
    """What a mailbox.append put on the disk."""
    for n in stored[ALSO]:
        if records[n - 1][KIND] is MAILBOX_APPEND:  # copied or moved: the same octets under another name
            return _octets(records, records[n - 1])
    candidates = _appended(records, stored) if stored[SESSION] is not None else _delivered(records, stored)
    for octets in candidates:
        if len(octets) == value(stored, "size"):
            return octets
    raise MailflowError(
        _("the trace does not hold the octets of the letter of e{n}; export the scenario itself").format(n=stored[N])
    )


def _appended(records: Sequence[Record], stored: Record) -> list[bytes]:
    command = _above(records, stored, IMAP_COMMAND)
    if command is None:
        return []
    tag = value(command, "tag")
    found = [content.octets for content in appended(records[: stored[N]], stored[SESSION]) if content.tag == tag]
    return found[::-1]


def _delivered(records: Sequence[Record], stored: Record) -> list[bytes]:
    data = _above(records, stored, LMTP_DATA)
    deliver = _above(records, stored, DELIVER)
    if data is None or deliver is None:
        return []
    fields = _added_fields(records, deliver)
    contents = [content.octets for content in submitted(records[: data[N]], data[SESSION])]
    return [prepend(form, *fields) for content in contents[-1:] for form in (content, without_return_path(content))]


def _above(records: Sequence[Record], record: Record, kind: object) -> Record | None:
    """The nearest cause of that kind."""
    cause = record[CAUSE]
    while cause is not None:
        found: Record = records[cause - 1]
        if found[KIND] is kind:
            return found
        cause = found[CAUSE]
    return None


def _added_fields(records: Sequence[Record], deliver: Record) -> list[bytes]:
    """The trace fields that the delivery agent wrote down right before it stored the letter, the first on top.

    Values stand there unfolded; a tab is where the line was folded, since nothing else in these fields can be one.
    """
    fields: list[bytes] = []
    for record in reversed(records[: deliver[N] - 1]):
        if record[KIND] is LOOKUP:
            continue
        if record[KIND] is not MESSAGE_HEADER or value(record, "added-by") != "MDA":
            break
        name, text = value(record, "name"), value(record, "value")
        fields.insert(0, f"{name}: {text}\r\n".replace("\t", "\r\n\t").encode("utf-8", "surrogateescape"))
        if name == "Return-Path":
            break
    return fields
