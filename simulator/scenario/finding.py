"""Finds scenarios by id or path, lists them, and reads deep links such as `first-letter?seed=7#smtp.reply/2`.

An id is looked up in `./scenarios`, then in the folders of MAILFLOW_PATH, then among the shipped ones, so that a
teacher's own file wins over ours. Light on purpose: a list of scenarios must not wait for pydantic.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from simulator.errors import ScenarioError, UsageError
from simulator.scenario.words import nearest, quoted

_PACKAGE: Final = Path(__file__).resolve().parent.parent
_ID: Final = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_OVERLAY: Final = re.compile(r"(?P<name>.+)\.(?P<language>[a-z]{2})\.yaml")
_LINK: Final = re.compile(r"(?P<scenario>[^?#]+)(?:\?(?P<options>[^#]*))?(?:#(?P<place>.*))?")
_PLACE: Final = re.compile(r"(?P<kind>[a-z0-9.*-]+)/(?P<ordinal>[1-9][0-9]{0,8})")


@dataclass(frozen=True, slots=True)
class Found:
    """A scenario file; `where` says in which words it was found: "here", "path" or "shipped"."""

    id: str
    path: Path
    where: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list of scenarios."""

    id: str
    title: str
    summary: str
    path: Path
    where: str


@dataclass(frozen=True, slots=True)
class Link:
    """A deep link: a scenario, a seed or None, and the `ordinal`-th record (from 1) of a kind, or None."""

    scenario: str
    seed: int | None = None
    kind: str | None = None
    ordinal: int | None = None

    def __str__(self) -> str:
        seed = f"?seed={self.seed}" if self.seed is not None else ""
        place = f"#{self.kind}/{self.ordinal}" if self.kind is not None else ""
        return f"{self.scenario}{seed}{place}"


def shipped_folder() -> Path:
    """The folder of the shipped scenarios: package data, or the checkout's own."""
    inside = _PACKAGE / "data" / "scenarios"
    return inside if inside.is_dir() else _PACKAGE.parent / "scenarios"


def find(path_or_id: str | Path, *, mailflow_path: str = "") -> Found:
    """The file of a scenario; raises `UsageError` with the nearest name when there is none."""
    text = str(path_or_id)
    if text.endswith(".yaml"):
        path = Path(text)
        if path.is_file():
            return Found(path.name.removesuffix(".yaml"), path, "here")
        raise UsageError(f"there is no file {text}; check the path, or give an id such as first-letter")
    if _ID.fullmatch(text):
        for folder, where in _folders(mailflow_path):
            path = folder / f"{text}.yaml"
            if path.is_file():
                return Found(text, path, where)
    known = [found.id for found in every(mailflow_path=mailflow_path)]
    near = nearest(text, known)
    hint = f"did you mean {near}?" if near else f"known: {', '.join(known)}"
    raise UsageError(f"there is no scenario {quoted(text)}; {hint}")


def base_of(path: Path) -> tuple[Path, str | None]:
    """The scenario that an overlay belongs to, and its language; any other path comes back with None."""
    match = _OVERLAY.fullmatch(path.name)
    base = path.with_name(f"{match['name']}.yaml") if match is not None else path
    return (base, match["language"]) if match is not None and base.is_file() else (path, None)


def every(*, mailflow_path: str = "") -> list[Found]:
    """All scenarios that can be found by id, each once, in order of their ids."""
    found: dict[str, Found] = {}
    for folder, where in _folders(mailflow_path):
        for path in sorted(folder.glob("*.yaml")) if folder.is_dir() else ():
            name = path.name.removesuffix(".yaml")
            if _ID.fullmatch(name):
                found.setdefault(name, Found(name, path, where))
    return [found[name] for name in sorted(found)]


def catalogue(*, mailflow_path: str = "", lang: str | None = None) -> list[Entry]:
    """All scenarios with title and summary in a language; a file that cannot be read has its mistake as title."""
    return [_entry(found, lang) for found in every(mailflow_path=mailflow_path)]


def _entry(found: Found, lang: str | None) -> Entry:
    from simulator.scenario.overlay import read_texts
    from simulator.scenario.report import Report
    from simulator.scenario.yamlload import load_tree, read_source

    report = Report()
    try:
        source, text = read_source(found.path, found.path.name, report)
        texts = read_texts(load_tree(source, text, report), found.path, found.path.name, report)
    except ScenarioError as error:
        first = error.diagnostics[0]
        return Entry(found.id, f"{first.file}:{first.line}: {first.message}", "", found.path, found.where)
    own = next(iter(texts.values()))
    shown = {**own, **texts.get(lang or "", {})}
    return Entry(
        found.id, shown.get("title", found.id), " ".join(shown.get("summary", "").split()), found.path, found.where
    )


def _folders(mailflow_path: str) -> Iterator[tuple[Path, str]]:
    yield Path("scenarios"), "here"
    for folder in mailflow_path.split(os.pathsep):
        if folder:
            yield Path(folder), "path"
    yield shipped_folder(), "shipped"


def parse_link(text: str) -> Link:
    """A link `SCENARIO[?seed=N][#KIND/ORDINAL]`; raises `UsageError` that says which part is wrong."""
    match = _LINK.fullmatch(text)
    if match is None:
        raise UsageError(f"{quoted(text)} is no link; write SCENARIO, or SCENARIO?seed=7#smtp.reply/2")
    seed = _seed(match["options"]) if match["options"] is not None else None
    if match["place"] is None:
        return Link(match["scenario"], seed)
    place = _PLACE.fullmatch(match["place"])
    if place is None:
        hint = "write the kind and which one, from 1: #smtp.reply/2"
        raise UsageError(f"{quoted('#' + match['place'])} names no record; {hint}")
    return Link(match["scenario"], seed, place["kind"], int(place["ordinal"]))


def _seed(options: str) -> int:
    name, _, value = options.partition("=")
    if name != "seed" or not re.fullmatch("[0-9]{1,18}", value):
        raise UsageError(f"{quoted('?' + options)} is no option of a link; write ?seed= and a number, such as ?seed=7")
    return int(value)
