"""From what a person typed to a trace: find the scenario, run it, or read a trace that was kept.

All commands understand the same words: an id, a path, a link with a seed, and for questions a recorded `*.jsonl`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.cli.words import _
from simulator.errors import MailflowError, UsageError
from simulator.scenario.finding import Link, parse_link

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from simulator.engine.kinds import Record
    from simulator.scenario.model import Scenario

__all__ = ["Traced", "declare_kinds", "link_of", "load", "ordinal", "speaking", "traced"]


@dataclass(frozen=True, slots=True)
class Traced:
    """A trace and its first line; `whole` is false for a recorded one from which records were left out."""

    header: str
    records: Sequence[Record]
    whole: bool = True


def speaking() -> str:
    """The language that is spoken."""
    from simulator.text import language

    return language()


def link_of(text: str) -> Link:
    """What a person typed as a link; a path to a file that exists is never taken apart."""
    return Link(text) if text.endswith((".yaml", ".jsonl")) else parse_link(text)


def load(options: argparse.Namespace, text: str, *, seed: int | None = None) -> Scenario:
    """The scenario of an id, path or link; `seed` goes before `--seed`, which goes before the link's."""
    from simulator.scenario import loading

    link = link_of(text)
    wanted = next((one for one in (seed, options.seed, link.seed) if one is not None), None)
    return loading.load(link.scenario, seed=wanted, lang=speaking(), mailflow_path=os.environ.get("MAILFLOW_PATH", ""))


def traced(options: argparse.Namespace, text: str) -> Traced:
    """The trace of a scenario that is run now, or of a file that was kept."""
    if text.endswith(".jsonl"):
        return _recorded(Path(text))
    from simulator.scenario import world

    run = world.run(load(options, text))
    return Traced(run.header, run.records)


def declare_kinds() -> None:
    """Make every kind of record known, for queries and for traces that were kept."""
    import simulator.engine.base_kinds
    import simulator.records  # noqa: F401


def _recorded(path: Path) -> Traced:
    from simulator.engine import jsonlines
    from simulator.engine.trace import N

    declare_kinds()
    try:
        with path.open(encoding="utf-8", errors="surrogatepass") as file:
            first, found = jsonlines.load(file)
            records = tuple(found)
    except FileNotFoundError:
        raise UsageError(
            _("there is no file {path}; make one with: mailflow run SCENARIO --trace {path}").format(path=path)
        ) from None
    except UnicodeDecodeError:
        raise UsageError(_("{path} is no trace: it is not UTF-8 text").format(path=path)) from None
    except MailflowError as error:
        raise UsageError(f"{path}: {error}") from None
    header: dict[str, Any] = {key: value for key, value in first.items() if key != "mailflow-trace"}
    whole = all(record[N] == n for n, record in enumerate(records, start=1))
    return Traced(
        jsonlines.header(str(header.get("scenario", "")), header.get("seed", 0), header.get("params", {})),
        records,
        whole,
    )


def ordinal(records: Sequence[Record], link: Link) -> int:
    """The n of the record that a link names. Raises UsageError that names what there is."""
    from simulator.engine.kinds import kinds, matching, nearest
    from simulator.engine.trace import KIND, N

    pattern, number = link.kind or "", link.ordinal or 1
    wanted = set(matching(pattern))
    if not wanted:
        near = nearest(pattern, [kind.name for kind in kinds()])
        hint = _("did you mean {word}?").format(word=near[0]) if near else _("mailflow explain lists them")
        raise UsageError(_("there is no kind of event {word}; {hint}").format(word=repr(pattern), hint=hint))
    found = [record[N] for record in records if record[KIND] in wanted]
    if number > len(found):
        message = _("there is no {kind}/{number}: this run has {count} of them, counted from 1")
        raise UsageError(message.format(kind=pattern, number=number, count=len(found)))
    return int(found[number - 1])
