"""SimPy's own test suite, with our environment in place of its own: ordinary SimPy code must run in it unchanged.

The suite comes with SimPy's source distribution, which is not part of this project: continuous integration fetches it
and names its folder in MAILFLOW_SIMPY_SDIST; by hand, put it into `.cache/simpy`:

    python -m pip download --no-deps --no-binary simpy --dest .cache/simpy simpy
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

OTHERS = ("test_benchmark.py", "test_rt.py")
"""Not about this environment: speed (needs pytest-benchmark), and SimPy's real-time one, which keeps to the wall clock."""

COMPARES_TRACEBACKS = "tests/test_exceptions.py::test_exception_chaining"
"""It matches the text of a traceback, with SimPy's own file and function names in it."""

PROGRAM = """
import sys
import pytest, simpy
from simulator.engine.environment import Environment
simpy.Environment = Environment
sys.exit(pytest.main(sys.argv[1:]))
"""


def source_distribution() -> Path:
    """The newest source distribution that was put in place, or a skip that says how to get one."""
    folder = Path(os.environ.get("MAILFLOW_SIMPY_SDIST", ROOT / ".cache" / "simpy"))
    found = sorted(folder.glob("simpy-*.tar.gz"))
    if not found:
        pytest.skip(f"no source distribution of SimPy in {folder}: .ci/run fetches it, this file says how to by hand")
    return found[-1]


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SimPy's source distribution, unpacked."""
    archive = source_distribution()
    folder = tmp_path_factory.mktemp("simpy")
    with tarfile.open(archive) as packed:
        if hasattr(tarfile, "data_filter"):  # not in the first releases of 3.11
            packed.extraction_filter = tarfile.data_filter
        packed.extractall(folder)
    (unpacked,) = folder.iterdir()
    return unpacked


def run(suite: Path, *arguments: str) -> tuple[int, str]:
    """Run a part of SimPy's suite in our environment: the exit code and what pytest printed."""
    options = ["-q", "-p", "no:cacheprovider", "-o", "addopts=", f"--rootdir={suite}"]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *options, *arguments],
        cwd=suite,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_simpys_own_tests_pass_in_our_environment(suite: Path) -> None:
    without = [f"--ignore=tests/{name}" for name in OTHERS]
    code, text = run(suite, "tests", *without, f"--deselect={COMPARES_TRACEBACKS}")
    assert code == 0, text
    passed = re.search(r"(\d+) passed", text)
    assert passed
    assert int(passed.group(1)) >= 120


def test_the_only_test_left_out_fails_by_the_text_of_its_traceback(suite: Path) -> None:
    code, text = run(suite, COMPARES_TRACEBACKS)
    assert code == 0 or "Traceback mismatch" in text
