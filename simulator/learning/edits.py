"""Changes the text of a scenario at one path and leaves every other character as the author wrote it.

A learner sees, edits and compares text, so an edit is a change of text: a value is replaced where it stands, a record
is a line of a zone, a new action is a line of the timeline. The text has passed `yamlload` before it comes here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import yaml

from simulator.errors import MailflowError
from simulator.scenario.labmodel import Data, Edit
from simulator.scenario.labs import path_of
from simulator.scenario.report import Report
from simulator.scenario.tree import Mapping as Tree
from simulator.scenario.tree import Path
from simulator.scenario.words import suggest
from simulator.scenario.yamlload import load_tree, source_of

__all__ = ["EditError", "apply", "flow", "part", "tree_of", "with_part", "without_key"]

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./@][A-Za-z0-9_ ./@+=-]*(?::[A-Za-z0-9_./@+=-]+)*")
_FIELD: Final = re.compile(r'"[^"]*"|\S+')


class EditError(MailflowError):
    """A change that cannot be made; the sentence says what to do."""


def tree_of(text: str, shown: str = "scenario.yaml") -> Tree:
    """The tree of a text. Raises ScenarioError with all that is wrong with it."""
    report = Report()
    source, text = source_of(text.encode(), shown, shown, report)
    tree = load_tree(source, text, report)
    report.stop_if_any()
    return tree


def apply(text: str, edit: Edit) -> str:
    """The text after one edit. Raises EditError and ScenarioError."""
    if edit.do == "set":
        return _set(text, edit.path, edit.to)
    if edit.do == "add-record":
        return with_part(text, edit.path, _with_record(part(text, edit.path), edit.text))
    if edit.do == "remove-record":
        return with_part(text, edit.path, _without_record(part(text, edit.path), edit.text, edit.zone))
    if edit.do == "do":
        return _with_action(text, edit.to)
    raise EditError(f"there is no edit {edit.do}; {suggest(edit.do, ('set', 'add-record', 'remove-record', 'do'))}")


def part(text: str, path: str) -> str:
    """The text at a path as a learner edits it: a zone or note as it is, anything else as YAML without its indent."""
    node = _node(text, path)
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    start, end = _span(text, node)
    column = node.start_mark.column
    lines = text[start:end].split("\n")
    return "\n".join([lines[0], *(line[column:] if not line[:column].strip() else line for line in lines[1:])]) + "\n"


def with_part(text: str, path: str, new: str) -> str:
    """The text with another part at a path."""
    node = _node(text, path)
    start, end = _span(text, node)
    if isinstance(node, yaml.ScalarNode):
        return text[:start] + _scalar(new, node, text) + text[end:]
    margin = " " * node.start_mark.column
    body = new.strip("\n").split("\n")
    return text[:start] + "\n".join([body[0], *(f"{margin}{line}".rstrip() for line in body[1:])]) + text[end:]


def without_key(text: str, key: str) -> str:
    """The text without one of its top keys and all below it."""
    root = _compose(text)
    for place, (name, _value) in enumerate(root.value):
        if name.value == key:
            after = root.value[place + 1][0].start_mark.index if place + 1 < len(root.value) else len(text)
            return text[: name.start_mark.index].rstrip("\n") + "\n" + text[after:]
    return text


def flow(value: Data) -> str:
    """A value as YAML in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{flow(key)}: {flow(below)}" for key, below in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    text = "" if value is None else str(value)
    if _PLAIN.fullmatch(text) and text == text.strip():
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


# Where things stand


def _compose(text: str) -> Any:
    tree_of(text)  # refuses what is hostile before PyYAML sees it whole
    return yaml.compose(text, Loader=_LOADER)


def _steps(text: str, path: str) -> Path:
    steps, missing = path_of(tree_of(text), path)
    if missing:
        raise EditError(f"{path} leads to nothing here: there is no {missing}")
    return steps


def _node(text: str, path: str) -> Any:
    return _walk(_compose(text), _steps(text, path))


def _walk(node: Any, steps: Path) -> Any:
    for step in steps:
        if isinstance(step, int):
            node = node.value[step]
        else:
            node = next(value for key, value in node.value if key.value == step)
    return node


def _span(text: str, node: Any) -> tuple[int, int]:
    """Where a value begins and ends, without the empty lines and remarks that follow it."""
    start, end = node.start_mark.index, node.end_mark.index
    if isinstance(node, yaml.ScalarNode) or node.flow_style:
        return start, end
    lines = text[start:end].rstrip().split("\n")
    while len(lines) > 1 and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    return start, start + len("\n".join(lines))


def _scalar(new: str, node: Any, text: str) -> str:
    """A text in the place of another: a block stays a block, with its indent."""
    if node.style not in ("|", ">") and "\n" not in new.strip("\n"):
        return flow(new.strip("\n"))
    line = text[: node.start_mark.index].rpartition("\n")[2]
    indent = len(line) - len(line.lstrip(" -")) + 2
    if node.style in ("|", ">"):
        written = text[node.start_mark.index : node.end_mark.index].split("\n")[1:]
        filled = [one for one in written if one.strip()]
        indent = min((len(one) - len(one.lstrip(" ")) for one in filled), default=indent)
    body = [f"{' ' * indent}{one}".rstrip() for one in new.rstrip("\n").split("\n")]
    return "\n".join(["|", *body, ""])


# The edits


def _set(text: str, path: str, value: Data) -> str:
    steps, missing = path_of(tree_of(text), path)
    if not missing:
        node = _walk(_compose(text), steps)
        if isinstance(value, str) and "\n" in value:
            return with_part(text, path, value)
        start, end = _span(text, node)
        tail = "\n" if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">") else ""
        return f"{text[:start]}{flow(value)}{tail}{text[end:]}"
    parent = _walk(_compose(text), steps)
    if not isinstance(parent, yaml.MappingNode) or "." in missing:
        raise EditError(f"{path} leads to nothing here: there is no {missing}")
    written = f"{flow(missing)}: {flow(value)}"
    start = parent.start_mark.index
    if parent.flow_style:
        separator = ", " if parent.value else ""
        return text[: start + 1] + written + separator + text[start + 1 :]
    return text[:start] + written + "\n" + " " * parent.start_mark.column + text[start:]


def _with_record(zone: str, record: str) -> str:
    return zone.rstrip("\n") + "\n" + record.strip() + "\n"


def _without_record(zone: str, record: str, name: str) -> str:
    wanted = _FIELD.findall(record)
    lines = zone.rstrip("\n").split("\n")
    for place, line in enumerate(lines):
        if _FIELD.findall(line.partition(";")[0]) == wanted:
            return "\n".join(lines[:place] + lines[place + 1 :]) + "\n"
    near = suggest(record, [" ".join(_FIELD.findall(line)) for line in lines], otherwise="copy the line as it stands")
    raise EditError(f"the zone {name} has no line {' '.join(wanted)}; {near}")


def _with_action(text: str, action: Data) -> str:
    node = _node(text, "timeline")
    line = f"- {flow(action)}"
    if node.flow_style or not node.value:
        inner = text[node.start_mark.index + 1 : node.end_mark.index - 1].strip()
        items = f"{inner}, {flow(action)}" if inner else flow(action)
        return f"{text[: node.start_mark.index]}[{items}]{text[node.end_mark.index :]}"
    _start, end = _span(text, node)
    margin = " " * int(node.start_mark.column)
    return f"{text[:end]}\n{margin}{line}{text[end:]}"
