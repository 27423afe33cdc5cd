"""Determinism is a promise: the canonical trace of each shipped scenario has the committed SHA-256, whatever the circumstances.

`tests/golden/hashes.json` holds the hashes; `pytest tests/house/test_determinism.py --update-golden` writes them anew, which
is right only when a change of the trace was meant. With --long every Python from 3.11 to 3.13 that is found runs them too.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden" / "hashes.json"
SCENARIOS = sorted(path.stem for path in (ROOT / "scenarios").glob("*.yaml") if "." not in path.stem)
PYTHONS = ("3.11", "3.12", "3.13")

pytestmark = pytest.mark.skipif(not (ROOT / "simulator" / "cli").is_dir(), reason="simulator/cli is not there yet")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What must not matter: the interpreter and its flags, variables, the working directory."""

    name: str
    flags: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    where: Path = ROOT


CIRCUMSTANCES = (
    Circumstances("hash seed 0", variables={"PYTHONHASHSEED": "0"}),
    Circumstances("hash seed 1", variables={"PYTHONHASHSEED": "1"}),
    Circumstances("hash seed 4294967295", variables={"PYTHONHASHSEED": "4294967295"}),
    Circumstances("time zone of Almaty", variables={"TZ": "Asia/Almaty"}),
    Circumstances("time zone of Kathmandu", variables={"TZ": "Asia/Kathmandu"}),
    Circumstances("locale C", variables={"LC_ALL": "C", "LANG": "C"}),
    Circumstances("Russian locale", variables={"LC_ALL": "ru_RU.UTF-8", "LANG": "ru_RU.UTF-8"}),
    Circumstances("another directory", where=Path("/")),
    Circumstances("no asserts", flags=("-O",)),
    Circumstances("no asserts or docstrings", flags=("-OO",)),
    Circumstances("development mode", flags=("-X", "dev")),
    Circumstances("narrow and plain", variables={"COLUMNS": "20", "NO_COLOR": "1", "TERM": "dumb"}),
)


def digest(scenario: str, python: str = sys.executable, how: Circumstances | None = None) -> str:
    """The SHA-256 of a scenario's canonical trace as a process of its own prints it."""
    how = how or Circumstances("as usual")
    variables = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **how.variables}
    if python == sys.executable:
        variables["PYTHONPATH"] = str(ROOT)
    else:
        variables.pop("PYTHONPATH", None)
    done = subprocess.run(
        [python, *how.flags, "-m", "simulator", "trace", scenario, "--as", "jsonl"],
        cwd=how.where,
        env=variables,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return hashlib.sha256(done.stdout).hexdigest()


def committed(scenario: str) -> str:
    """The hash that is committed for a scenario."""
    hashes = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert scenario in hashes, (
        f"no hash is committed for {scenario}: run with --update-golden and look at the difference"
    )
    return str(hashes[scenario])


def test_the_hashes_of_all_shipped_scenarios_are_the_committed_ones(update_golden: bool) -> None:
    found = {scenario: digest(scenario) for scenario in SCENARIOS}
    if update_golden:
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    assert found
    assert found == json.loads(GOLDEN.read_text(encoding="utf-8"))


@pytest.mark.parametrize("how", CIRCUMSTANCES, ids=lambda how: how.name)
def test_the_hash_does_not_depend_on(how: Circumstances, long: bool) -> None:
    for scenario in SCENARIOS if long else ("first-letter",):
        assert digest(scenario, how=how) == committed(scenario), scenario


def interpreter(version: str) -> str:
    """The path of a Python of that version that really starts, or a skip that names what is missing."""
    places = [
        shutil.which(f"python{version}"),
        *sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}")),
    ]
    for place in filter(None, places):
        done = subprocess.run(
            [str(place), "-c", "import venv, sys; print(sys.version)"], capture_output=True, check=False
        )
        if done.returncode == 0 and done.stdout.decode().startswith(version + "."):
            return str(place)
    pytest.skip(f"python{version} is not installed here")


@pytest.mark.long
@pytest.mark.parametrize("version", PYTHONS)
def test_every_python_that_is_found_gives_the_same_hashes(version: str, tmp_path: Path) -> None:
    subprocess.run([interpreter(version), "-m", "venv", str(tmp_path / "venv")], check=True, timeout=120)
    python = str(tmp_path / "venv" / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "-q", str(ROOT)], check=True, timeout=600, capture_output=True)
    for scenario in SCENARIOS:
        plain = Circumstances("another Python", where=tmp_path)
        assert digest(scenario, python=python, how=plain) == committed(scenario), scenario


def test_committed_hashes_are_sha256_and_name_only_shipped_scenarios() -> None:
    hashes = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert set(hashes) == set(SCENARIOS)
    assert all(re.fullmatch(r"[0-9a-f]{64}", value) for value in hashes.values())
