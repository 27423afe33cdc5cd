"""Files that a person asks for: written beside, flushed to disk, then put in place at once.

A file that exists is never replaced unless that was asked for, and a full disk leaves what was there before.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ..errors import MailflowError

__all__ = ["save_lines"]


def save_lines(path: Path, lines: Iterable[str], *, replace: bool = False) -> int:
    """Write lines (UTF-8, LF) to `path` and return how many octets that was.

    Raises FileExistsError if the file exists and `replace` is false, and MailflowError if it cannot be written.
    """
    if not replace and path.exists():
        raise FileExistsError(str(path))
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.writelines(line + "\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            beside.replace(path)
        else:
            _place(beside, path)
        return path.stat().st_size
    except FileExistsError:
        raise
    except OSError as error:
        raise MailflowError(f"cannot write {path}: {error.strerror or error}; choose another folder") from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _place(beside: Path, path: Path) -> None:
    """Give the file its name unless that name was taken meanwhile."""
    try:
        os.link(beside, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if path.exists():
            raise FileExistsError(str(path)) from None
        beside.replace(path)
