"""The source of the package as data: its modules, what each imports and what each calls.

Read with `ast` and never imported, so that a fence can be judged even where a module would not load.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "simulator"


@dataclass(frozen=True, slots=True)
class Use:
    """One import or one dotted name at a line of a module; `name` is absolute (`simulator.engine.trace`, `os.urandom`)."""

    module: str
    line: int
    name: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line} uses {self.name}"


@dataclass(frozen=True, slots=True)
class Module:
    """One module of the package: its dotted name, its file and its text."""

    name: str
    path: Path
    text: str

    @property
    def part(self) -> str:
        """The package or module right under `simulator` that it belongs to; "" for the package itself."""
        return [*self.name.split("."), ""][1]

    @property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return _parsed(self.text)

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return len(self.text.splitlines())


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


def module_name(path: Path) -> str:
    """The dotted name of a file of the package."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the package."""
    paths = sorted((ROOT / PACKAGE).rglob("*.py"))
    return tuple(Module(module_name(path), path, path.read_text(encoding="utf-8")) for path in paths)


def imports(module: Module) -> Iterator[Use]:
    """Every import anywhere in the module, also inside functions and for type checkers only, as absolute names."""
    package = module.name if module.path.name == "__init__.py" else module.name.rpartition(".")[0]
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (Use(module.name, node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (Use(module.name, node.lineno, f"{base}.{alias.name}") for alias in node.names)


def names(module: Module) -> Iterator[Use]:
    """Every dotted name that the module uses, with what it imported written out in full; a bare call as `builtins.x`."""
    known: dict[str, str] = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                known[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and not node.level:
            known |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in known:
            yield Use(module.name, node.lineno, f"builtins.{node.func.id}")
        if isinstance(node, ast.Name | ast.Attribute) and (dotted := _dotted(node)):
            first, _, rest = dotted.partition(".")
            yield Use(module.name, node.lineno, ".".join(filter(None, [known.get(first, first), rest])))


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = _dotted(node.value)
        return f"{inner}.{node.attr}" if inner else f"?.{node.attr}"
    return ""
