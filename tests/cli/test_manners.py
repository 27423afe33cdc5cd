"""What every command has in common: help, languages, exit codes, suggestions, and how it ends early."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simulator.cli.commands import COMMANDS
from tests.cli.conftest import Command

HEAVY = ("textual", "networkx", "dns", "cryptography", "pydantic", "rich", "yaml", "simpy", "simulator.text")


def process(*arguments: str, root: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "simulator", *arguments],
        capture_output=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)} | variables,
        timeout=60,
        check=False,
    )


# help


def test_help_names_every_command_and_shows_examples(mailflow: Command) -> None:
    done = mailflow("--help")
    assert done.code == 0
    assert all(re.search(rf"(?m)^ +{name} +\S", done.out) for name in COMMANDS)
    assert "mailflow run first-letter --check" in done.out


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_each_commands_help_has_examples_and_the_common_options(mailflow: Command, name: str, language: str) -> None:
    done = mailflow(name, "--help", "--lang", language)
    assert done.code == 0
    for line, _meaning in COMMANDS[name].examples:
        assert f"mailflow {name} {line}" in done.out
    assert all(option in done.out for option in ("--seed N", "--lang", "--no-color", "--ascii", "--help"))
    assert bool(re.search("[а-яё]{4}", done.out)) == (language == "ru")


def test_russian_help_has_no_english_sentence_left(mailflow: Command) -> None:
    for name in COMMANDS:
        out = mailflow("--lang", "ru", name, "--help").out
        words = re.sub(
            r"mailflow.*?(?=  |$)|\S*[-+@#.|/]\S*|[A-Z]+\S*|^  (?:text|jsonl).*", "", out, flags=re.MULTILINE
        )
        assert not re.search(r"\b[a-z]+ [a-z]+ [a-z]+\b", words), name


def test_help_loads_nothing_heavy(root: Path) -> None:
    program = (
        "import sys\nfrom simulator.cli import main\ncode = main(['--help'])\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\nsys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=root, env=os.environ, check=False
    )
    assert done.returncode == 0
    assert done.stderr == "[]\n"


def test_the_version_is_shown(mailflow: Command) -> None:
    from simulator import __version__

    assert mailflow("--version").out == f"mailflow {__version__}\n"


# the common options


def test_common_options_stand_before_and_after_the_command(mailflow: Command) -> None:
    before = mailflow("--seed", "7", "--ascii", "trace", "ten-lines", "--where", "action")
    after = mailflow("trace", "ten-lines", "--where", "action", "--seed", "7", "--ascii")
    assert before.code == after.code == 0
    assert before.out == after.out != ""


def test_the_later_of_two_seeds_counts_and_both_go_before_the_links(mailflow: Command) -> None:
    header = [
        mailflow(*arguments, "--as", "jsonl", "--where", "note").out
        for arguments in (("--seed", "3", "trace", "first-letter?seed=9"), ("trace", "first-letter?seed=9"))
    ]
    assert '"seed":3' in header[0]
    assert '"seed":9' in header[1]


def test_the_language_comes_from_the_option_then_from_the_environment(
    mailflow: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "ru_RU.UTF-8")
    assert "Путь одного письма" in mailflow("run", "first-letter").out
    assert "The path of one letter" in mailflow("run", "first-letter", "--lang", "en").out
    monkeypatch.setenv("MAILFLOW_LANG", "en")
    assert "The path of one letter" in mailflow("run", "first-letter").out
    assert "Путь" in mailflow("--lang=ru", "run", "first-letter").out


def test_an_unknown_language_is_wrong_use(mailflow: Command) -> None:
    done = mailflow("run", "first-letter", "--lang", "xx")
    assert done.code == 2
    assert "en (English)" in done.err


def test_ascii_draws_tables_in_ascii(mailflow: Command) -> None:
    assert "──" in mailflow("run", "first-letter").out
    assert mailflow("run", "first-letter", "--ascii").out.isascii()


# wrong use


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("rum", "first-letter"), "did you mean run?"),
        (("xyzzy",), "choose one of lesson"),
        (("run",), "SCENARIO is missing"),
        (("run", "first-leter"), "did you mean first-letter?"),
        (("run", "first-letter", "--seed", "x"), "--seed"),
        (("run", "first-letter", "--seed", "-1"), "--seed"),
        (("run", "first-letter", "--seed"), "after --seed its value is missing"),
        (("run", "first-letter", "--chekc"), "nothing here is called --chekc"),
        (("trace", "first-letter", "--as", "jsonll"), "did you mean jsonl?"),
        (("trace", "first-letter", "--where", "smtp.replay"), "did you mean smtp.reply"),
        (("ask", "first-letter", "smtp.reply cod=250"), "did you mean code"),
        (("explain", "smtp.replay"), "did you mean smtp.reply?"),
        (("explain", "MF999"), "MF"),
        (("why", "first-letter"), "first-letter#KIND/ORDINAL"),
        (("why", "first-letter#smtp.replay/1"), "did you mean smtp.reply?"),
        (("why", "first-letter#deliver/9"), "this run has 1 of them"),
        (("play", "first-letter#deliver/9", "--plain"), "this run has 1 of them"),
        (("validate", "no-such.yaml"), "no-such.yaml"),
        (("schema", "lessn"), "lesson"),
        (("trace", "no-such.jsonl"), "mailflow run SCENARIO --trace no-such.jsonl"),
        (("ask", "first-letter", "deliver", "--seeds", "0"), "--seeds"),
        (("run", "first-letter", "--trace", "/no/such/folder/t.jsonl"), "cannot write"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_use_is_2_and_a_sentence_that_says_what_to_do(
    mailflow: Command, arguments: tuple[str, ...], said: str
) -> None:
    done = mailflow(*arguments)
    assert done.code == 2
    assert said in done.err
    assert done.out == "" or arguments[0] == "run"
    assert "Traceback" not in done.err


def test_what_was_typed_comes_back_harmless(mailflow: Command) -> None:
    done = mailflow("run", "\x1b[2J\u202e")
    assert done.code == 2
    assert "\x1b" not in done.text
    assert "\u202e" not in done.text


# our own faults


def test_a_fault_of_ours_is_3_and_one_line(mailflow: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("made\x1b[2J\nfor a test")

    monkeypatch.setattr("simulator.scenario.world.run", broken)
    done = mailflow("run", "first-letter")
    assert done.code == 3
    assert done.err.count("\n") == 1
    assert "ZeroDivisionError: made" in done.err and "report" in done.err
    assert "\x1b" not in done.err
    monkeypatch.setenv("MAILFLOW_DEBUG", "1")
    assert "Traceback" in mailflow("run", "first-letter").err


def test_a_broken_scenario_is_1_with_all_its_mistakes(mailflow: Command, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("id: bad\ntitle: Bad\npeople: {}\ntimeline: [{at: soon, do: fly}]\n", "utf-8")
    done = mailflow("run", str(tmp_path / "bad.yaml"))
    assert done.code == 1
    assert len(re.findall(r"bad\.yaml:\d+:\d+  MF\d{3}  ", done.err)) >= 2
    assert done.out == ""


# ending early


def test_a_closed_pipe_is_silent(root: Path) -> None:
    for command in ("trace first-letter --as jsonl", "explain", "--help"):
        line = f"{sys.executable} -m simulator {command} | head -n 1"
        done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, cwd=root, env=os.environ, check=False)
        assert done.stderr == "", command
        assert done.stdout.count("\n") == 1


def test_ctrl_c_is_130_without_a_traceback(root: Path) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "simulator", "ask", "first-letter", "deliver | count", "--seeds", "10000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=root,
    )
    time.sleep(2)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert (out, err) == (b"", b"")


def test_an_interruption_inside_a_command_is_130(mailflow: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("simulator.scenario.world.run", interrupted)
    done = mailflow("run", "first-letter")
    assert (done.code, done.err) == (130, "")


def test_the_module_is_the_command(root: Path) -> None:
    done = process("ask", "ten-lines", "deliver", root=root)
    assert done.returncode == 0
    assert done.stdout.startswith("events found: 1\n")


def test_a_terminal_of_another_alphabet_is_no_error(root: Path) -> None:
    done = process("run", "first-letter", "--lang", "ru", root=root, PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert done.stdout.isascii()
