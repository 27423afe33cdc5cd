"""`--state DIR`: mailboxes, queues and the certificate authority in a folder, so that a live world can go on later.

A reply 250 waits for the disk: a letter is in the queue's folder, with its name, before the server answers. One process
at a time has the folder.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from simulator.errors import UsageError
from simulator.live.disk import KeptDisk, sync_folder, write_whole
from simulator.nodes.queue import Entry
from simulator.nodes.queue_file import entry_of, octets_of
from simulator.text import _

__all__ = ["State", "kept"]


class State:
    """The folder of one live world; `start_us` is the simulated time at 0 in µs since 1970."""

    def __init__(self, folder: Path, start_us: int) -> None:
        self.folder = folder
        self._start_us = start_us

    @property
    def authority(self) -> bytes | None:
        """The certificate authority of earlier runs, None in the first."""
        path = self.folder / "authority.pem"
        return path.read_bytes() if path.exists() else None

    def keep_authority(self, pem: bytes) -> None:
        """Keep key and certificate where only their owner can read them."""
        beside = self.folder / ".authority.part"
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.folder / "authority.pem")
        sync_folder(self.folder)

    def disk(self, host: str) -> KeptDisk:
        """The files of a host."""
        return KeptDisk(self._made(host, "disk"))

    def index(self, host: str) -> str:
        """The path of the database of a host's mailboxes."""
        return str(self._made(host) / "index.sqlite")

    def spool(self, host: str) -> Spool:
        """The queue of a host."""
        return Spool(self._made(host, "queue"), self._start_us)

    def _made(self, *names: str) -> Path:
        path = self.folder.joinpath(*names)
        path.mkdir(parents=True, exist_ok=True)
        return path


class Spool:
    """A folder with a file for each letter of a queue."""

    def __init__(self, folder: Path, start_us: int) -> None:
        self._folder = folder
        self._start_us = start_us

    def keep(self, entry: Entry) -> None:
        """Have a letter, and how far it came, on the disk before returning."""
        beside = self._folder / f".{entry.queue_id}"
        write_whole(beside, octets_of(entry, self._start_us))
        beside.replace(self._folder / entry.queue_id)
        sync_folder(self._folder)

    def drop(self, queue_id: str) -> None:
        """Forget a letter that is settled."""
        (self._folder / queue_id).unlink(missing_ok=True)

    def entries(self) -> tuple[Entry, ...]:
        """Give back what was kept, oldest first; what has no name of its own yet was never accepted."""
        found = []
        for path in sorted(self._folder.iterdir()):
            if path.name.startswith("."):
                path.unlink()
            else:
                found.append(entry_of(path.name, path.read_bytes(), self._start_us))
        return tuple(sorted(found, key=lambda entry: entry.entered))


@contextmanager
def kept(folder: Path, start_us: int) -> Iterator[State]:
    """Have a state folder for oneself. Raises UsageError when another process has it, or it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        message = _("the state cannot be kept in {folder}: {reason}")
        raise UsageError(message.format(folder=folder, reason=error.strerror)) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UsageError(
                _("another live world keeps its state in {folder}; end it first").format(folder=folder)
            ) from error
        yield State(folder, start_us)
