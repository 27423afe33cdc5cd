"""Reads the texts of a scenario in another language from the overlay beside it, such as `first-letter.ru.yaml`.

An overlay has the tree of its scenario with texts only, list entries by their `id`; what it lacks falls back. The
letters of the world are no texts in this sense: a run is the same in every language, to the last octet.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from simulator.scenario.report import Report
from simulator.scenario.tree import Mapping, Node, Scalar, Sequence, child
from simulator.scenario.words import quoted, suggest
from simulator.scenario.yamlload import load_tree, read_source

_TOP: Final = ("title", "summary")
_LISTS: Final = {"expect": ("why",), "timeline": ("text",)}
_LAB: Final = {"goals": "say", "traps": "say", "hints": "text"}
_WORLD: Final = (
    "mailflow", "id", "language", "include", "names", "start", "seed", "people", "hosts", "links", "zones", "faults",
    "params",
)  # fmt: skip
_LANGUAGE: Final = re.compile(r"\.([a-z]{2})\.yaml")


def read_texts(tree: Mapping, path: Path, shown: str, report: Report) -> dict[str, dict[str, str]]:
    """All texts by language and path (`expect.delivered.why`), the author's own language among them.

    Mistakes in overlays are reported; raises `ScenarioError` when one is no YAML.
    """
    language = tree.values.get("language")
    own = language.text if isinstance(language, Scalar) else "en"
    texts = {own: _own_texts(tree)}
    for overlay in sorted(path.parent.glob(f"{path.name.removesuffix('.yaml')}.??.yaml")):
        match = _LANGUAGE.search(overlay.name)
        if match is not None and match[1] != own:
            beside = shown[: -len(path.name)] + overlay.name
            source, text = read_source(overlay, beside, report)
            texts[match[1]] = _overlaid(load_tree(source, text, report), tree, report)
    return texts


def _own_texts(tree: Mapping) -> dict[str, str]:
    texts = {}
    for where, node in _translatable(tree).items():
        texts[where] = node.text
    return texts


def _translatable(tree: Mapping) -> dict[str, Scalar]:
    """Every text that an overlay may give, by its path."""
    found = {key: node for key in _TOP if isinstance(node := tree.values.get(key), Scalar)}
    for noun, keys in _LISTS.items():
        for name, entry in _entries(tree.values.get(noun)).items():
            if noun == "timeline" and not _is_note(entry):
                continue
            found |= {f"{noun}.{name}.{key}": node for key in keys if isinstance(node := entry.values.get(key), Scalar)}
    return found | _lab_texts(tree)


def _lab_texts(tree: Mapping) -> dict[str, Scalar]:
    """The texts of the lab, by paths such as `lab.task` and `lab.goals.arrives.say`."""
    lab = tree.values.get("lab")
    if not isinstance(lab, Mapping):
        return {}
    task = lab.values.get("task")
    found = {"lab.task": task} if isinstance(task, Scalar) else {}
    for noun, key in _LAB.items():
        for name, entry in _entries(lab.values.get(noun)).items():
            if isinstance(node := entry.values.get(key), Scalar):
                found[f"lab.{noun}.{name}.{key}"] = node
    return found


def _entries(node: Node | None) -> dict[str, Mapping]:
    """The entries of a list that have an id, by it."""
    items = node.items if isinstance(node, Sequence) else ()
    named = [(child(item, "id"), item) for item in items]
    return {name.text: item for name, item in named if isinstance(name, Scalar) and isinstance(item, Mapping)}


def _is_note(entry: Mapping) -> bool:
    verb = entry.values.get("do")
    return isinstance(verb, Scalar) and verb.text == "note"


def _overlaid(overlay: Mapping, tree: Mapping, report: Report) -> dict[str, str]:
    checker = _Overlay(tree, report)
    for key, value in overlay.items():
        place = overlay.keys[key]
        if key in _TOP:
            checker.text(key, place, value)
        elif key in _LISTS:
            checker.entries(key, place, value)
        elif key == "lab":
            checker.lab(value)
        elif key in _WORLD:
            hint = "an overlay holds title, summary, expect (why) and timeline (text of notes)"
            report.at("MF048", place, f"{key}: is no text, and a world is the same in every language", hint)
        else:
            report.at("MF049", place, f"{quoted(key)} stands in no scenario", suggest(key, (*_TOP, *_LISTS)))
    return checker.texts


class _Overlay:
    def __init__(self, tree: Mapping, report: Report) -> None:
        self._tree = tree
        self._report = report
        self._known = _translatable(tree)
        self.texts: dict[str, str] = {}

    def text(self, where: str, key: Scalar, value: Node) -> None:
        if not isinstance(value, Scalar):
            self._report.at("MF048", value, f"{key.text}: wants one text", "write the translated text here")
        elif where not in self._known:
            hint = "an overlay translates what is there; write it into the scenario first"
            self._report.at("MF049", key, f"the scenario has no {where}", hint)
        elif value.text.strip():
            self.texts[where] = value.text

    def lab(self, value: Node) -> None:
        """Take the texts of the lab."""
        if not isinstance(value, Mapping):
            self._report.at("MF048", value, "lab: wants task, goals, traps and hints", "write each below it")
            return
        for key, below in value.items():
            place = value.keys[key]
            if key == "task":
                self.text("lab.task", place, below)
            elif key not in _LAB:
                hint = "an overlay holds its task, goals (say), traps (say) and hints (text)"
                self._report.at("MF048", place, f"{key}: is no text of a lab", hint)
            elif not isinstance(below, Mapping):
                self._report.at("MF048", below, f"{key}: wants entries by their id", "write each id with a colon")
            else:
                self._lab_entries(key, below)

    def _lab_entries(self, noun: str, value: Mapping) -> None:
        for name, entry in value.items():
            if not isinstance(entry, Mapping):
                self._report.at("MF048", entry, f"{name}: wants {_LAB[noun]}: and its text", "write it below")
                continue
            for key, text in entry.items():
                self.text(f"lab.{noun}.{name}.{key}", entry.keys[key], text)

    def entries(self, noun: str, key: Scalar, value: Node) -> None:
        if not isinstance(value, Mapping):
            hint = f"write {noun}: and below it the id of each entry, with a colon"
            self._report.at("MF048", value, f"{noun}: wants entries by their id", hint)
            return
        known = _entries(self._tree.values.get(noun))
        for name, entry in value.items():
            if name not in known:
                hint = suggest(name, known, otherwise=f"no entry of {noun}: has an id")
                self._report.at("MF049", value.keys[name], f"{noun}: has no entry with id {quoted(name)}", hint)
            elif not isinstance(entry, Mapping):
                self._report.at("MF048", entry, f"{name}: wants {_LISTS[noun][0]}: and its text", "write it below")
            else:
                self._entry(noun, name, entry, note=_is_note(known[name]))

    def _entry(self, noun: str, name: str, entry: Mapping, *, note: bool) -> None:
        for key, value in entry.items():
            if key in _LISTS[noun] and (note or noun != "timeline"):
                self.text(f"{noun}.{name}.{key}", entry.keys[key], value)
                continue
            hint = (
                f"only {_LISTS[noun][0]}: is translated here"
                if noun == "expect"
                else "only the text of a note is translated"
            )
            self._report.at("MF048", entry.keys[key], f"{key}: is no text that may differ between languages", hint)
