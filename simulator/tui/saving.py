"""The forms in which a run can be saved from the screen: text, the mail log, a trace, a capture, diagrams.

The same functions serve `mailflow export`, so a file saved here is the file that the command line gives.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..engine.jsonlines import line as json_line
from ..engine.trace import AT, KIND, T, value
from ..export.files import save_lines, save_octets
from ..safe import safe_text
from ..text import N_
from .walk import Walk

__all__ = ["FORMS", "write"]

FORMS = (
    ("text", N_("text"), "txt"),
    ("jsonl", N_("JSON lines"), "jsonl"),
    ("log", N_("mail log"), "log"),
    ("pcapng", N_("capture"), "pcapng"),
    ("mermaid", N_("Mermaid diagram"), "mmd"),
    ("svg", N_("SVG picture"), "svg"),
)
"""Form, what it is called, and how its file's name ends."""


def write(walk: Walk, form: str, path: Path, *, replace: bool) -> int:
    """Save the whole run and return how many octets it has. Raises FileExistsError and MailflowError."""
    if form == "pcapng":
        from ..export.pcapng import capture

        octets = capture(walk.records, epoch=walk.scenario.start_us).octets
        return save_octets(path, octets, replace=replace)
    return save_lines(path, _lines(walk, form), replace=replace)


def _lines(walk: Walk, form: str) -> Iterable[str]:
    if form == "text":
        return (f"e{n}  {walk.text(n)}" for n in range(1, walk.total + 1))
    if form == "log":
        return _log(walk)
    if form == "jsonl":
        return iter([walk.run.header, *(json_line(record, canonical=True) for record in walk.records)])
    return _diagram(walk, form)


def _log(walk: Walk) -> Iterable[str]:
    for record in walk.records:
        if record[KIND].name == "log.line":
            said = f"{value(record, 'program')}: {value(record, 'text')}"
            yield f"{walk.clock(record[T], digits=0)} {record[AT]} {safe_text(said)}"


def _diagram(walk: Walk, form: str) -> Iterable[str]:
    from ..export.scene import scene

    drawn = scene(walk.records, None)
    if form == "mermaid":
        from ..export.mermaid import mermaid

        return mermaid(drawn)
    from ..export.svg import svg

    return svg(drawn, title=f"{walk.scenario.id}: {walk.scenario.title}")
