"""Mailboxes as other mail programs read them: one file in the mbox form, or a Maildir.

The octets of a letter stay as they were stored, with CRLF; only mbox's own lines end in LF, and in it a line of a
letter that begins with `From ` gets a `>` (mboxrd, so that it can be taken away again). mbox: RFC 4155; Maildir: the
names of the files and the letters of the flags are those of the simulated disk (Maildir++ beyond INBOX).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from time import asctime, gmtime
from typing import Final

from ..errors import MailflowError
from ..protocol.imap.utf7 import encode
from ..text import _
from .kept import KeptLetter

__all__ = ["maildir_files", "mbox"]

_FROM_LINE: Final = re.compile(rb"^(>*From )", re.MULTILINE)
_RETURN_PATH: Final = re.compile(rb"\AReturn-Path: <([!-~]+)>\r?\n")
_NOBODY: Final = b"MAILER-DAEMON"
_FLAGS: Final = (
    ("\\Draft", "D"),
    ("\\Flagged", "F"),
    ("$Forwarded", "P"),
    ("\\Answered", "R"),
    ("\\Seen", "S"),
    ("\\Deleted", "T"),
)


def mbox(letters: Iterable[KeptLetter]) -> bytes:
    """One mailbox as an mbox file; flags are left out, since they would have to be written into the letters."""
    return b"".join(_entry(letter) for letter in letters)


def _entry(letter: KeptLetter) -> bytes:
    sender = _RETURN_PATH.match(letter.octets)
    when = asctime(gmtime(letter.received // 1_000_000)).encode("ascii")
    head = b"From %b %b\n" % (sender[1] if sender else _NOBODY, when)
    end = b"\n" if letter.octets.endswith(b"\n") else b"\n\n"
    return head + _FROM_LINE.sub(rb">\1", letter.octets) + end


def maildir_files(boxes: Mapping[str, Sequence[KeptLetter]]) -> dict[str, bytes | None]:
    """The files of a Maildir by their relative paths; a folder that may be empty stands there with None.

    INBOX is the Maildir itself, another mailbox a folder `.Name` in it. A letter that has a flag, or that IMAP put
    there, is in cur; that somebody only looked into the mailbox does not move it. Raises MailflowError for a trace
    whose names would lead out of the Maildir.
    """
    files: dict[str, bytes | None] = {}
    for name in ("INBOX", *(name for name in boxes if name != "INBOX")):
        folder = "" if name == "INBOX" else f".{_part(encode(name).decode('ascii'))}/"
        files |= {f"{folder}{part}": None for part in ("cur", "new", "tmp")}
        if folder:
            files[f"{folder}maildirfolder"] = b""
        for letter in boxes.get(name, ()):
            marks = "".join(mark for flag, mark in _FLAGS if flag in letter.flags)
            file = _part(letter.file or f"uid{letter.uid}")
            place = f"cur/{file}:2,{marks}" if letter.flags or letter.old else f"new/{file}"
            files[folder + place] = letter.octets
    return files


def _part(name: str) -> str:
    """A name that is one step of a path, and a visible one."""
    if not name or name.startswith(".") or "/" in name or "\\" in name or "\0" in name:
        raise MailflowError(_("{name} cannot name a file of a Maildir; the trace is damaged").format(name=repr(name)))
    return name
