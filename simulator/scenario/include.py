"""Puts the files together that a scenario includes: bases first, then the file's own keys over them.

Families of lessons share a world; groups of keys are merged key by key, lists and texts are replaced whole, and each
value keeps its place in the file that it came from.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from simulator import limits
from simulator.scenario.report import Report
from simulator.scenario.tree import Mapping, Node, Scalar, Sequence
from simulator.scenario.yamlload import load_tree, read_source, source_of


def load_with_includes(path: Path, shown: str, report: Report, text: str | None = None) -> Mapping:
    """The tree of a file (of `text` in its place) with everything that it includes.

    Raises `ScenarioError` when a file is no YAML.
    """
    return _Includer(report).load(path, shown, (), text)


class _Includer:
    def __init__(self, report: Report) -> None:
        self._report = report
        self._files = 0

    def load(self, path: Path, shown: str, above: tuple[Path, ...], given: str | None = None) -> Mapping:
        if given is None:
            source, text = read_source(path, shown, self._report)
        else:
            source, text = source_of(given.encode(), shown, path.name, self._report, folder=path.parent)
        tree = load_tree(source, text, self._report)
        return self._bases(tree, path, shown, (*above, path.resolve()))

    def _bases(self, tree: Mapping, path: Path, shown: str, above: tuple[Path, ...]) -> Mapping:
        includes = tree.values.get("include")
        if not isinstance(includes, Sequence):
            return tree
        base: Mapping | None = None
        for item in includes.items:
            found = self._one(item, path, shown, above)
            if found is not None:
                base = found if base is None else merged(base, found)
        return tree if base is None else merged(base, tree)

    def _one(self, item: Node, path: Path, shown: str, above: tuple[Path, ...]) -> Mapping | None:
        if not isinstance(item, Scalar):
            return None
        problem = unsafe_path(item.text, ".yaml")
        target = path.parent / item.text
        self._files += 1
        if problem:
            self._report.at("MF047", item, f"{item.text} cannot be included", problem)
        elif target.resolve() in above:
            self._report.at("MF047", item, f"{item.text} includes itself", "remove one of the two includes")
        elif self._files > limits.YAML_INCLUDES:
            self._report.at("MF047", item, f"more than {limits.YAML_INCLUDES} files are included", "put bases together")
        elif not target.is_file():
            hint = f"the path starts at the folder of {path.name}"
            self._report.at("MF047", item, f"there is no file {item.text}", hint)
        else:
            return self.load(target, str(PurePosixPath(shown).parent / item.text), above)
        return None


def unsafe_path(text: str, suffix: str) -> str:
    """What is wrong with a path that a scenario names, or ""."""
    if not text.endswith(suffix):
        return f"its name has to end in {suffix}"
    if PurePosixPath(text).is_absolute() or "\\" in text or ":" in text or "\x00" in text:
        return "write a path that starts at this file's folder, with / between its parts"
    return ""


def merged(base: Mapping, over: Mapping) -> Mapping:
    """Two groups of keys as one: `over` wins, groups inside are merged, lists and texts are replaced."""
    keys, values = dict(base.keys), dict(base.values)
    for key, value in over.items():
        below = values.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            value = merged(below, value)
        keys[key], values[key] = over.keys[key], value
    return Mapping(keys, values, over.place)
