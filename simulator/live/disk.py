"""The disk of a host as a folder of this machine: what Maildir writes is on it, for good, when the call returns.

The simulated disk promises that a letter is whole or not there; here the same calls keep that through a kill and a
power failure, by fsync of the file and of its folder. POSIX, fsync and rename.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from simulator.mailstore.disk import Disk
from simulator.mailstore.failures import DiskError

__all__ = ["KeptDisk", "sync_folder", "write_whole"]


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(path: Path, octets: bytes) -> None:
    """Write a file and have its octets on the disk; its name is the caller's affair."""
    with path.open("wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())


class KeptDisk(Disk):
    """The files below `root`; paths are the simulated ones, `/var/vmail/...`."""

    __slots__ = ("_root",)

    def __init__(self, root: Path) -> None:
        super().__init__()
        self._root = root

    def make_directory(self, directory: str) -> None:
        """Make an empty directory; one that exists stays as it is."""
        path = self._at(directory)
        if not path.is_dir():
            path.mkdir(parents=True)
            sync_folder(path.parent)

    def remove_directory(self, directory: str) -> None:
        """Remove an empty directory; raise DiskError when it holds files or is not there."""
        try:
            self._at(directory).rmdir()
        except OSError as error:
            raise DiskError(f"{directory} is missing or not empty: remove its files first") from error

    def rename_directory(self, old: str, new: str) -> None:
        """Move a directory with its files; raise DiskError when it is missing or the new name is taken."""
        source, target = self._at(old), self._at(new)
        if target.exists() or not source.is_dir():
            raise DiskError(f"{old} is missing or {new} exists: nothing was moved")
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
        sync_folder(target.parent)

    def write(self, path: str, octets: bytes) -> None:
        """Create a file and have it on the disk; raise DiskError when it exists or cannot be written."""
        target = self._at(path)
        if target.exists():
            raise DiskError(f"{path} exists: a letter is written once, under a name of its own")
        try:
            write_whole(target, octets)
        except OSError as error:
            target.unlink(missing_ok=True)
            raise DiskError(f"no space for {path}, or no directory: {error.strerror}") from error
        self.octets_written += len(octets)

    def read(self, path: str) -> bytes:
        """Return the octets of a file; raise DiskError when there is none."""
        try:
            octets = self._at(path).read_bytes()
        except OSError as error:
            raise DiskError(f"there is no file {path}") from error
        self.octets_read += len(octets)
        return octets

    def rename(self, old: str, new: str) -> None:
        """Move a file in one step; raise DiskError when it is missing or the new name is taken."""
        source, target = self._at(old), self._at(new)
        if target.exists():
            raise DiskError(f"{new} exists: it would be lost under {old}")
        try:
            source.rename(target)
        except OSError as error:
            raise DiskError(f"there is no file {old}") from error
        sync_folder(target.parent)

    def remove(self, path: str) -> int:
        """Remove a file and return its size; raise DiskError when there is none."""
        target = self._at(path)
        try:
            size = target.stat().st_size
            target.unlink()
        except OSError as error:
            raise DiskError(f"there is no file {path}") from error
        return size

    def exists(self, path: str) -> bool:
        """Tell whether there is a file of that path."""
        return self._at(path).is_file()

    def list(self, directory: str) -> tuple[str, ...]:
        """Return the file names in a directory, sorted; raise DiskError when there is no such directory."""
        try:
            return tuple(sorted(os.listdir(self._at(directory))))
        except OSError as error:
            raise DiskError(f"there is no directory {directory}") from error

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Give every (path, octets), sorted by path."""
        for path in sorted(one for one in self._root.rglob("*") if one.is_file()):
            yield f"/{path.relative_to(self._root)}", path.read_bytes()

    def _at(self, path: str) -> Path:
        """Return the real path; a simulated one never climbs above its root."""
        parts = path.strip("/").split("/")
        if ".." in parts:
            raise DiskError(f"there is no file {path}")
        return self._root.joinpath(*parts)
