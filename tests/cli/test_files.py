"""`validate`, `schema` and `explain`: the commands for those who write scenarios."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.engine.kinds import kinds
from simulator.scenario.rules import RULES
from tests.cli.conftest import SMALL, Command


def test_validate_says_where_each_came_from(mailflow: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other.yaml").write_text(SMALL.replace("id: small", "id: other"), encoding="utf-8")
    monkeypatch.setenv("MAILFLOW_PATH", str(tmp_path))
    done = mailflow("validate", "first-letter", "other")
    assert done.code == 0
    assert done.out.splitlines() == [
        "scenarios/first-letter.yaml: no mistakes (found here)",
        f"{tmp_path}/other.yaml: no mistakes (found by MAILFLOW_PATH)",
    ]
    monkeypatch.chdir(tmp_path)
    assert "(shipped with the program)" in mailflow("validate", "lecture").out


def test_validate_shows_all_mistakes_of_all_files(mailflow: Command, tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(SMALL.replace("do: fetch", "do: fetsh").replace("0s", "soon"), "utf-8")
    (tmp_path / "two.yaml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "three.yaml").write_text("id: [\n", encoding="utf-8")
    done = mailflow("validate", *(str(tmp_path / f"{name}.yaml") for name in ("one", "two", "three")))
    assert done.code == 1
    assert len(re.findall(r"(?m)^\S*one\.yaml:\d+:\d+  MF\d{3}  ", done.out)) == 2
    assert re.search(r"(?m)^\S*three\.yaml:\d+:\d+  MF\d{3}  ", done.out)
    assert "two.yaml: no mistakes" in done.out
    assert "one.yaml: mistakes: 2" in done.out
    assert "did you mean fetch?" in done.out


def test_validate_takes_a_folder(mailflow: Command, root: Path) -> None:
    done = mailflow("validate", "scenarios")
    assert done.code == 0
    assert done.out.count("no mistakes") == len(list((root / "scenarios").glob("*.yaml")))


def test_the_whole_world_is_a_scenario_again(mailflow: Command, tmp_path: Path) -> None:
    full = mailflow("validate", "ten-lines", "--full")
    assert full.code == 0
    assert full.out.startswith("# scenarios/ten-lines.yaml (found here)\nmailflow: 1\n")
    (tmp_path / "full.yaml").write_text(full.out, encoding="utf-8")
    assert mailflow("validate", str(tmp_path / "full.yaml")).code == 0


def test_a_hostile_file_cannot_hurt_the_terminal(mailflow: Command, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(SMALL.replace("title: A", "title: \u202e\x9b2J A") + "hos\u202ets: 1\n", "utf-8")
    done = mailflow("validate", str(tmp_path / "bad.yaml"))
    assert done.code == 1
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", done.text)


def test_the_schema_is_the_committed_one(mailflow: Command) -> None:
    from simulator.scenario.schema import schema

    done = mailflow("schema", "scenario")
    assert done.code == 0
    assert json.loads(done.out) == schema()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_explain_knows_every_kind_with_all_its_fields(mailflow: Command, language: str) -> None:
    mailflow("explain")
    for kind in kinds():
        done = mailflow("explain", kind.name, "--lang", language)
        assert done.code == 0
        assert all(re.search(rf"(?m)^{field.name} +{field.type.__name__} ", done.out) for field in kind.fields)
        assert re.search(r"(?m)^cause +int ", done.out)


@pytest.mark.parametrize("code", RULES)
def test_explain_knows_every_rule_with_both_examples(mailflow: Command, code: str) -> None:
    done = mailflow("explain", code.lower())
    assert done.code == 0
    assert done.out.startswith(f"{code}: ")
    assert re.search(r"(?m)^Bad:$", done.out) and re.search(r"(?m)^Good:$", done.out)


def test_explain_alone_lists_both_and_a_pattern_explains_several(mailflow: Command) -> None:
    done = mailflow("explain")
    assert all(re.search(rf"(?m)^{re.escape(kind.name)} ", done.out) for kind in kinds())
    assert all(code in done.out for code in RULES)
    several = mailflow("explain", "queue.*").out
    assert "queue.enter: " in several and "queue.defer: " in several
    assert "smtp.reply" not in several


def test_files_of_a_small_world_work_everywhere(mailflow: Command, small: Callable[[str], str]) -> None:
    path = small("")
    for arguments in (("run", path, "--check"), ("trace", path), ("validate", path), ("ask", path, "deliver")):
        assert mailflow(*arguments).code == 0
