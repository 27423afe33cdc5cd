"""Reads YAML into a tree with positions, and refuses what is hostile before it costs anything.

`yaml.safe_load` is not enough: merge keys and aliases explode, deep brackets end in RecursionError, duplicate keys
pass silently, and its typing turns `12:30` into 750. So this walks the parser's events itself, with limits, and
types nothing. YAML 1.1 as PyYAML reads it; limits from `simulator.limits`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import yaml

from simulator import limits
from simulator.scenario.report import Report
from simulator.scenario.tree import Mapping, Node, Place, Scalar, Sequence, Source

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NESTED = "exceeded maximum nesting depth"
"""What LibYAML says from a thousand levels on, which it may look ahead at before it gives the first of them."""
_FAR = 1  # a message's own position, where the parser gives none


def read_source(path: Path, shown: str, report: Report) -> tuple[Source, str]:
    """The text of a file and its lines; raises `ScenarioError` when it is too large, is no text or cannot be read."""
    try:
        with path.open("rb") as file:
            octets = file.read(limits.YAML_OCTETS + 1)
    except OSError as error:
        where = Place(Source(shown, path.name, ()), 1, 1)
        report.add("MF001", where, f"the file cannot be read: {error.strerror}", "check its name and its permissions")
        report.stop()
    return source_of(octets, shown, path.name, report, folder=path.parent)


def source_of(octets: bytes, shown: str, base: str, report: Report, *, folder: Path = Path()) -> tuple[Source, str]:
    """Decode octets of a file; raises `ScenarioError` when there are too many or they are not UTF-8."""
    if len(octets) > limits.YAML_OCTETS:
        where = Place(Source(shown, base, ()), 1, 1)
        message = f"the file has more than {limits.YAML_OCTETS} octets"
        report.add("MF001", where, message, "a world is a few kB; move long zones into .zone files")
        report.stop()
    try:
        text = octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = octets[: error.start].decode("utf-8", "replace")
        lines = octets.decode("utf-8", "replace").split("\n")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        place = Place(Source(shown, base, tuple(lines)), line, column)
        report.add("MF002", place, "the file is not UTF-8 text", "save it as UTF-8 in your editor")
        report.stop()
    text = text.replace("\r\n", "\n")
    return Source(shown, base, tuple(text.split("\n")), folder), text


def load_tree(source: Source, text: str, report: Report) -> Mapping:
    """The tree of a file whose top is a mapping; raises `ScenarioError` with the mistakes otherwise.

    Duplicate keys are reported and the first kept, so that one report can hold several; every other fault of YAML
    ends the reading, since nothing after it can be trusted.
    """
    builder = _Builder(source, report)
    try:
        root = builder.build(yaml.parse(text, Loader=_LOADER))
    except yaml.reader.ReaderError as error:
        builder.fail_reader(error, text)
    except yaml.MarkedYAMLError as error:
        builder.fail_syntax(error)
    except yaml.YAMLError as error:
        report.add("MF003", Place(source, _FAR, _FAR), f"this is not YAML: {error}")
        report.stop()
    return root


@dataclass(frozen=True, slots=True)
class _Anchor:
    """A value that aliases may repeat: how many keys and values it has, and how many levels."""

    node: Node
    size: int
    height: int


def _height(node: Node) -> int:
    if isinstance(node, Scalar):
        return 0
    below = node.values.values() if isinstance(node, Mapping) else node.items
    return 1 + max(map(_height, below), default=0)


class _Builder:
    """Builds the tree from events; the depth is limited, so recursion is safe."""

    def __init__(self, source: Source, report: Report) -> None:
        self._source = source
        self._report = report
        self._nodes = 0
        self._aliases = 0
        self._anchors: dict[str, _Anchor] = {}
        self._events: Iterator[yaml.Event] = iter(())

    def build(self, events: Iterator[yaml.Event]) -> Mapping:
        self._events = (
            event for event in events if not isinstance(event, (yaml.StreamStartEvent, yaml.StreamEndEvent))
        )
        first = next(self._events, None)
        if first is None:
            self._stop("MF010", Place(self._source, 1, 1), "the file is empty", "begin with id: and title:")
        root = self._node(next(self._events), 0)
        next(self._events)
        more = next(self._events, None)
        if more is not None:
            self._stop("MF010", self._place(more), "a second document begins here", "one file holds one scenario")
        if not isinstance(root, Mapping):
            self._stop("MF010", root.place, "a file begins with keys, such as id: and title:", "write key: value")
        return root

    def _node(self, event: yaml.Event, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, depth)
        assert isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent))
        anchor, before = event.anchor, self._nodes
        self._refuse_tag(event)
        self._count(1, event)
        if isinstance(event, yaml.ScalarEvent):
            node: Node = Scalar(
                event.value, self._place(event), event.style if event.style in ("'", '"', "|", ">") else ""
            )
        elif depth >= limits.YAML_DEPTH:
            self._too_deep(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._sequence(event, depth)
        else:
            node = self._mapping(event, depth)
        if anchor is not None:
            self._anchors[anchor] = _Anchor(node, self._nodes - before, _height(node))
        return node

    def _too_deep(self, event: yaml.Event) -> NoReturn:
        self._stop_too_deep(self._place(event))

    def _stop_too_deep(self, place: Place) -> NoReturn:
        message = f"more than {limits.YAML_DEPTH} levels inside each other"
        self._stop("MF005", place, message, "no scenario needs so many; look for a missing bracket")

    def _sequence(self, start: yaml.Event, depth: int) -> Sequence:
        items = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return Sequence(tuple(items), self._place(start))

    def _mapping(self, start: yaml.Event, depth: int) -> Mapping:
        keys: dict[str, Scalar] = {}
        values: dict[str, Node] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event)
            value = self._node(next(self._events), depth + 1)
            if key.text in keys:
                first = keys[key.text].place.line
                self._report.at("MF004", key, f'"{key.text}" is written twice', f"it stands in line {first} already")
                continue
            keys[key.text], values[key.text] = key, value
        return Mapping(keys, values, self._place(start))

    def _key(self, event: yaml.Event) -> Scalar:
        if not isinstance(event, yaml.ScalarEvent):
            self._stop("MF011", self._place(event), "a key is one word or text", 'write a plain word, or "quoted" text')
        self._refuse_tag(event)
        self._count(1, event)
        style = event.style if event.style in ("'", '"') else ""
        key = Scalar(event.value, self._place(event), style)
        if key.text == "<<" and not style:
            self._stop("MF009", key.place, "merge keys (<<) are not read", "use include: to share parts of scenarios")
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchor(key, 1, 0)
        return key

    def _alias(self, event: yaml.AliasEvent, depth: int) -> Node:
        self._aliases += 1
        known = self._anchors.get(event.anchor or "")
        if known is None:
            message = f"*{event.anchor} repeats something that is not yet written"
            self._stop("MF012", self._place(event), message, f"write &{event.anchor} before the first use, whole")
        if depth + known.height > limits.YAML_DEPTH:
            self._too_deep(event)
        if self._aliases > limits.YAML_ALIASES:
            message = f"more than {limits.YAML_ALIASES} aliases"
            self._stop("MF007", self._place(event), message, "use include: to share parts of scenarios")
        self._count(known.size, event, alias=event.anchor or "")
        return known.node

    def _count(self, more: int, event: yaml.Event, *, alias: str = "") -> None:
        self._nodes += more
        if self._nodes <= limits.YAML_NODES:
            return
        rule, what = ("MF007", f"with *{alias} written out, the file") if alias else ("MF006", "the file")
        message = f"{what} has more than {limits.YAML_NODES} keys and values"
        self._stop(rule, self._place(event), message, "a world needs a few hundred")

    def _refuse_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.tag is not None and event.tag != "!":
            message = f"tags are not read: {event.tag}"
            self._stop("MF008", self._place(event), message, "write the value without a tag; each key knows its type")

    def _place(self, event: yaml.Event) -> Place:
        mark = event.start_mark
        assert mark is not None  # events of the parser have one
        return Place(self._source, mark.line + 1, mark.column + 1)

    def _stop(self, rule: str, place: Place, message: str, hint: str) -> NoReturn:
        self._report.add(rule, place, message, hint)
        self._report.stop()

    def fail_syntax(self, error: yaml.MarkedYAMLError) -> NoReturn:
        """Report what the parser did not understand; raises `ScenarioError`."""
        mark = error.problem_mark or error.context_mark
        place = Place(self._source, mark.line + 1, mark.column + 1) if mark else Place(self._source, 1, 1)
        if error.problem == _NESTED:
            self._stop_too_deep(place)
        context = f" {error.context}" if error.context else ""
        message = f"this is not YAML: {error.problem}{context}"
        hint = "look at the indentation, at brackets and at quotes of this line and the one before"
        self._stop("MF003", place, message, hint)

    def fail_reader(self, error: yaml.reader.ReaderError, text: str) -> NoReturn:
        """Report a character that YAML does not allow; raises `ScenarioError`."""
        offset = next((i for i, c in enumerate(text) if yaml.reader.Reader.NON_PRINTABLE.match(c)), 0)
        before = text[:offset]
        place = Place(self._source, before.count("\n") + 1, offset - before.rfind("\n"))
        code = ord(text[offset]) if text else 0
        message = f"the character U+{code:04X} may not stand in a file"
        self._stop("MF002", place, message, 'delete it, or write it as "\\x07" in quotes')
