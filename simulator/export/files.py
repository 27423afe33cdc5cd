"""Files that a person asks for: written beside, flushed to disk, then put in place at once.

A file that exists is never replaced unless that was asked for, and a full disk leaves what was there before.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from ..errors import MailflowError

__all__ = ["save_lines", "save_octets", "save_tree"]


def save_lines(path: Path, lines: Iterable[str], *, replace: bool = False) -> int:
    """Write lines (UTF-8, LF) to `path` and return how many octets that was.

    Raises FileExistsError if the file exists and `replace` is false, and MailflowError if it cannot be written.
    """
    octets = ((line + "\n").encode("utf-8", "backslashreplace") for line in lines)
    return _save(path, lambda file: file.writelines(octets), replace=replace)


def save_octets(path: Path, octets: bytes, *, replace: bool = False) -> int:
    """Write octets to `path` and return how many; raises as `save_lines` does."""
    return _save(path, lambda file: file.writelines((octets,)), replace=replace)


def save_tree(path: Path, files: Mapping[str, bytes | None], *, replace: bool = False) -> int:
    """Write a folder of files by their relative paths (None: a folder) and return how many octets they have.

    Raises FileExistsError if `path` exists and `replace` is false, and MailflowError if it cannot be written, or if
    what would be replaced is no folder with the same folders in it: nothing else is ever removed.
    """
    if path.exists():
        if not replace:
            raise FileExistsError(str(path))
        if not path.is_dir() or not {one.name for one in path.iterdir()} <= {name.split("/")[0] for name in files}:
            raise MailflowError(f"{path} holds something else; it is not replaced: remove it, or choose another name")
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        beside.mkdir()
        for name, octets in files.items():
            _write(beside / name, octets)
        _swap(beside, path)
    except OSError as error:
        raise _cannot(path, error) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return sum(len(octets or b"") for octets in files.values())


def _write(path: Path, octets: bytes | None) -> None:
    if octets is None:
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())


def _swap(beside: Path, path: Path) -> None:
    """Give the new folder its name; the old one goes away only when the new one stands there."""
    if not path.exists():
        beside.rename(path)
        return
    old = path.with_name(f".{path.name}.{os.getpid()}.old")
    path.rename(old)
    try:
        beside.rename(path)
    except OSError:
        old.rename(path)
        raise
    shutil.rmtree(old)


def _save(path: Path, write: Callable[[BinaryIO], None], *, replace: bool) -> int:
    if not replace and path.exists():
        raise FileExistsError(str(path))
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            write(file)
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
        raise _cannot(path, error) from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _cannot(path: Path, error: OSError) -> MailflowError:
    return MailflowError(f"cannot write {path}: {error.strerror or error}; choose another folder")


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
