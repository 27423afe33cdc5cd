"""Reads a tree by the shape of a scenario, and goes on after a mistake so that the later checks can speak too.

pydantic finds all mistakes of shape at once; what is wrong is reported at its place in the file, then left out, and
the rest is read again. So one run tells an author of a wrong address, an unknown host and a mistake in a zone.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from simulator.scenario.labshape import shape_at as lab_shape_at
from simulator.scenario.report import Report
from simulator.scenario.shape import (
    ACTIONS,
    LATER,
    AttachmentShape,
    DeleteShape,
    DigShape,
    ExpectShape,
    FaultShape,
    FetchShape,
    HostShape,
    LinkShape,
    NoteShape,
    ParamShape,
    PersonShape,
    PolicyShape,
    ReadShape,
    ScenarioShape,
    SendShape,
    Shape,
)
from simulator.scenario.tree import (
    Mapping,
    Node,
    Path,
    Place,
    Scalar,
    Sequence,
    find,
    key_place,
    nearest_node,
    plain,
    without,
)
from simulator.scenario.words import quoted, suggest

_VERBS: Final[dict[str, type[Shape]]] = {
    "send": SendShape,
    "fetch": FetchShape,
    "read": ReadShape,
    "delete": DeleteShape,
    "dig": DigShape,
    "note": NoteShape,
}
_EXAMPLES: Final = {
    "id": "id: first-letter",
    "title": "title: The path of one letter",
    "people": "people: and below it anna@alpha.example:",
    "timeline": "timeline: and below it - {at: 0s, who: ..., do: send, ...}",
    "kind": "kind: client, or another kind",
    "at": "at: 0s",
    "who": "who: and the address of a person",
    "between": "between: [pc-anna, mail-alpha]",
    "what": "what: host-down",
    "that": "that: and a query",
    "name": "name: and a name",
    "host": "host: and the key of a host",
    "choose": "choose: and a list such as [40ms, 80ms]",
    "task": "task: and what the student of this lab has to reach",
    "goals": "goals: and below it, for this lab, - {id: arrives, say: ..., that: QUERY, equals: 1}",
    "you-may-edit": "you-may-edit: and the paths that the student of this lab may change",
    "solution": "solution: and the edits that solve this lab",
}
_NOUNS: Final[dict[str, type[Shape]]] = {
    "people": PersonShape, "hosts": HostShape, "links": LinkShape, "faults": FaultShape, "expect": ExpectShape,
    "params": ParamShape,
}  # fmt: skip
_ROUNDS: Final = 8
_MANY: Final = 200  # so many mistakes that looking for others helps nobody


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: the values, the tree of just what they were read from, and what was left out as wrong."""

    shape: ScenarioShape
    tree: Mapping
    dropped: AbstractSet[tuple[Place, str | int]] = frozenset()


def read_shape(tree: Mapping, report: Report) -> Reading | None:
    """The scenario as far as its shape is right, every mistake reported; None when nothing can be made of it."""
    names = find(tree, ("names",))
    context = {"real": isinstance(names, Scalar) and names.text == "lecture"}
    dropped: set[tuple[Place, str | int]] = set()
    for _ in range(_ROUNDS):
        try:
            return Reading(ScenarioShape.model_validate(plain(tree), context=context), tree, dropped)
        except ValidationError as error:
            paths = [_report(tree, detail, report, dropped) for detail in error.errors(include_url=False)]
        if not all(paths) or len(paths) > _MANY:
            return None
        for path in sorted(set(paths), reverse=True):
            path = _emptied(tree, path)
            dropped.add((nearest_node(tree, path[:-1]).place, path[-1]))
            tree = without(tree, path)
    return None


def _emptied(tree: Mapping, path: Path) -> Path:
    """The path, or that of the list below a key whose only item it is: no list is better than an empty one."""
    above = find(tree, path[:-1])
    return path[:-1] if len(path) > 2 and isinstance(above, Sequence) and len(above.items) == 1 else path


def _report(tree: Mapping, detail: ErrorDetails, report: Report, dropped: set[tuple[Place, str | int]]) -> Path:
    """Report one mistake; the answer is the path of what to leave out."""
    path, key_is_wrong = _path(tree, detail["loc"])
    kind = str(detail["type"])
    context: dict[str, Any] = detail.get("ctx") or {}
    if kind == "missing":
        above = nearest_node(tree, path[:-1])
        if (above.place, path[-1]) not in dropped:
            report.at("MF021", above, f"{path[-1]}: is missing", _missing_hint(path))
        return path[:-1]
    if kind == "extra_forbidden":
        _report_unknown(tree, path, report)
    elif kind.startswith("MF"):
        _report_custom(tree, path, kind, context, report, key_is_wrong=key_is_wrong)
    else:
        _report_kind(tree, path, kind, report)
    return path


def _path(tree: Node, loc: tuple[int | str, ...]) -> tuple[Path, bool]:
    """pydantic's location as a path in the tree: without the names it gives to alternatives and to keys."""
    key_is_wrong = bool(loc) and loc[-1] == "[key]"
    path: list[int | str] = []
    here: Node | None = tree
    for index, step in enumerate(loc):
        if step == "[key]":
            continue
        if isinstance(here, Mapping) and step not in here.values and index + 1 < len(loc) and step in _VERBS:
            continue
        if isinstance(here, Scalar):
            break
        path.append(step)
        here = find(here, (step,)) if here is not None else None
    return tuple(path), key_is_wrong


def _report_custom(
    tree: Mapping, path: Path, rule: str, context: dict[str, Any], report: Report, *, key_is_wrong: bool
) -> None:
    node = nearest_node(tree, path)
    below = context.get("below")
    if below and isinstance(node, Mapping):
        node = node.keys[below] if rule == "MF023" and below in ACTIONS else node.values[below]
    elif key_is_wrong:
        parent = find(tree, path[:-1])
        if isinstance(parent, Mapping):
            node = parent.keys.get(str(path[-1]), node)
    elif rule == "MF022" and isinstance(node, Scalar) and node.empty:
        report.add(rule, key_place(tree, path), f"{path[-1]}: {context['text']}", context["hint"], len(str(path[-1])))
        return
    offset, width = int(context["offset"]), int(context["width"])
    report.within(rule, node, context["text"], context["hint"], offset=offset, width=width)


def _report_unknown(tree: Mapping, path: Path, report: Report) -> None:
    key = str(path[-1])
    noun = str(path[0]) if len(path) > 1 else ""
    place = key_place(tree, path)
    if key in LATER.get(noun, ()):
        hint = "this version refuses it rather than act as if it were not there; remove it"
        report.add("MF023", place, f"{key}: is not built yet", hint, len(key))
        return
    shape = _shape_at(tree, path[:-1])
    known = [field.alias or name for name, field in shape.model_fields.items()]
    elsewhere = _belongs_to(key, noun)
    if elsewhere and key not in known:
        report.add("MF039", place, f"{key}: does not belong here", elsewhere, len(key))
        return
    report.add("MF020", place, f"{quoted(key)} is no key here", suggest(key, known), len(key))


def _belongs_to(key: str, noun: str) -> str:
    """A hint if another action of the timeline knows the key."""
    if noun != "timeline":
        return ""
    verbs = [verb for verb, shape in _VERBS.items() if key in {f.alias or n for n, f in shape.model_fields.items()}]
    return f"it belongs to {', '.join(verbs)}" if verbs else ""


def _shape_at(tree: Mapping, path: Path) -> type[BaseModel]:
    if not path:
        return ScenarioShape
    if path[0] == "timeline":
        if "attachments" in path:
            return AttachmentShape
        verb = find(tree, (*path[:2], "do"))
        return _VERBS.get(verb.text if isinstance(verb, Scalar) else "", NoteShape)
    if path[0] == "lab":
        return lab_shape_at(path)
    if "policy" in path:
        return PolicyShape
    return _NOUNS.get(str(path[0]), ScenarioShape)


def _missing_hint(path: Path) -> str:
    key = str(path[-1])
    return f"write {_EXAMPLES.get(key, f'{key}: and its value')}"


def _report_kind(tree: Mapping, path: Path, kind: str, report: Report) -> None:
    """Report what pydantic itself found: a list, a text or a group of keys where another belongs."""
    node = nearest_node(tree, path)
    what = {Mapping: "a group of keys", Sequence: "a list", Scalar: "one text"}[type(node)]
    key = next((str(step) for step in reversed(path) if isinstance(step, str)), "the file")
    if isinstance(node, Scalar) and node.empty:
        what = "nothing"
    if kind in ("dict_type", "model_type", "model_attributes_type", "mapping_type"):
        wanted, hint = "a group of keys", "write each key in its own line below, two spaces further in, or {} for none"
    elif kind == "list_type":
        wanted, hint = "a list", "write [one, two], or each item in its own line after a hyphen, or [] for none"
    elif kind in ("too_short", "too_long"):
        wanted, hint = (
            ("exactly two hosts", "write [pc-anna, mail-alpha]")
            if key == "between"
            else ("at least one", "write [one, two]")
        )
        what = "another number of them"
    else:
        wanted, hint = "something else", f"see mailflow schema scenario ({kind})"
    if isinstance(node, Scalar) and node.empty:
        report.add("MF022", key_place(tree, path), f"{key}: wants {wanted}, and here is {what}", hint, len(key))
    else:
        report.at("MF022", node, f"{key}: wants {wanted}, and here is {what}", hint)
