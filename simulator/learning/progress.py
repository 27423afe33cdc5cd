"""What a learner has done: one line of JSON an answer, appended and on the disk before the next question is asked.

A file that is only ever appended to survives `kill -9` at any moment: at worst its last line is torn, and that one is
skipped with a message. A file of a newer version, or one that is damaged, is put aside and never overwritten. This is
the one module of the package that looks at the clock on the wall.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from simulator.errors import UsageError
from simulator.safe import safe_text
from simulator.text import _

__all__ = ["FILE", "VERSION", "Entry", "Progress", "home", "read_lines"]

VERSION: Final = 1
FILE: Final = "progress.jsonl"
_TEXTS: Final = ("lesson", "item")
_OCTETS: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One answer, one run of a lab (`item` is `lab:ID`) or one page that was opened (`item` is `page`).

    t       seconds since 1970-01-01 UTC; 0 until it is kept
    answer  one text, or several; for a page its number, for a lab its edits as JSON
    sure    "guess", "think", "certain", or "" where nobody asks
    tries   which try it was; done: nothing more can be won
    """

    lesson: str
    item: str
    seed: int = 0
    answer: str | tuple[str, ...] = ""
    points: float = 0.0
    sure: str = ""
    right: bool = False
    tries: int = 0
    done: bool = False
    skill: str | None = None
    myth: str | None = None
    t: int = 0

    def line(self) -> str:
        """The entry as one line of JSON, without its line end."""
        data = {key: value for key, value in asdict(self).items() if value not in (None, "", ()) or key in _KEPT}
        return json.dumps({"v": VERSION, **data}, ensure_ascii=False, separators=(", ", ": "))


_KEPT: Final = ("lesson", "item", "seed", "answer", "points", "sure", "t")


def home(environment: Mapping[str, str]) -> Path:
    """The learner's folder: MAILFLOW_HOME, else what the platform gives programs for data."""
    named = environment.get("MAILFLOW_HOME")
    if named:
        return Path(named).expanduser()
    from platformdirs import user_data_path

    return user_data_path("mailflow")


class Progress:
    """The answers of one learner. Opening never raises: what is wrong is in `messages`, each a sentence.

    Where nothing can be written, answers are kept in memory and one message says so.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        self.path = folder / FILE
        self.messages: list[str] = []
        self.entries: list[Entry] = []
        self.writable = True
        self._clock = clock
        self._torn = False
        self._read()

    # reading

    def _read(self) -> None:
        try:
            octets = self._octets()
        except FileNotFoundError:
            return
        except OSError as error:
            self._say(_("{file} cannot be read: {reason}. Answers are kept until this program ends."), error=error)
            self.writable = False
            return
        self._torn = bool(octets) and not octets.endswith(b"\n")
        newest, bad, total = 0, [], 0
        for number, found in read_lines(octets):
            total += 1
            if isinstance(found, Entry):
                self.entries.append(found)
            elif isinstance(found, int):
                newest = max(newest, found)
            else:
                bad.append(number)
        self._judge(newest, bad, total)

    def _octets(self) -> bytes:
        with self.path.open("rb") as file:
            return file.read(_OCTETS)

    def _judge(self, newest: int, bad: list[int], total: int) -> None:
        """Say what was wrong with the file, and put it aside where it must not be written to."""
        if newest:
            self.entries.clear()
            self._put_aside("newer")
            self._say(_("{file} was written by a newer version of this program. It is kept as {kept}."))
        elif bad and len(bad) == total:
            self._put_aside("damaged")
            self._say(_("{file} is damaged and cannot be read. It is kept as {kept}; a new one is begun."))
        elif bad:
            lines = ", ".join(map(str, bad[:5]))
            self._say(
                _("{file}: line {lines} was not written whole and is skipped; all others are there."), lines=lines
            )

    def _put_aside(self, why: str) -> None:
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(self._clock()))
        target = _free(self.path.with_name(f"progress.{why}-{stamp}.jsonl"))
        try:
            self.path.rename(target)
            self._kept, self._torn = target, False
        except OSError:
            self._kept, self.writable = self.path, False

    _kept: Path = Path()

    def _say(self, sentence: str, *, error: OSError | None = None, lines: str = "") -> None:
        reason = (error.strerror or str(error)) if error is not None else ""
        text = sentence.format(file=self.path, kept=self._kept, reason=reason, lines=lines)
        if text not in self.messages:
            self.messages.append(safe_text(text))

    def now(self) -> float:
        """Seconds since 1970-01-01 UTC, by the clock on the wall."""
        return self._clock()

    # writing

    def add(self, entry: Entry) -> Entry:
        """Keep an entry, stamped with the time; it is on the disk when this returns, or a message says why not."""
        stamped = replace(entry, t=entry.t or int(self._clock()))
        self.entries.append(stamped)
        if self.writable:
            try:
                self._append(stamped.line())
            except OSError as error:
                self.writable = False
                self._say(
                    _(
                        "{file} cannot be written: {reason}. Answers are kept until this program ends; "
                        "MAILFLOW_HOME names another folder."
                    ),
                    error=error,
                )
        return stamped

    def _append(self, line: str) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        octets = (b"\n" if self._torn else b"") + line.encode("utf-8", "backslashreplace") + b"\n"
        with self.path.open("ab", buffering=0) as file:
            file.write(octets)
            os.fsync(file.fileno())
        self._torn = False

    def add_page(self, lesson: str, page: int) -> None:
        """Remember which page of a lesson is open, for "go on"."""
        last = next(
            (entry for entry in reversed(self.entries) if entry.lesson == lesson and entry.item == "page"), None
        )
        if last is None or last.answer != str(page):
            self.add(Entry(lesson=lesson, item="page", answer=str(page)))

    # whole files

    def export(self, target: Path) -> int:
        """Write all entries into a file; gives their number. Raises UsageError where it cannot be written."""
        try:
            _replace(target, [entry.line() for entry in self.entries])
        except OSError as error:
            raise UsageError(
                _("{file} cannot be written: {reason}").format(file=target, reason=error.strerror)
            ) from None
        return len(self.entries)

    def take_in(self, source: Path) -> int:
        """Add what another file has and this one lacks; gives how many. Raises UsageError, and then takes nothing."""
        try:
            octets = source.read_bytes()
        except OSError as error:
            raise UsageError(_("{file} cannot be read: {reason}").format(file=source, reason=error.strerror)) from None
        taken: list[Entry] = []
        for number, found in read_lines(octets):
            if not isinstance(found, Entry):
                message = _("{file}, line {n}: this is no line of progress; nothing was taken in")
                raise UsageError(message.format(file=source, n=number))
            taken.append(found)
        known = {entry.line() for entry in self.entries}
        new = [entry for entry in taken if entry.line() not in known]
        for entry in new:
            self.add(entry)
        return len(new)

    def reset(self, lesson: str) -> Path | None:
        """Forget one lesson; gives the file in which everything is kept as it was, or None if there was nothing.

        Raises UsageError where the file cannot be written; nothing is lost then.
        """
        left = [entry for entry in self.entries if entry.lesson != lesson]
        if len(left) == len(self.entries):
            return None
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(self._clock()))
        kept = _free(self.path.with_name(f"progress.before-reset-{stamp}.jsonl"))
        try:
            _replace(kept, [entry.line() for entry in self.entries])
            _replace(self.path, [entry.line() for entry in left])
        except OSError as error:
            message = _("{file} cannot be written: {reason}").format(file=self.path, reason=error.strerror)
            raise UsageError(message) from None
        self.entries = left
        return kept


def read_lines(octets: bytes) -> Iterator[tuple[int, Entry | int | None]]:
    """Every line with its number: an entry, the version of a newer one, or None for what cannot be read."""
    for number, line in enumerate(octets.split(b"\n"), 1):
        if line.strip():
            yield number, _entry(line)


def _entry(line: bytes) -> Entry | int | None:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    version = data.pop("v", VERSION)
    if isinstance(version, int) and version > VERSION:
        return version
    if not all(isinstance(data.get(key), str) for key in _TEXTS):
        return None
    return _typed(data)


_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "seed": (int,), "points": (int, float), "sure": (str,), "right": (bool,), "tries": (int,), "done": (bool,),
    "skill": (str,), "myth": (str,), "t": (int,), "answer": (str, list), "lesson": (str,), "item": (str,),
}  # fmt: skip


def _typed(data: dict[str, Any]) -> Entry | None:
    """The entry of known keys with the right types; a wrong type makes the line one that cannot be read."""
    known = {key: value for key, value in data.items() if key in _TYPES and value is not None}
    if not all(isinstance(value, _TYPES[key]) for key, value in known.items()):
        return None
    if isinstance(known.get("answer"), list):
        known["answer"] = tuple(map(str, known["answer"]))
    return Entry(**known)


def _replace(target: Path, lines: Iterable[str]) -> None:
    """Write a file whole or not at all: beside it, onto the disk, then in its place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f"{target.name}.new")
    with beside.open("wb") as file:
        file.write("".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace"))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(target)


def _free(path: Path) -> Path:
    """A path at which nothing lies yet."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free
