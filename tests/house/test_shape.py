"""The shape of the house: sizes of modules and functions, the top-level layout, and words that must not stay."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.house.source import ROOT, Module, modules

MODULE_LINES = 400
FUNCTION_LINES = 25
NESTING = 3
LAYOUT = {
    ".ci",
    ".gitignore",
    "CHANGELOG.md",
    "README.md",
    "lessons",
    "pyproject.toml",
    "scenarios",
    "simulator",
    "tests",
}
UNFINISHED = ("TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK", "NotImplemented" + "Error")
PLACES = ("work", "tmp", "root", "home")

Function = ast.FunctionDef | ast.AsyncFunctionDef
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)


def functions(module: Module) -> Iterator[Function]:
    """Every function and method of a module."""
    yield from (node for node in ast.walk(module.tree) if isinstance(node, Function))


def body_lines(function: Function) -> int:
    """The lines of a function's body, without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def depth(node: ast.AST) -> int:
    """How deep blocks are nested in a node; `elif` is no deeper than its `if`, and a function within begins anew."""
    deepest = 0
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(
                child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
            ):
                continue
            elif_ = isinstance(node, ast.If) and name == "orelse" and isinstance(child, ast.If)
            deepest = max(deepest, depth(child) + (isinstance(child, BLOCKS) and not elif_))
    return deepest


def tracked() -> list[str]:
    """The files of the checkout that git knows, or a skip that says what is missing."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("needs Debian's git, and a clone")
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_module_is_longer_than_400_lines() -> None:
    assert not {module.name: module.lines for module in modules() if module.lines > MODULE_LINES}


def test_no_function_has_more_than_25_lines() -> None:
    long = {
        f"{module.name}.{function.name}": body_lines(function)
        for module in modules()
        for function in functions(module)
        if body_lines(function) > FUNCTION_LINES
    }
    assert not long


def test_no_block_is_nested_deeper_than_3() -> None:
    deep = {
        f"{module.name}.{function.name}": depth(function)
        for module in modules()
        for function in functions(module)
        if depth(function) > NESTING
    }
    assert not deep


def test_depth_counts_blocks_but_not_elif_or_inner_functions() -> None:
    assert depth(ast.parse("for a in b:\n    if c:\n        pass\n    elif d:\n        pass\n").body[0]) == 1
    assert depth(ast.parse("def f():\n for a in b:\n  while c:\n   with d:\n    if e:\n     pass\n").body[0]) == 4
    assert depth(ast.parse("def f():\n if a:\n  def g():\n   if b:\n    pass\n").body[0]) == 1


def test_every_module_says_what_it_is_for() -> None:
    assert not [module.name for module in modules() if not ast.get_docstring(module.tree)]


def test_no_package_is_empty() -> None:
    packages = {module.name for module in modules() if module.path.name == "__init__.py"}
    for package in packages:
        inside = [module for module in modules() if module.name.startswith(package + ".") and module.lines > 3]
        assert inside, package


def test_the_top_level_holds_what_it_should_and_nothing_else() -> None:
    assert {name.split("/")[0] for name in tracked()} <= LAYOUT


@pytest.mark.parametrize("word", UNFINISHED)
def test_nothing_in_the_package_is_left_unfinished(word: str) -> None:
    assert not [module.name for module in modules() if re.search(rf"\b{word}\b", module.text)]


@pytest.mark.parametrize("place", PLACES)
def test_no_file_names_a_place_on_somebodys_machine(place: str) -> None:
    texts = [name for name in tracked() if name.endswith((".py", ".md", ".toml", ".yaml", ".json", ".txt"))]
    path = re.compile(rf"(?<![\w}}.])/{place}/\w")
    assert not [name for name in texts if path.search((ROOT / name).read_text(encoding="utf-8"))]
