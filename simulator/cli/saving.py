"""A trace that goes into a file while the world runs: written beside, then put in place at once.

Whoever looks at the file sees a whole trace or none, and a run that fails leaves what was there before.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from simulator.cli.words import _
from simulator.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from simulator.engine.kinds import Record

__all__ = ["canonical_writer", "replacing"]


def canonical_writer(file: TextIO, header: str) -> Callable[[Record], None]:
    """A sink that writes the canonical form, which is the same on every machine; `header` is its first line."""
    from simulator.engine.jsonlines import line

    file.write(header + "\n")

    def write(record: Record) -> None:
        file.write(line(record, canonical=True) + "\n")

    return write


@contextmanager
def replacing(target: str) -> Iterator[TextIO]:
    """A text file (UTF-8, LF) that takes the place of `target` if all goes well. Raises UsageError if it cannot."""
    path = Path(target)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        file: Any = beside.open("w", encoding="utf-8", errors="surrogatepass", newline="\n")
    except OSError as error:
        raise UsageError(_("cannot write {file}: {reason}").format(file=target, reason=error.strerror)) from error
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise UsageError(_("cannot write {file}: {reason}").format(file=target, reason=error.strerror)) from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
