"""Maildir: one letter a file, written in tmp, renamed to new, moved to cur when a mail program has seen it.

Why: no lock and no half-written letter, by renaming alone; the flags are in the file's name where anybody can read
them. Source: cr.yp.to/proto/maildir.html; Maildir++ for further mailboxes; `,S=` for the size as Dovecot writes it;
RFC 9051 2.3.2 (flags).
"""

import binascii
import re
from functools import lru_cache

from simulator.mailstore.disk import Disk
from simulator.mailstore.failures import BadName

# Maildir's letters, and Passed for a forwarded letter is $Forwarded (RFC 5788).
_LETTERS = (
    ("\\Draft", "D"),
    ("\\Flagged", "F"),
    ("$Forwarded", "P"),
    ("\\Answered", "R"),
    ("\\Seen", "S"),
    ("\\Deleted", "T"),
)
_FLAG_OF = {letter: flag for flag, letter in _LETTERS}
_SAFE_PART = re.compile(r"[A-Za-z0-9_+=~][A-Za-z0-9._+=~-]*")
_NOT_ASCII = re.compile(r"[^\x20-\x7e]+")
_BAD_MAILBOX = re.compile(r"[\x00-\x1f\x7f-\x9f/\ud800-\udfff]|\.\.|^\.|\.$|[%*]")
_SUBDIRECTORIES = ("tmp", "new", "cur")


def home(address: str) -> str:
    """Return the directory of an account, `/var/vmail/example.org/anna/Maildir`; odd octets are written as %XX."""
    local, _, domain = address.rpartition("@")
    return f"/var/vmail/{_component(domain)}/{_component(local)}/Maildir"


def _component(text: str) -> str:
    if _SAFE_PART.fullmatch(text):
        return text
    kept = [
        c if _SAFE_PART.fullmatch(f"x{c}") else "".join([f"%{octet:02X}" for octet in c.encode("utf-8", "replace")])
        for c in text
    ]
    path = "".join(kept)
    return f"%2E{path[1:]}" if path.startswith(".") else path


@lru_cache(maxsize=1024)
def mailbox_directory(address: str, name: str) -> str:
    """Return the directory of a mailbox: the home itself for INBOX, else Maildir++'s `.Name`, in modified UTF-7 (RFC
    3501 5.1.3). Remembered, because it hangs on the names alone.
    """
    return home(address) if name == "INBOX" else f"{home(address)}/.{_utf7(name)}"


def check_name(name: str) -> str:
    """Return a mailbox name, INBOX in capitals (RFC 9051 5.1); raise BadName for one that no Maildir can hold. `.`
    separates levels.
    """
    if name == "INBOX" or name.upper() == "INBOX":
        return "INBOX"
    if not name or len(name.encode("utf-8", "replace")) > 255 or _BAD_MAILBOX.search(name):
        raise BadName(f"{name[:40]!r} cannot name a mailbox: use letters, digits and single dots between levels")
    return name


def _utf7(name: str) -> str:
    return _NOT_ASCII.sub(_utf7_run, name.replace("&", "&-"))


def _utf7_run(match: re.Match[str]) -> str:
    octets = binascii.b2a_base64(match[0].encode("utf-16-be"), newline=False)
    return "&" + octets.rstrip(b"=\n").replace(b"/", b",").decode("ascii") + "-"


def make(disk: Disk, directory: str) -> None:
    """Make tmp, new and cur of a mailbox."""
    for subdirectory in _SUBDIRECTORIES:
        disk.make_directory(f"{directory}/{subdirectory}")


def remove(disk: Disk, directory: str) -> None:
    """Remove the empty tmp, new and cur of a mailbox."""
    for subdirectory in _SUBDIRECTORIES:
        disk.remove_directory(f"{directory}/{subdirectory}")


def rename(disk: Disk, old: str, new: str) -> None:
    """Move tmp, new and cur of a mailbox with all that is in them."""
    for subdirectory in _SUBDIRECTORIES:
        disk.rename_directory(f"{old}/{subdirectory}", f"{new}/{subdirectory}")


def unique_name(now: int, ordinal: int, host: str, size: int) -> str:
    """Return `seconds.MmicrosecondsQordinal.host,S=size`: unique on a host since `ordinal` counts its deliveries;
    `now` in µs.
    """
    seconds, microseconds = divmod(now, 1_000_000)
    return f"{seconds}.M{microseconds:06d}Q{ordinal}.{_place(host)},S={size}"


@lru_cache(maxsize=256)
def _place(host: str) -> str:
    """Write a host's name as a file's name can hold it."""
    return host.replace("/", "\\057").replace(":", "\\072")


def deliver(disk: Disk, directory: str, name: str, octets: bytes) -> str:
    """Write a letter to tmp, rename it to new, return `new/NAME`. A crash between leaves nothing that a reader takes
    for a letter.
    """
    disk.write(f"{directory}/tmp/{name}", octets)
    disk.rename(f"{directory}/tmp/{name}", f"{directory}/new/{name}")
    return f"new/{name}"


def store(disk: Disk, directory: str, name: str, octets: bytes, flags: frozenset[str]) -> str:
    """Write a letter to tmp, rename it to cur with its flags, return `cur/NAME:2,FLAGS`: what APPEND does."""
    disk.write(f"{directory}/tmp/{name}", octets)
    file = f"cur/{name}:2,{letters(flags)}"
    disk.rename(f"{directory}/tmp/{name}", f"{directory}/{file}")
    return file


def with_flags(file: str, flags: frozenset[str]) -> str:
    """Return the name in cur that a file gets by its flags; keywords beyond Maildir's six letters stay in the index."""
    name = file.partition("/")[2].partition(":2,")[0]
    return f"cur/{name}:2,{letters(flags)}"


def letters(flags: frozenset[str]) -> str:
    """Return the flags as letters in ASCII order, `FS`."""
    return "".join([letter for flag, letter in _LETTERS if flag in flags])


def flags_of(file: str) -> frozenset[str]:
    """Return the flags that a file name tells; letters of others are passed over."""
    return frozenset([_FLAG_OF[letter] for letter in file.partition(":2,")[2] if letter in _FLAG_OF])
