"""`mailflow trace`: what happened, as lines for people, as JSON lines, or as the dialogues of client and server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.cli.words import _

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from simulator.cli.output import Output
    from simulator.cli.worlds import Traced
    from simulator.engine.kinds import Record

__all__ = ["arguments", "event_line", "main"]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("scenario", metavar="SCENARIO", help=_("an id, a path to a .yaml, or a kept trace (.jsonl)"))
    parser.add_argument("--where", metavar="QUERY", help=_("only what a query finds, such as 'smtp.reply code=250'"))
    parser.add_argument(
        "--as",
        dest="form",
        default="text",
        choices=("text", "jsonl", "transcript"),
        metavar="FORM",
        help=_("text (a line an event), jsonl (for programs) or transcript (dialogues)"),
    )


def main(options: argparse.Namespace, out: Output) -> int:
    """Print the trace."""
    from simulator.cli.worlds import declare_kinds, traced

    declare_kinds()
    query = None
    if options.where is not None:
        from simulator.engine.query import parse

        query = parse(options.where)  # a mistake in it must not wait for the run
    found = traced(options, options.scenario)
    chosen = found.records if query is None else query.hits(found.records)
    _FORMS[options.form](found, chosen, out)
    return 0


def _as_text(found: Traced, chosen: Sequence[Record], out: Output) -> None:
    for record in chosen:
        out.line(event_line(record))


def event_line(record: Record) -> str:
    """One event in one line: number, time, kind, hosts, and what is said about it."""
    from simulator.cli.output import clock
    from simulator.engine.trace import KIND, N, T
    from simulator.records.describe import describe_parts

    parts = describe_parts(record)
    hosts = f"{parts.sender or ''} > {parts.receiver}" if parts.receiver else parts.sender or ""
    head = f"e{record[N]:<5} {clock(record[T])}  {record[KIND].name:<15} {hosts:<25} {parts.mark or ' '}"
    return f"{head} {parts.label}".rstrip()


def _as_jsonl(found: Traced, chosen: Sequence[Record], out: Output) -> None:
    """Print the canonical form; a terminal gets the same objects with all but ASCII escaped."""
    from simulator.engine.jsonlines import line

    if out.terminal:
        import json

        for text in (found.header, *(line(record, canonical=True) for record in chosen)):
            out.raw(json.dumps(json.loads(text), sort_keys=True, separators=(",", ":")))
        return
    _set_utf8(out)
    out.raw(found.header)
    for record in chosen:
        out.raw(line(record, canonical=True))


def _set_utf8(out: Output) -> None:
    """A trace is UTF-8, whatever the terminal speaks."""
    reconfigure = getattr(out.stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="surrogatepass")


def _as_transcript(found: Traced, chosen: Sequence[Record], out: Output) -> None:
    """Print each session that has a chosen record, whole, in the order in which they began."""
    from simulator.engine.trace import SESSION
    from simulator.export.transcript import transcript

    sessions = dict.fromkeys(record[SESSION] for record in chosen if record[SESSION] is not None)
    by_session: dict[int, list[Record]] = {session: [] for session in sessions}
    for record in found.records:
        if record[SESSION] in by_session:
            by_session[record[SESSION]].append(record)
    for position, (session, records) in enumerate(by_session.items()):
        if position:
            out.line()
        out.line(_("session {number}").format(number=session))
        for line in transcript(records, session):
            out.line(f"  {line}")
    if not by_session:
        out.line(_("No connection belongs to what was asked for."))


_FORMS = {"text": _as_text, "jsonl": _as_jsonl, "transcript": _as_transcript}
