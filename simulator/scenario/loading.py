"""Loads a scenario: file, includes, parameters, shape, defaults, zones, checks, and the frozen model at the end.

The order of the steps is the whole of this module; every mistake goes into one report, and only what makes the next
step impossible ends it early. The format itself is told in scenarios/README.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from simulator.errors import Diagnostic, ScenarioError
from simulator.scenario import build, values
from simulator.scenario.checks import Checker
from simulator.scenario.defaults import complete_hosts, share_zones, with_hosts
from simulator.scenario.delegation import add_delegations
from simulator.scenario.draft import Draft
from simulator.scenario.finding import base_of, find
from simulator.scenario.include import load_with_includes
from simulator.scenario.labs import make_lab
from simulator.scenario.model import Action, Expect, Fault, Scenario, ZoneText
from simulator.scenario.overlay import read_texts
from simulator.scenario.params import draw_params, fill_text, put_params
from simulator.scenario.queries import CheckQuery, check_queries, check_query, with_orders
from simulator.scenario.reading import Reading, read_shape
from simulator.scenario.report import Report
from simulator.scenario.tree import Mapping, Scalar
from simulator.scenario.values import Moment, ValueSyntaxError
from simulator.scenario.zonemaking import complete_zones
from simulator.scenario.zones import Zones

_START: Final = values.moment("2024-03-23 18:30:00 +05:00")
_SEED: Final = 1


def load(
    path_or_id: str | Path,
    *,
    seed: int | None = None,
    lang: str | None = None,
    mailflow_path: str = "",
    query_check: CheckQuery = check_query,
) -> Scenario:
    """The scenario of a file (`.yaml`) or an id, complete and checked; of an overlay, that of the scenario beside it.

    `seed` replaces the one in the file; `lang` chooses the overlay for texts (the author's language where there is
    none); `mailflow_path` is a list of folders as in the variable MAILFLOW_PATH. Raises `ScenarioError` with every
    mistake, and `UsageError` when there is no such scenario.
    """
    path, overlay = base_of(find(path_or_id, mailflow_path=mailflow_path).path)
    shown = _shown(path, path_or_id)
    return load_file(path, shown=shown, seed=seed, lang=lang or overlay, query_check=query_check)


def validate(
    paths: Iterable[str | Path], *, mailflow_path: str = "", query_check: CheckQuery = check_query
) -> list[Diagnostic]:
    """Every mistake in every file; raises `UsageError` when one of them does not exist."""
    found: list[Diagnostic] = []
    for path in paths:
        try:
            load(path, mailflow_path=mailflow_path, query_check=query_check)
        except ScenarioError as error:
            found += error.diagnostics
    return found


def load_file(
    path: Path,
    *,
    shown: str,
    seed: int | None = None,
    lang: str | None = None,
    query_check: CheckQuery = check_query,
    text: str | None = None,
) -> Scenario:
    """As `load`, from a path that exists; `shown` is how messages name it.

    With `text`, that is read instead of what lies at the path (a world that somebody edits), and no overlay.
    """
    report = Report()
    whole = load_with_includes(path, shown, report, text)
    chosen = _seed(whole) if seed is None else seed
    texts = read_texts(whole, path, shown, report) if text is None else {}
    drawn = draw_params(whole, chosen)
    params = whole.values.get("params")
    known = tuple(params.keys) if isinstance(params, Mapping) else ()
    filled = with_orders(put_params(whole, drawn, known, report))
    check_queries(filled, query_check, report)
    reading = read_shape(filled, report)
    if reading is None:
        report.stop()
    all_texts = {
        language: {key: fill_text(text, drawn) for key, text in found.items()} for language, found in texts.items()
    }
    parts = _Parts(reading, filled, chosen, drawn, all_texts, lang or reading.shape.language)
    return _complete(parts, path, report)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the steps before the defaults have found."""

    reading: Reading
    whole: Mapping
    seed: int
    drawn: dict[str, str]
    texts: dict[str, dict[str, str]]
    language: str

    def shown(self) -> dict[str, str]:
        """The texts of the language that is shown; empty when there is no overlay for it."""
        return self.texts.get(self.language, {})


def _complete(parts: _Parts, path: Path, report: Report) -> Scenario:
    reading, zones = parts.reading, Zones()
    draft = build.make_draft(reading, zones, report)
    actions = build.make_timeline(reading, report)
    faults = build.make_faults(reading)
    expect = build.make_expect(reading, parts.shown(), report)
    lab = make_lab(reading, parts.shown(), report)
    _fill(draft, zones)
    actions = with_hosts(draft, actions)
    Checker(reading, parts.whole, draft, zones, report).check_all(actions, faults)
    report.stop_if_any()
    add_delegations(draft, zones)
    return replace(_scenario(parts, draft, actions, faults, expect, path), lab=lab)


def _scenario(
    parts: _Parts, draft: Draft, actions: list[Action], faults: list[Fault], expect: list[Expect], path: Path
) -> Scenario:
    shape, shown = parts.reading.shape, parts.shown()
    start: Moment = shape.start or _START
    return Scenario(
        id=shape.id,
        title=shown.get("title", shape.title),
        summary=shown.get("summary", shape.summary),
        language=shape.language,
        start_us=start.us,
        offset_minutes=start.offset_minutes,
        seed=parts.seed,
        params=parts.drawn,
        people=tuple(draft.people),
        hosts=tuple(host.finished() for host in draft.hosts),
        links=tuple(draft.links),
        zones=_zones(draft),
        timeline=tuple(sorted(actions, key=_when)),
        faults=tuple(faults),
        expect=tuple(expect),
        names=shape.names,
        shown_language=parts.language if parts.shown() else shape.language,
        texts=parts.texts,
        path=path,
    )


def _fill(draft: Draft, zones: Zones) -> None:
    complete_hosts(draft, zones)
    complete_zones(draft, zones)
    share_zones(draft)


def _zones(draft: Draft) -> tuple[ZoneText, ...]:
    servers = draft.of_kind("name-server")
    by_zone = {zone.name: tuple(host for host in servers if zone.name in (host.serves or ())) for zone in draft.zones}
    for zone in draft.zones:
        zone.implied = bool(by_zone[zone.name]) and all(host.implied for host in by_zone[zone.name])
    return tuple(zone.finished(tuple(host.id for host in by_zone[zone.name])) for zone in draft.zones)


def _when(action: Action) -> int:
    return action.at_us


def _seed(tree: Mapping) -> int:
    """The seed of the file, before its shape is checked; a wrong one is reported with the shape."""
    written = tree.values.get("seed")
    if not isinstance(written, Scalar):
        return _SEED
    try:
        return values.number(written.text, least=0, most=2**63 - 1)
    except ValueSyntaxError:
        return _SEED


def _shown(path: Path, asked: str | Path) -> str:
    """How messages name a file: as it was asked for, or from the folder it was found in."""
    if str(asked).endswith(".yaml"):
        return str(asked)[: len(str(asked)) - len(Path(asked).name)] + path.name
    return f"{path.parent.name}/{path.name}"
