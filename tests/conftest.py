"""Options and fixtures that every test may use.

--long           runs the tests marked `long` at full size (other Pythons, wheels, thousands of examples);
--update-golden  writes the committed answers (hashes, snapshots) anew instead of comparing with them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the two switches of this suite."""
    group = parser.getgroup("mailflow")
    group.addoption("--long", action="store_true", help="run the long tests, at full size")
    group.addoption("--update-golden", action="store_true", help="write the golden files anew")


def pytest_configure(config: pytest.Config) -> None:
    """Declare our marker, so that a misspelt one is an error."""
    config.addinivalue_line("markers", "long: takes minutes or builds environments; runs only with --long")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what is marked `long` unless asked for."""
    if config.getoption("--long"):
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="long: give --long to run it"))


@pytest.fixture(scope="session")
def long(request: pytest.FixtureRequest) -> bool:
    """Whether this run is a long one; for tests that have a small and a large size."""
    return bool(request.config.getoption("--long"))


@pytest.fixture(scope="session")
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be written anew."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the checkout."""
    return ROOT
