"""Pane 6, Look inside: every field of the event, its octets, its RFC section and its cause; or the story behind it.

A student must be able to go from anything on the screen to what explains it, so each line that names an event opens it.
"""

from __future__ import annotations

from ..engine.kinds import Record
from ..engine.trace import ALSO, AT, CAUSE, FROM, KIND, LETTER, ORIGIN, SESSION, STAGE, TO, T
from ..export.hexdump import hexdump
from ..records.describe import describe, describe_parts, mask_octets, mask_value, rfc
from ..records.story import why
from ..text import _, ngettext
from .gloss import code_gloss, enhanced_gloss, field_gloss
from .ladder import stage_word
from .lines import BLANK, Content, Line, clip, line, plain, wrap
from .walk import Walk

__all__ = ["inside", "octets_of", "story"]

_LABEL = 9
_MAX_OCTETS = 4096


def inside(walk: Walk, width: int) -> Content:
    """Return all about the event under the cursor."""
    record = walk.record
    title = _("Look inside") + f" e{walk.cursor}/{walk.total}"
    lines = [_head(record), *_codes(record, width), *_causes(walk, record), _rule(walk, record)]
    lines += _common(walk, record)
    lines += _fields(record, width)
    lines += _octets(walk, record, width)
    return Content(title, lines)


def _head(record: Record) -> Line:
    parts = describe_parts(record)
    style = {"!": "refusal", "x": "lost"}.get(parts.mark, "strong")
    hosts = f"{record[FROM]} > {record[TO]}" if record[FROM] and record[TO] else record[AT] or record[FROM] or ""
    mark = f"{parts.mark} " if parts.mark else ""
    return line((f"{record[KIND].name}  ", "dim"), (mark + parts.label, style), (f"   {hosts}" if hosts else "", "dim"))


def _labelled(label: str, text: str, *, gloss: str = "", target: int | None = None) -> Line:
    return line((f"{label + ' ':<{_LABEL}}", "dim"), text, (f"   {gloss}" if gloss else "", "dim"), target=target)


def _codes(record: Record, width: int) -> list[Line]:
    kind = record[KIND]
    position = kind.index("code")
    if position is None or record[position] is None:
        return []
    enhanced = mask_value(record, "enhanced")
    gloss = "   ".join(part for part in (code_gloss(record[position]), enhanced_gloss(enhanced)) if part)
    return [_labelled(str(record[position]), clip(gloss, width - _LABEL))]


def _causes(walk: Walk, record: Record) -> list[Line]:
    lines = []
    if record[CAUSE] is not None:
        lines.append(_cause(walk, _("why"), record[CAUSE]))
    lines += [_cause(walk, _("also"), n) for n in record[ALSO] or ()]
    if record[ORIGIN]:
        lines.append(_labelled(_("line"), str(record[ORIGIN])))
    return lines


def _cause(walk: Walk, label: str, n: int) -> Line:
    return _labelled(label, f"e{n} {describe(walk.records[n - 1])}", target=n)


def _rule(walk: Walk, record: Record) -> Line:
    written = rfc(record)
    kind, ordinal = record[KIND].name, walk.index.ordinal(walk.cursor)
    return _labelled(
        _("rule"), f"{written}   {kind}/{ordinal}" if written else f"{kind}/{ordinal}", gloss=_("k why   y copy")
    )


def _common(walk: Walk, record: Record) -> list[Line]:
    lines = [_labelled(_("time"), walk.clock(record[T]))]
    if record[SESSION] is not None:
        lines.append(_labelled(_("session"), str(record[SESSION])))
    if record[LETTER] is not None:
        lines.append(_labelled(_("letter"), str(record[LETTER])))
    if record[STAGE]:
        lines.append(_labelled(_("stage"), stage_word(record[STAGE])))
    return lines


def _fields(record: Record, width: int) -> list[Line]:
    lines: list[Line] = []
    for field in record[KIND].fields:
        if field.type is bytes:
            continue
        value = mask_value(record, field.name)
        if not value:
            continue
        gloss = field_gloss(field.name)
        shown, *more = [part for text in value.split("\n") for part in wrap(text, max(20, width - _LABEL - 2))]
        lines.append(_labelled(field.name, shown, gloss="" if more else gloss))
        lines += [_labelled("", part) for part in more]
    return lines


def _octets(walk: Walk, record: Record, width: int) -> list[Line]:
    octets = octets_of(walk, walk.cursor)
    if not octets:
        return []
    columns = 16 if width >= 76 else 8
    head = ngettext("{n} octet", "{n} octets", len(octets)).format(n=len(octets))
    return [line((head, "title")), *plain(hexdump(mask_octets(octets)[:_MAX_OCTETS], columns=columns))]


def octets_of(walk: Walk, n: int) -> bytes:
    """Return the octets on the link that event `n` is about, b"" if there are none."""
    found = walk.index.carrier(n)
    if found is None:
        return b""
    record = walk.records[found - 1]
    position = record[KIND].index("octets")
    return bytes(record[position]) if position is not None and record[position] else b""


def story(walk: Walk, width: int) -> Content:
    """Return the story behind the event: itself, then what caused it, down to a line of the scenario."""
    lines: list[Line] = []
    for told in why(walk.records, walk.cursor):
        head = f"e{told.n}"
        indent = " " * min(told.depth * 2, 8)
        first, *more = wrap(told.text, max(24, width - 22 - len(indent)))
        lines.append(
            line((f"{head:>6} ", "strong"), (f"{walk.clock(told.t, digits=0)}  ", "dim"), indent + first, target=told.n)
        )
        lines += [line(" " * 17 + indent + part, target=told.n) for part in more]
        if told.origin:
            lines.append(line((" " * 17 + indent + "= " + told.origin, "link"), target=told.n))
    title = _("Why e{n}?").format(n=walk.cursor)
    return Content(
        title, lines or [BLANK], (line((_("first the event, then its causes, down to a line of the scenario"), "dim")),)
    )
