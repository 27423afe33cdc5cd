"""What a store that outlived its process mends: letters whose file was renamed when the process died.

A letter's file is renamed before its row is changed, so a kill between the two leaves a row that points to no file; the
part of the name before the flags never changes and finds it again. Maildir++ (the flags after `:2,`).
"""

from __future__ import annotations

from simulator.mailstore import maildir
from simulator.mailstore.disk import Disk
from simulator.mailstore.index import Index

__all__ = ["mend"]


def mend(disk: Disk, index: Index) -> None:
    """Give every letter of the index the file that it has now; one that has none is forgotten."""
    for address, name, letters in index.all():
        row = index.mailbox(address, name)
        directory = maildir.mailbox_directory(address, name)
        maildir.make(disk, directory)
        present = _present(disk, directory)
        for letter in letters:
            file = present.get(_base(letter.file))
            if file is None:
                index.remove(row.id, letter.uid)
            elif file != letter.file:
                index.update(row.id, letter.uid, file=file, flags=letter.flags)


def _base(file: str) -> str:
    return file.partition("/")[2].partition(":2,")[0]


def _present(disk: Disk, directory: str) -> dict[str, str]:
    """Return the files of a mailbox, `new/NAME` or `cur/NAME:2,FLAGS`, by the part of the name that stays."""
    files = [f"{part}/{name}" for part in ("new", "cur") for name in disk.list(f"{directory}/{part}")]
    return {_base(file): file for file in files}
