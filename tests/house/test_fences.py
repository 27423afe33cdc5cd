"""Who may import whom, and who may touch the outside world (architecture, "Packages"); the fences are data in `fences.py`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.fences import IMPORT_FENCES, MAY_IMPORT, NOT_LOADED_EARLY, USE_FENCES, Fence, may_import
from tests.house.source import PACKAGE, ROOT, Module, Use, imports, modules, names


def below(name: str, fence: str) -> bool:
    """Whether a dotted name is the fenced one or lies below it; `?.x` fences x of anything that is not a plain name."""
    if fence.startswith("?"):
        return "." in name and name.rpartition(".")[2] == fence[2:]
    return name == fence or name.startswith(fence + ".")


def within(module: str, allowed: frozenset[str]) -> bool:
    """Whether a module belongs to one of the allowed parts."""
    return any(below(module, f"{PACKAGE}.{part}") for part in allowed)


def wrong_layers(module: Module) -> Iterator[Use]:
    """Imports of ours that the table of layers forbids."""
    for use in imports(module):
        if below(use.name, PACKAGE) and use.name != PACKAGE:
            part = use.name.split(".")[1]
            if part in MAY_IMPORT and part not in may_import(module.part):
                yield use


def over_the_fence(module: Module, fence: Fence, uses: Iterator[Use]) -> Iterator[Use]:
    """Uses of fenced names outside the parts that may."""
    if not within(module.name, fence.allowed):
        yield from (use for use in uses if any(below(use.name, name) for name in fence.names))


def listed(found: list[Use]) -> str:
    """The findings, a line each."""
    return "\n" + "\n".join(sorted({str(use) for use in found}))


def made(name: str, text: str) -> Module:
    """A module that exists only in a test."""
    return Module(f"{PACKAGE}.{name}", Path("made/up.py"), text)


def test_every_part_of_the_package_has_its_place_in_the_table() -> None:
    parts = {module.part for module in modules()}
    assert parts
    assert parts <= set(MAY_IMPORT)


def test_no_part_imports_what_lies_above_it() -> None:
    found = [use for module in modules() for use in wrong_layers(module)]
    assert not found, listed(found)


@pytest.mark.parametrize("fence", IMPORT_FENCES, ids=lambda fence: fence.names[0])
def test_a_library_is_imported_only_where_it_belongs(fence: Fence) -> None:
    found = [use for module in modules() for use in over_the_fence(module, fence, imports(module))]
    assert not found, fence.why + listed(found)


@pytest.mark.parametrize("fence", USE_FENCES, ids=lambda fence: fence.names[0])
def test_the_outside_world_is_touched_only_where_it_belongs(fence: Fence) -> None:
    found = [
        use
        for module in modules()
        for use in over_the_fence(module, fence, (use for both in (imports, names) for use in both(module)))
    ]
    assert not found, fence.why + listed(found)


def test_the_table_has_no_circle_and_reaches_down_to_the_base() -> None:
    assert may_import("tui") >= {"scenario", "nodes", "engine", "protocol", "errors"}
    assert "tui" not in may_import("scenario")
    assert may_import("engine") == {"engine", "errors", "limits", "safe", "text"}
    assert all(part in may_import(part) for part in MAY_IMPORT)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("protocol.x", "from simulator.engine import trace"),
        ("engine.x", "import simulator.records.folds"),
        ("engine.x", "def f():\n    from simulator import records"),
        ("scenario.x", "from simulator.tui import app"),
        ("errors", "from simulator.nodes.queue import Queue"),
    ],
)
def test_a_wrong_layer_would_be_found(name: str, text: str) -> None:
    assert list(wrong_layers(made(name, text)))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("scenario.x", "import simpy"),
        ("cli.x", "from textual.app import App"),
        ("nodes.x", "import random"),
        ("records.x", "def f():\n    import asyncio"),
        ("nodes.x", "import time\ntime.time()"),
        ("nodes.x", "from time import monotonic as m\nm()"),
        ("nodes.x", "import datetime as d\nd.datetime.now()"),
        ("nodes.x", "from datetime import datetime\ndatetime.now(tz=None)"),
        ("keys.x", "import os\nos.urandom(8)"),
        ("engine.x", "open('x')"),
        ("engine.x", "hash('x')"),
        ("scenario.x", "eval('x')"),
        ("nodes.x", "from pathlib import Path\nPath('x').read_text()"),
        ("nodes.x", "import simpy\nsimpy.Store"),
        ("nodes.x", "from simpy.resources.store import Store"),
        ("nodes.x", "from os import environ\nenviron['HOME']"),
    ],
)
def test_a_climbed_fence_would_be_found(name: str, text: str) -> None:
    module = made(name, text)
    found = [use for fence in IMPORT_FENCES for use in over_the_fence(module, fence, imports(module))]
    for fence in USE_FENCES:
        found += [*over_the_fence(module, fence, imports(module)), *over_the_fence(module, fence, names(module))]
    assert found


def loaded(program: str) -> set[str]:
    """The top-level modules that a program has loaded at its end."""
    end = "\nimport sys as s\nprint('\\n'.join(sorted({name.split('.')[0] for name in s.modules})), file=s.stderr)"
    done = subprocess.run([sys.executable, "-c", program + end], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_importing_the_package_loads_no_library() -> None:
    assert "simpy" not in loaded("import simulator")
    assert not loaded("import simulator") & NOT_LOADED_EARLY


@pytest.mark.skipif(not (ROOT / PACKAGE / "cli").is_dir(), reason="simulator/cli is not there yet")
def test_the_help_of_the_command_loads_no_heavy_library() -> None:
    program = (
        "import contextlib, io, sys\n"
        "from simulator.cli import main\n"
        "sys.argv = ['mailflow', '--help']\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        "    main()\n"
    )
    assert not loaded(program) & NOT_LOADED_EARLY


@pytest.mark.skipif(not (ROOT / PACKAGE / "tui" / "plain.py").is_file(), reason="plain mode is not there yet")
def test_plain_mode_does_not_load_textual() -> None:
    assert "textual" not in loaded("import simulator.tui.plain")
