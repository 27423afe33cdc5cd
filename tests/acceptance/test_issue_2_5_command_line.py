"""Issue 2, section 5: the command line.

Judged elsewhere: the time that `mailflow --help` and `run --check` take (tests/bench).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.outside import ROOT, SHIPPED, asked_once, environment, mailflow, need, records, trace

COMMANDS = ("play", "run", "trace", "ask", "dig", "why", "validate", "schema", "explain")
STAGES = ("compose", "submission", "routing", "transfer", "filtering", "delivery", "retrieval", "reading")


def test_help_names_every_command_and_gives_examples() -> None:
    run = asked_once("--help")
    assert run.code == 0
    assert all(re.search(rf"\b{command}\b", run.out) for command in COMMANDS)
    assert "first-letter" in run.out


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_has_an_example(command: str) -> None:
    run = asked_once(command, "--help")
    assert run.code == 0
    assert f"mailflow {command}" in run.out.split("\n\n", 1)[1]


@pytest.mark.parametrize("option", ["--seed", "--lang", "--no-color", "--ascii"])
@pytest.mark.parametrize("command", COMMANDS)
def test_the_common_option_is_understood_everywhere(command: str, option: str) -> None:
    assert option in asked_once(command, "--help").out


def test_mailflow_alone_lists_the_scenarios() -> None:
    run = asked_once()
    assert run.code == 0
    assert all(scenario in run.out for scenario in SHIPPED)


def test_the_installed_command_and_the_module_are_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from simulator.cli import main; sys.exit(main())", "--help"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment(),
        check=False,
    )
    assert done.returncode == 0
    assert "first-letter" in done.stdout


# run


def test_run_prints_one_line_a_stage_and_then_the_expectations() -> None:
    run = asked_once("run", "first-letter", "--check")
    assert run.code == 0, run.text
    lines = [line for line in run.out.splitlines() if any(re.search(rf"\b{stage}\b", line) for stage in STAGES)]
    assert len(lines) == len(STAGES)
    for line, stage in zip(lines, STAGES, strict=True):
        assert re.search(rf"\b{stage}\b", line)
        assert re.search(r"\d", line), "start and duration"
    assert re.search(r"submission.*SMTP|submission.*587|submission.*ESMTP", "\n".join(lines), re.IGNORECASE)
    assert "expect: 4 of 4 hold" in run.out


def test_run_exits_with_1_when_an_expectation_does_not_hold(tmp_path: Path) -> None:
    text = (ROOT / "scenarios" / "first-letter.yaml").read_text(encoding="utf-8")
    (tmp_path / "wrong.yaml").write_text(
        text.replace("equals: anna@alpha.example", "equals: eve@alpha.example"), "utf-8"
    )
    run = mailflow("run", str(tmp_path / "wrong.yaml"))
    assert run.code == 1
    assert "expect: 3 of 4 hold" in run.out
    assert "envelope" in run.out


def test_run_as_json_has_the_stages_and_the_expectations() -> None:
    run = asked_once("run", "first-letter", "--json")
    assert run.code == 0
    text = json.dumps(json.loads(run.out))
    assert all(stage in text for stage in STAGES)
    assert all(name in text for name in ("delivered", "envelope", "server-asks-mx", "client-never-asks-mx"))


def test_run_writes_the_trace_where_it_is_told(tmp_path: Path) -> None:
    assert mailflow("run", "first-letter", "--trace", str(tmp_path / "t.jsonl")).code == 0
    assert len((tmp_path / "t.jsonl").read_text(encoding="utf-8").splitlines()) == len(trace("first-letter")) + 1


# trace and ask


def test_trace_as_text_shows_a_line_for_each_record_found() -> None:
    run = asked_once("trace", "first-letter", "--where", "smtp.command from=mail-alpha", "--as", "text")
    assert run.code == 0
    assert len(run.out.splitlines()) >= len(records("first-letter", "smtp.command", from_="mail-alpha"))
    assert "MAIL" in run.out


def test_trace_as_json_lines_keeps_what_was_asked_for() -> None:
    run = asked_once("trace", "first-letter", "--where", "smtp.reply code=250", "--as", "jsonl")
    found = [json.loads(line) for line in run.out.splitlines()[1:]]
    assert found == records("first-letter", "smtp.reply", code=250)


def test_trace_as_transcript_is_a_dialogue() -> None:
    run = asked_once("trace", "first-letter", "--as", "transcript")
    assert run.code == 0
    assert re.search(r"(?m)^\s*S: 220 mail\.alpha\.example", run.out)
    assert re.search(r"(?m)^\s*C: EHLO ", run.out)
    assert "correct-horse" not in run.out, "secrets are masked in views"
    assert "battery-staple" not in run.out


def test_ask_answers_in_words_and_in_json() -> None:
    query = "smtp.command verb=MAIL from=mail-alpha | first address"
    assert "anna@alpha.example" in asked_once("ask", "first-letter", query).out
    assert "anna@alpha.example" in json.dumps(json.loads(asked_once("ask", "first-letter", query, "--json").out))


def test_ask_can_go_over_many_seeds() -> None:
    run = asked_once("ask", "first-letter", "deliver | count", "--seeds", "3", "--json")
    assert run.code == 0, run.err
    assert json.dumps(json.loads(run.out)).count("1") >= 3


@pytest.mark.parametrize(
    ("query", "near"),
    [
        ("smtp.replay code=250", "smtp.reply"),
        ("smtp.reply cod=250", "code"),
        ("deliver | cuont", "count"),
        ("smtp.reply code=250 | first", "field"),
        ('smtp.reply text="open', "quot"),
    ],
)
def test_a_wrong_query_is_a_usage_error_that_says_what_to_do(query: str, near: str) -> None:
    run = asked_once("ask", "first-letter", query)
    assert run.code == 2
    assert near in run.err
    assert "Traceback" not in run.err


# dig


def test_dig_prints_what_dig_prints() -> None:
    out = asked_once("dig", "--in", "first-letter", "beta.example", "MX").out
    for part in (
        r"; <<>> .*beta\.example MX",
        r";; Got answer:",
        r";; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: \d+",
        r";; flags: qr rd ra; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: \d",
        r";; OPT PSEUDOSECTION:",
        r";; QUESTION SECTION:\n;beta\.example\.\s+IN\s+MX",
        r";; ANSWER SECTION:",
        r";; Query time: \d+ msec",
        r";; SERVER: 198\.51\.100\.53#53\(198\.51\.100\.53\)",
        r";; WHEN: ",
        r";; MSG SIZE  rcvd: \d+",
    ):
        assert re.search(part, out), part


def test_dig_short_prints_the_data_only() -> None:
    assert asked_once("dig", "--in", "first-letter", "+short", "beta.example", "MX").out == "10 mx.beta.example.\n"


def test_dig_reverses_an_address() -> None:
    assert asked_once("dig", "--in", "first-letter", "-x", "192.0.2.25", "+short").out == "mail.alpha.example.\n"


def test_dig_traces_from_the_root() -> None:
    out = asked_once("dig", "--in", "first-letter", "+trace", "beta.example", "MX").out
    assert re.search(r"(?m)^\.\s+\d+\s+IN\s+NS\s", out)
    assert re.search(r"(?m)^example\.\s+\d+\s+IN\s+NS\s", out)
    assert re.search(r"(?m)^beta\.example\.\s+\d+\s+IN\s+MX\s", out)
    assert len(re.findall(r";; Received \d+ bytes from ", out)) >= 3


def test_dig_speaks_tcp_when_told() -> None:
    run = asked_once("dig", "--in", "first-letter", "+tcp", "beta.example", "MX")
    assert run.code == 0
    assert re.search(r";; SERVER: .*\(TCP\)", run.out)


def test_dig_asks_the_server_it_is_told() -> None:
    out = asked_once("dig", "--in", "first-letter", "@ns", "beta.example", "MX").out
    assert re.search(r";; flags: qr aa", out)
    assert "192.0.2.53" in out
    assert re.search(
        r";; flags: qr aa", asked_once("dig", "--in", "first-letter", "@192.0.2.53", "beta.example", "MX").out
    )


def test_dig_takes_its_arguments_in_any_order() -> None:
    one = asked_once("dig", "--in", "lecture", "mx", "gmail.com", "+short")
    assert one.code == 0
    assert one.out == asked_once("dig", "--in", "lecture", "+short", "gmail.com", "MX").out
    assert len(one.out.splitlines()) == 5


# why, validate, schema, explain


def test_why_tells_a_story_and_with_all_the_whole_chain() -> None:
    story = asked_once("why", "first-letter#deliver/1")
    chain = asked_once("why", "first-letter#deliver/1", "--all")
    assert story.code == chain.code == 0
    assert len(chain.out.splitlines()) > len(story.out.splitlines()) > 3
    assert re.search(r"first-letter\.yaml:\d+", story.out)
    assert isinstance(json.loads(asked_once("why", "first-letter#deliver/1", "--json").out), dict | list)


def test_validate_says_where_each_scenario_came_from() -> None:
    run = asked_once("validate", "first-letter", "two-mx")
    assert run.code == 0
    assert "scenarios/first-letter.yaml" in run.out
    assert "scenarios/two-mx.yaml" in run.out


def test_explain_knows_kinds_and_rules() -> None:
    assert "code" in asked_once("explain", "smtp.reply").out
    wrong = asked_once("explain", "smtp.replay")
    assert wrong.code == 2
    assert "smtp.reply" in wrong.err


# exit codes and manners


@pytest.mark.parametrize(
    "arguments",
    [
        ("run",),
        ("run", "no-such-scenario"),
        ("fly",),
        ("run", "first-letter", "--seed", "x"),
        ("trace", "first-letter", "--as", "x"),
    ],
)
def test_wrong_use_exits_with_2_and_a_sentence(arguments: tuple[str, ...]) -> None:
    run = asked_once(*arguments)
    assert run.code == 2
    assert run.err.strip()
    assert "Traceback" not in run.err


def test_our_own_fault_exits_with_3(tmp_path: Path) -> None:
    program = (
        "import sys, simulator.cli\n"
        "import simulator.engine.trace as trace\n"
        "def broken(*_, **__): raise ZeroDivisionError('made for a test')\n"
        "trace.Trace.write = broken\n"
        "sys.exit(simulator.cli.main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "run", "first-letter"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment(),
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert done.stderr.strip()


def test_no_color_and_ascii_are_obeyed() -> None:
    run = mailflow("run", "first-letter", "--no-color", "--ascii", variables={"TERM": "xterm-256color"})
    assert run.code == 0
    assert "\x1b" not in run.out
    assert run.out.isascii()


def test_without_a_terminal_the_screen_becomes_plain_mode_and_ends_at_the_end_of_input() -> None:
    run = mailflow("play", "first-letter", given="")
    assert run.code == 0
    assert "\x1b" not in run.out
    assert run.out.strip()


def test_plain_mode_steps_and_says_why() -> None:
    run = mailflow("play", "first-letter", "--plain", given="n\nn\nn\nb\nk\nq\n")
    assert run.code == 0, run.err
    assert len(run.out.splitlines()) > 5
    assert re.search(r"first-letter\.yaml:\d+", run.out)


def test_play_opens_at_the_record_of_a_link() -> None:
    run = mailflow("play", "first-letter?seed=7#smtp.reply/2", "--plain", given="")
    assert run.code == 0, run.err
    assert re.search(r"\b250\b", run.out)


def test_a_closed_pipe_is_no_error() -> None:
    need("sh", "head")
    line = f"{sys.executable} -m simulator trace first-letter --as jsonl | head -n 1"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, cwd=ROOT, env=environment(), check=False)
    assert done.stdout.startswith("{")
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr
