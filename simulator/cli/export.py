"""`mailflow export`: a run in the forms of other programs: captures, diagrams, mailboxes, a database.

Everything is derived from the trace. What a kept trace lacks (TLS as it was sealed) is made again by running its world,
and taken only if the trace comes out the same.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.cli.words import N_, _
from simulator.errors import MailflowError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping, Sequence

    from simulator.cli.output import Output
    from simulator.engine.kinds import Record

__all__ = ["arguments", "main"]

_PROTOCOLS = ("smtp", "lmtp", "imap", "pop3")
_FORMS = {
    "pcapng": N_("a capture for Wireshark, with TLS secrets, host names and the event of each packet"),
    "transcript": N_("the dialogues of client and server"),
    "mermaid": N_("a sequence diagram, as text that many editors draw"),
    "svg": N_("a sequence diagram, as a picture"),
    "mbox": N_("one mailbox as one file; needs --mailbox unless only one has letters"),
    "maildir": N_("the mailboxes of one account as a Maildir; needs --mailbox and -o"),
    "sqlite": N_("the trace as a database: tables run, records, also, kinds, and one a kind (smtp_reply ...)"),
    "text": N_("a line an event"),
    "states": N_("the states of a protocol, as text and for Mermaid: smtp, lmtp, imap or pop3"),
}
_OF_A_MAILBOX = ("mbox", "maildir")
_TABLES = N_(
    "tables of --as sqlite:\n"
    "  run       scenario, seed, params\n"
    '  records   n, t (µs), kind, at, "from", "to", session, letter, stage, cause, origin, text\n'
    "  also      n, other: what event n depended on or waited for\n"
    "  kinds     kind, field, type, doc: every kind with its fields\n"
    "  KIND      n and the fields of one kind; smtp.reply is smtp_reply (mailflow explain smtp.reply)"
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument(
        "thing", metavar="THING", help=_("a scenario, a kept trace (.jsonl), or a protocol for --as states")
    )
    shown = "\n".join(f"{form:<10} {_(meaning)}" for form, meaning in _FORMS.items())
    parser.add_argument("--as", dest="form", required=True, choices=tuple(_FORMS), metavar="FORM", help=_("see below"))
    parser.add_argument("--where", metavar="QUERY", help=_("only what a query finds, and its connections"))
    parser.add_argument("--mailbox", metavar="ADDRESS", help=_("whose; ADDRESS/NAME for another mailbox than INBOX"))
    parser.add_argument("--at", metavar="N", help=_("as it stood after event N; without it, at the end"))
    parser.add_argument("-o", "--output", metavar="PATH", help=_("the file, or - for the screen"))
    parser.add_argument("--force", action="store_true", help=_("replace what is there"))
    parser.add_argument_group(_("forms"), shown)
    parser.epilog = f"{_(_TABLES)}\n\n{parser.epilog}"


@dataclass(frozen=True, slots=True)
class _Source:
    """What is exported: the trace, the event it ends with, and what a query chose of it (None: everything)."""

    name: str
    title: str
    header: str
    records: Sequence[Record]
    chosen: Sequence[Record] | None = None
    start: int | None = None
    whole: bool = True


@dataclass(frozen=True, slots=True)
class _Made:
    """What came of it: lines of text, octets, or the files of a folder; and remarks for the person who asked."""

    lines: Sequence[str] | None = None
    octets: bytes = b""
    files: Mapping[str, bytes | None] | None = None
    notes: tuple[str, ...] = ()


def main(options: argparse.Namespace, out: Output) -> int:
    """Export."""
    _check(options, out)
    if options.form == "states":
        made = _states(options)
    else:
        made = _MAKERS[options.form](_source(options), options)
    if options.output in (None, "-"):
        _show(made, out)
    else:
        _save(made, options, out)
    return 0


# What was asked for


def _check(options: argparse.Namespace, out: Output) -> None:
    """Refuse before a world is run what could not be written after it."""
    protocol = options.thing in _PROTOCOLS
    if protocol != (options.form == "states"):
        raise UsageError(
            _("--as states draws a protocol: write, for example, mailflow export smtp --as states")
            if not protocol
            else _("{protocol} is a protocol; it has only --as states").format(protocol=options.thing)
        )
    if options.mailbox is not None and options.form not in _OF_A_MAILBOX:
        raise UsageError(_("--mailbox goes with --as mbox or --as maildir; with others use --where"))
    if options.where is not None and options.form in (*_OF_A_MAILBOX, "states"):
        raise UsageError(_("--where does not go with --as {form}").format(form=options.form))
    _check_target(options, out)


def _check_target(options: argparse.Namespace, out: Output) -> None:
    form, target = options.form, options.output
    if target in (None, "-"):
        if form == "maildir" or (form in ("pcapng", "mbox", "sqlite") and out.terminal):
            raise UsageError(_("--as {form} is not for the screen; give a file with -o PATH").format(form=form))
    elif Path(target).exists() and not options.force:
        raise UsageError(_exists(target))


def _exists(target: str) -> str:
    return _("{file} is there already; choose another name, or give --force").format(file=target)


def _source(options: argparse.Namespace) -> _Source:
    """Run the world or read the trace, up to the event that was asked for."""
    from simulator.cli.worlds import declare_kinds, link_of
    from simulator.engine.query import parse

    declare_kinds()
    query = None if options.where is None else parse(options.where)
    kept = link_of(options.thing).scenario.endswith(".jsonl")
    source = _kept(options) if kept else _run(options)
    source = replace(source, records=source.records[: _end(source, options)])
    return source if query is None else replace(source, chosen=query.hits(source.records))


def _run(options: argparse.Namespace) -> _Source:
    from simulator.cli.worlds import load
    from simulator.scenario import world

    scenario = load(options, options.thing)
    run = world.run(scenario)
    return _Source(scenario.id, f"{scenario.id}: {scenario.title}", run.header, run.records, start=scenario.start_us)


def _kept(options: argparse.Namespace) -> _Source:
    """A kept trace; for a capture, with the octets as TLS sealed them if its world can be run again."""
    from simulator.cli.worlds import traced
    from simulator.export.kept import start_of

    found = traced(options, options.thing)
    name = Path(options.thing).name
    source = _Source(name, name, found.header, found.records, whole=found.whole)
    again = _again(options, source) if options.form == "pcapng" else None
    return again or replace(source, start=start_of(found.records) or None)


def _again(options: argparse.Namespace, source: _Source) -> _Source | None:
    """The same trace from a world that is run now, with all that a kept one leaves out; None if it is not the same."""
    import json

    from simulator.cli.worlds import load
    from simulator.engine.jsonlines import line
    from simulator.engine.trace import N
    from simulator.scenario import world

    said = json.loads(source.header)
    try:
        run = world.run(load(options, said["scenario"], seed=said["seed"]))
    except MailflowError:  # it was somebody's own file, which is not here
        return None
    same = run.header == source.header and all(
        record[N] <= len(run.records)
        and line(run.records[record[N] - 1], canonical=True) == line(record, canonical=True)
        for record in source.records
    )
    if not same:
        return None
    records = [run.records[record[N] - 1] for record in source.records]
    return replace(source, records=records, start=run.scenario.start_us)


def _end(source: _Source, options: argparse.Namespace) -> int:
    """How many records there are up to the event of `--at`, or of the link."""
    from bisect import bisect_right

    from simulator.cli.worlds import link_of, ordinal
    from simulator.engine.trace import N

    link = link_of(options.thing)
    if options.at is None and link.kind is None:
        return len(source.records)
    text = options.at if options.at is not None else str(ordinal(source.records, link))
    last = source.records[-1][N] if source.records else 0
    digits = text.removeprefix("e")
    if not digits.isascii() or not digits.isdigit() or int(digits) > last:
        raise UsageError(
            _("--at is {word}; write the number of an event, from 0 to {last}").format(word=text, last=last)
        )
    return bisect_right(source.records, int(digits), key=lambda record: int(record[N]))


# The forms


def _pcapng(source: _Source, options: argparse.Namespace) -> _Made:
    from simulator.export.pcapng import capture

    made = capture(source.records, source.chosen, epoch=source.start or 0)
    notes = [_("packets: {count}").format(count=made.packets)]
    if made.in_clear:
        text = _("in clear, since the trace has no sealed octets: sessions {numbers}; export the scenario itself")
        notes.append(text.format(numbers=", ".join(map(str, made.in_clear))))
    if made.left_out:
        text = _("left out, since they cannot be shown as TCP: sessions {numbers}")
        notes.append(text.format(numbers=", ".join(map(str, made.left_out))))
    return _Made(octets=made.octets, notes=tuple(notes))


def _transcript(source: _Source, options: argparse.Namespace) -> _Made:
    from simulator.engine.trace import SESSION
    from simulator.export.transcript import transcript

    chosen = source.records if source.chosen is None else source.chosen
    sessions: dict[int, list[Record]] = {record[SESSION]: [] for record in chosen if record[SESSION] is not None}
    for record in source.records:
        if record[SESSION] in sessions:
            sessions[record[SESSION]].append(record)
    lines: list[str] = []
    for number, records in sessions.items():
        lines += ["", _("session {number}").format(number=number)]
        lines += [f"  {line}" for line in transcript(records, number)]
    notes = () if sessions else (_("No connection belongs to what was asked for."),)
    return _Made(lines=lines[1:], notes=notes)


def _mermaid(source: _Source, options: argparse.Namespace) -> _Made:
    from simulator.export.mermaid import mermaid
    from simulator.export.scene import scene

    return _Made(lines=mermaid(scene(source.records, source.chosen)))


def _svg(source: _Source, options: argparse.Namespace) -> _Made:
    from simulator.export.scene import scene
    from simulator.export.svg import svg

    return _Made(lines=svg(scene(source.records, source.chosen), title=source.title))


def _text(source: _Source, options: argparse.Namespace) -> _Made:
    from simulator.cli.trace import event_line
    from simulator.safe import safe_text

    chosen = source.records if source.chosen is None else source.chosen
    return _Made(lines=[safe_text(event_line(record)) for record in chosen])


def _sqlite(source: _Source, options: argparse.Namespace) -> _Made:
    from simulator.export.database import database

    chosen = source.records if source.chosen is None else source.chosen
    return _Made(octets=database(source.header, chosen))


def _mbox(source: _Source, options: argparse.Namespace) -> _Made:
    from simulator.export.kept import kept_letters
    from simulator.export.mailboxes import mbox

    address, name = _owner(source, options)
    letters = kept_letters(source.records, len(source.records), address).get(name or "INBOX", ())
    return _Made(octets=mbox(letters), notes=(_("letters: {count}").format(count=len(letters)),))


def _maildir(source: _Source, options: argparse.Namespace) -> _Made:
    from simulator.export.kept import kept_letters
    from simulator.export.mailboxes import maildir_files

    address, name = _owner(source, options)
    boxes = kept_letters(source.records, len(source.records), address)
    if name:
        boxes = {"INBOX": boxes.get(name, ())}
    count = sum(map(len, boxes.values()))
    return _Made(files=maildir_files(boxes), notes=(_("letters: {count}").format(count=count),))


def _owner(source: _Source, options: argparse.Namespace) -> tuple[str, str]:
    """Whose mailbox, and which ("" for all or INBOX)."""
    from simulator.export.kept import accounts, with_letters

    if not source.whole:
        raise UsageError(_("records were left out of this trace; mailboxes need a whole one"))
    if options.mailbox is not None:
        address, _slash, name = options.mailbox.partition("/")
        return address, "INBOX" if name.upper() == "INBOX" else name
    found = with_letters(source.records)
    if len(found) != 1:
        known = ", ".join(found or accounts(source.records)) or _("none")
        raise UsageError(_("whose mailbox? Give --mailbox ADDRESS; mailboxes: {known}").format(known=known))
    return found[0], ""


def _states(options: argparse.Namespace) -> _Made:
    from simulator.export.states import state_diagram

    return _Made(lines=[line for drawing in state_diagram(options.thing) for line in drawing.splitlines()])


_MAKERS: dict[str, Callable[[_Source, argparse.Namespace], _Made]] = {
    "pcapng": _pcapng,
    "transcript": _transcript,
    "mermaid": _mermaid,
    "svg": _svg,
    "mbox": _mbox,
    "maildir": _maildir,
    "sqlite": _sqlite,
    "text": _text,
}


# Where it goes


def _show(made: _Made, out: Output) -> None:
    """Print it; remarks go to the error stream, so that they are never taken for a part of it."""
    if made.lines is not None:
        for line in made.lines:
            out.raw(line)
    else:
        out.stream.flush()
        out.stream.buffer.write(made.octets)
        out.stream.buffer.flush()
    for note in made.notes:
        sys.stderr.write(f"{note}\n")


def _save(made: _Made, options: argparse.Namespace, out: Output) -> None:
    from simulator.export import files

    path, force = Path(options.output), options.force
    try:
        if made.lines is not None:
            size = files.save_lines(path, made.lines, replace=force)
        elif made.files is not None:
            size = files.save_tree(path, made.files, replace=force)
        else:
            size = files.save_octets(path, made.octets, replace=force)
    except FileExistsError:
        raise UsageError(_exists(options.output)) from None
    out.line(_("{file}: {size} octets").format(file=options.output, size=size))
    for note in made.notes:
        out.line(note)
