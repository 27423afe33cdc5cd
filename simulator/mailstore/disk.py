"""The simulated disk of a host: files of octets under absolute paths.

Why: Maildir's promises rest on create-then-rename, so the disk has exactly these operations and counts what they cost.
"""

from collections.abc import Iterator

from simulator.mailstore.failures import DiskError


class Disk:
    """Files by path, grouped by directory; listings are sorted, so nothing depends on order of creation. Sizes in
    octets.
    """

    __slots__ = ("_directories", "capacity", "octets_read", "octets_used", "octets_written")

    def __init__(self, capacity: int | None = None) -> None:
        self.capacity = capacity
        self.octets_used = 0
        self.octets_written = 0
        self.octets_read = 0
        self._directories: dict[str, dict[str, bytes]] = {}

    def make_directory(self, directory: str) -> None:
        """Make an empty directory; one that exists stays as it is."""
        self._directories.setdefault(directory, {})

    def remove_directory(self, directory: str) -> None:
        """Remove an empty directory; raise DiskError when it holds files or is not there."""
        if self._directories.get(directory) != {}:
            raise DiskError(f"{directory} is missing or not empty: remove its files first")
        del self._directories[directory]

    def rename_directory(self, old: str, new: str) -> None:
        """Move a directory with its files; raise DiskError when it is missing or the new name is taken."""
        if old not in self._directories or new in self._directories:
            raise DiskError(f"{old} is missing or {new} exists: nothing was moved")
        self._directories[new] = self._directories.pop(old)

    def write(self, path: str, octets: bytes) -> None:
        """Create a file; raise DiskError when it exists, its directory does not, or the disk is full."""
        directory, name = self._locate(path)
        if name in directory:
            raise DiskError(f"{path} exists: a letter is written once, under a name of its own")
        if self.capacity is not None and self.octets_used + len(octets) > self.capacity:
            raise DiskError(f"no space for {path}: {self.octets_used} of {self.capacity} octets are in use")
        directory[name] = octets
        self.octets_used += len(octets)
        self.octets_written += len(octets)

    def read(self, path: str) -> bytes:
        """Return the octets of a file; raise DiskError when there is none."""
        directory, name = self._locate(path)
        octets = _file(directory, name, path)
        self.octets_read += len(octets)
        return octets

    def rename(self, old: str, new: str) -> None:
        """Move a file in one step; raise DiskError when it is missing or the new name is taken."""
        source, old_name = self._locate(old)
        target, new_name = self._locate(new)
        octets = _file(source, old_name, old)
        if new_name in target:
            raise DiskError(f"{new} exists: it would be lost under {old}")
        del source[old_name]
        target[new_name] = octets

    def remove(self, path: str) -> int:
        """Remove a file and return its size; raise DiskError when there is none."""
        directory, name = self._locate(path)
        size = len(_file(directory, name, path))
        del directory[name]
        self.octets_used -= size
        return size

    def exists(self, path: str) -> bool:
        """Tell whether there is a file of that path."""
        parent, _, name = path.rpartition("/")
        return name in self._directories.get(parent, ())

    def list(self, directory: str) -> tuple[str, ...]:
        """Return the file names in a directory, sorted; raise DiskError when there is no such directory."""
        if directory not in self._directories:
            raise DiskError(f"there is no directory {directory}")
        return tuple(sorted(self._directories[directory]))

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Give every (path, octets), sorted by path."""
        paths = sorted(f"{directory}/{name}" for directory, names in self._directories.items() for name in names)
        for path in paths:
            parent, _, name = path.rpartition("/")
            yield path, self._directories[parent][name]

    def _locate(self, path: str) -> tuple[dict[str, bytes], str]:
        parent, _, name = path.rpartition("/")
        directory = self._directories.get(parent)
        if directory is None or not name:
            raise DiskError(f"there is no directory {parent or '/'} for {path}")
        return directory, name


def _file(directory: dict[str, bytes], name: str, path: str) -> bytes:
    if name not in directory:
        raise DiskError(f"there is no file {path}")
    return directory[name]
