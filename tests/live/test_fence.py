"""`live/` carries octets and knows none: no protocol is imported there, and none is written there."""

from __future__ import annotations

import ast

from tests.house.source import PACKAGE, Module, imports, modules

WORDS = ("protocol", "message", "filtering", "authentication")


def of_live() -> list[Module]:
    """The modules of live mode."""
    return [module for module in modules() if module.part == "live"]


def test_live_imports_no_protocol() -> None:
    assert of_live()
    forbidden = tuple(f"{PACKAGE}.{word}" for word in WORDS)
    assert [use for module in of_live() for use in imports(module) if use.name.startswith(forbidden)] == []


def test_live_writes_no_octets_of_its_own() -> None:
    literals = [
        (module.name, node.lineno, node.value)
        for module in of_live()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, bytes)
    ]
    assert literals == []


def test_nodes_know_no_socket() -> None:
    for module in modules():
        if module.part in ("nodes", "protocol", "engine", "scenario"):
            assert not [use for use in imports(module) if use.name.split(".")[0] in ("asyncio", "socket")]
