"""`mailflow ask`: a query put to a run, or to many runs of one scenario with different seeds.

It is how one finds out what a trace holds, and how an author tries the queries of `expect` and of quizzes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.cli.words import _
from simulator.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from simulator.cli.output import Output
    from simulator.engine.kinds import Record
    from simulator.engine.query import Answer, Query

__all__ = ["arguments", "main"]

_SHOWN = 50
_MOST_SEEDS = 10_000


def arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("scenario", metavar="SCENARIO", help=_("an id, a path to a .yaml, or a kept trace (.jsonl)"))
    parser.add_argument("query", metavar="QUERY", help=_("such as 'smtp.reply code=250 | count'"))
    parser.add_argument("--seeds", type=int, metavar="N", help=_("ask N variants, from the seed on"))
    parser.add_argument("--json", action="store_true", help=_("the answer for a program"))


def main(options: argparse.Namespace, out: Output) -> int:
    """Ask."""
    from simulator.cli.worlds import declare_kinds
    from simulator.engine.query import parse

    declare_kinds()
    query = parse(options.query)
    if options.seeds is not None:
        return _over_seeds(options, query, out)
    from simulator.cli.worlds import traced

    found = traced(options, options.scenario)
    answer = query.ask(found.records)
    if options.json:
        out.json(_as_object(query, answer))
    else:
        _as_text(query, answer, out)
    return 0


def _as_object(query: Query, answer: Answer) -> dict[str, Any]:
    from simulator.engine.trace import N

    return {
        "query": query.text,
        "value": _masked(query, answer),
        "count": len(answer.records),
        "records": [record[N] for record in answer.records],
    }


def _as_text(query: Query, answer: Answer, out: Output) -> None:
    if query.aggregate is not None:
        _value(_masked(query, answer), out)
        return
    from simulator.cli.trace import event_line

    out.line(_("events found: {count}").format(count=len(answer.records)))
    for record in answer.records[:_SHOWN]:
        out.line(event_line(record))
    if len(answer.records) > _SHOWN:
        more = _("and {count} more; mailflow trace --where shows them all")
        out.line(more.format(count=len(answer.records) - _SHOWN))


def _value(value: Any, out: Output) -> None:
    """Print a value, or each of several on its own line."""
    from simulator.engine.query import shown

    values: Sequence[Any] = value if isinstance(value, tuple) else (value,)
    for one in values if value is not None else ():
        out.line(shown(one))
    if value is None or value == ():
        out.line(_("nothing"))


def _masked(query: Query, answer: Answer) -> Any:
    """The value with every secret in it masked, as in every view."""
    if query.field is None:
        return answer.value
    secrets = dict(found for record in answer.records for found in _secret(record, query.field))
    if not secrets:
        return answer.value
    if isinstance(answer.value, tuple):
        return tuple(secrets.get(one, one) for one in answer.value)
    return secrets.get(answer.value, answer.value)


def _secret(record: Record, field: str) -> list[tuple[Any, str]]:
    from simulator.engine.query import shown
    from simulator.engine.trace import KIND
    from simulator.records.describe import mask_octets, mask_value

    position = record[KIND].index(field)
    raw = None if position is None else record[position]
    if isinstance(raw, bytes):
        masked = mask_octets(raw)
        return [(raw, masked.decode("latin-1"))] if masked != raw else []
    if not isinstance(raw, str):
        return []
    text = mask_value(record, field)
    return [(raw, text)] if text != shown(raw) else []


def _over_seeds(options: argparse.Namespace, query: Query, out: Output) -> int:
    from simulator.cli.worlds import link_of
    from simulator.engine.query import shown

    if not 1 <= options.seeds <= _MOST_SEEDS:
        raise UsageError(_("--seeds takes a number from 1 to {most}").format(most=_MOST_SEEDS))
    if link_of(options.scenario).scenario.endswith(".jsonl"):
        raise UsageError(_("a kept trace has one seed; give a scenario to --seeds"))
    found = _answers(options, query)
    if options.json:
        seeds = [{"seed": seed, "value": value} for seed, value in found]
        out.json({"query": query.text, "seeds": seeds, "different": len(set(map(repr, (v for _s, v in found))))})
        return 0
    rows = [(str(seed), shown(value) if value is not None else _("nothing")) for seed, value in found]
    out.table((_("seed"), _("value")), rows, right=(0,))
    different = len({text for _seed, text in rows})
    out.line(_("different values: {count}").format(count=different))
    return 0


def _answers(options: argparse.Namespace, query: Query) -> list[tuple[int, Any]]:
    from simulator.cli.worlds import load
    from simulator.scenario import world
    from simulator.tui.waiting import counted

    first = load(options, options.scenario)
    found = []
    for seed in counted(range(first.seed, first.seed + options.seeds)):
        scenario = first if seed == first.seed else load(options, options.scenario, seed=seed)
        found.append((seed, _masked(query, query.ask(world.run(scenario).records))))
    return found
