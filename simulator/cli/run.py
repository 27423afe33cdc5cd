"""`mailflow run`: run a world, show the way of each letter, and judge what its author promises.

The exit code is 0 only if everything holds, so that a script or a course can rely on it.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from simulator.cli.words import _

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from simulator.cli.output import Output
    from simulator.engine.kinds import Record
    from simulator.records.invariants.finding import Finding
    from simulator.scenario.expectations import Outcome
    from simulator.scenario.model import Scenario
    from simulator.scenario.world import Run

__all__ = ["arguments", "main"]

_SHOWN = 20


def arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("scenario", metavar="SCENARIO", help=_("an id, or a path to a .yaml"))
    parser.add_argument("--check", action="store_true", help=_("check every promise of the simulator as well"))
    parser.add_argument("--trace", metavar="FILE", help=_("keep the trace as lines of JSON; - is the output"))
    parser.add_argument("--json", action="store_true", help=_("the report for a program"))


@dataclass(frozen=True, slots=True)
class _Report:
    """What is to be said about a run."""

    run: Run
    outcomes: list[Outcome]
    findings: tuple[Finding, ...] | None
    """None if nobody asked for the promises to be checked."""

    @property
    def held(self) -> int:
        return sum(outcome.holds for outcome in self.outcomes)

    @property
    def fine(self) -> bool:
        return self.held == len(self.outcomes) and not self.findings and not self.run.waiting


def main(options: argparse.Namespace, out: Output) -> int:
    """Run it and report."""
    from simulator.cli.worlds import load

    scenario = load(options, options.scenario)
    report = _judged(_run(scenario, options.trace, out), check=options.check)
    if options.trace == "-":
        from simulator.cli.output import Output

        out = Output(sys.stderr, no_color=out.no_color, ascii_only=out.ascii_only)
    (_as_json if options.json else _as_text)(report, out)
    return 0 if report.fine else 1


def _run(scenario: Scenario, target: str | None, out: Output) -> Run:
    from simulator.cli.saving import canonical_writer, replacing
    from simulator.scenario import world

    if target is None:
        return world.run(scenario)
    header = world.trace_header(scenario)
    with nullcontext(out.stream) if target == "-" else replacing(target) as file:
        sink: Callable[[Record], None] = canonical_writer(file, header)
        return world.run(scenario, sink=sink)


def _judged(run: Run, *, check: bool) -> _Report:
    from simulator.engine.query import parse
    from simulator.scenario.expectations import evaluate

    outcomes = evaluate(run.scenario.expect, lambda query: parse(query).ask(run.records).value)
    findings = None
    if check:
        from simulator.records import invariants

        findings = invariants.findings(run.records)
    return _Report(run, outcomes, findings)


# For people


def _as_text(report: _Report, out: Output) -> None:
    from simulator.cli.leftovers import leftovers

    scenario = report.run.scenario
    out.line(f"{scenario.id}: {scenario.title}")
    _stages(report.run, out)
    for line in leftovers(report.run):
        out.line(line)
    _findings(report, out)
    _expectations(report, out)


def _stages(run: Run, out: Output) -> None:
    from simulator.cli.output import clock, span
    from simulator.cli.stages import stage_rows

    rows = stage_rows(run.records)
    if not rows:
        out.line(_("No letter was sent in this world."))
        return
    several = len({(row.letter, row.recipient) for row in rows}) > 1
    titles = [_("start"), _("duration"), _("stage"), _("actor"), _("protocol"), _("result")]
    letter = [_("letter")] if several else []
    table = [
        [
            *([f"{row.letter} {row.recipient}"] if several else []),
            clock(row.start),
            span(row.duration),
            _(row.stage),
            row.actor,
            row.protocol,
            row.result,
        ]
        for row in rows
    ]
    out.table([*letter, *titles], table, right=(len(letter), len(letter) + 1))


def _findings(report: _Report, out: Output) -> None:
    if report.findings is None:
        return
    if not report.findings:
        out.line(_("check: every promise of the simulator is kept"))
        return
    out.line(_("check: broken promises: {count}").format(count=len(report.findings)))
    for finding in report.findings[:_SHOWN]:
        out.line(f"  {finding}")
    if len(report.findings) > _SHOWN:
        out.line("  " + _("and {count} more").format(count=len(report.findings) - _SHOWN))


def _expectations(report: _Report, out: Output) -> None:
    total = len(report.outcomes)
    if not total:
        out.line(_("expect: the scenario promises nothing"))
        return
    out.line(_("expect: {held} of {total} hold").format(held=report.held, total=total))
    queries = {entry.id: entry.that for entry in report.run.scenario.expect}
    for outcome in report.outcomes:
        if not outcome.holds:
            out.line(f"! {outcome.id}  ({outcome.origin})")
            out.line("    " + _("query:  {text}").format(text=queries[outcome.id]))
            out.line("    " + _("wanted: {text}").format(text=outcome.wanted))
            out.line("    " + _("got:    {text}").format(text=outcome.got))
            if outcome.why:
                out.line("    " + _("why:    {text}").format(text=" ".join(outcome.why.split())))


# For programs


def _as_json(report: _Report, out: Output) -> None:
    from simulator.cli.stages import as_object, stage_rows

    run, scenario = report.run, report.run.scenario
    made: dict[str, Any] = {
        "scenario": scenario.id,
        "seed": scenario.seed,
        "params": dict(scenario.params),
        "records": len(run.records),
        "stages": [as_object(row) for row in stage_rows(run.records)],
        "expect": [asdict(outcome) for outcome in report.outcomes],
        "waiting": list(run.waiting),
        "fine": report.fine,
    }
    if report.findings is not None:
        made["findings"] = [asdict(finding) for finding in report.findings]
    out.json(made)
