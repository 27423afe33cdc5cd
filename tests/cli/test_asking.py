"""`trace`, `ask`, `why` and `play`: what people and programs read of a run, and that it cannot hurt their terminals."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import SMALL, Command

UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")
SECRETS = ("correct-horse", "battery-staple", "AGFubmFAYWxwaGEuZXhhbXBsZQBjb3JyZWN0LWhvcnNl")


@pytest.fixture
def hostile(tmp_path: Path) -> str:
    subject = r'"\e]52;c;aGk=\a \e[2J [/red] \u202e x"'
    (tmp_path / "hostile.yaml").write_text(SMALL.replace("subject: Hello", f"subject: {subject}"), "utf-8")
    return str(tmp_path / "hostile.yaml")


@pytest.fixture
def kept(mailflow: Command, tmp_path: Path) -> str:
    path = str(tmp_path / "kept.jsonl")
    assert mailflow("run", "ten-lines", "--trace", path).code == 0
    return path


# trace


def test_text_has_a_line_an_event(mailflow: Command) -> None:
    done = mailflow("trace", "first-letter", "--where", "smtp.reply code=354")
    assert done.code == 0
    lines = done.out.splitlines()
    assert len(lines) == 2
    assert re.fullmatch(r"e\d+ +0:00:00\.\d{3}  smtp\.reply +mail-alpha > pc-anna +354 End data.*", lines[0])


def test_lines_of_json_keep_what_was_asked_for_in_canonical_form(mailflow: Command) -> None:
    lines = mailflow("trace", "first-letter", "--as", "jsonl", "--where", "smtp.reply code=354").out.splitlines()
    assert json.loads(lines[0])["mailflow-trace"] == 1
    assert [json.loads(line)["code"] for line in lines[1:]] == [354, 354]
    for line in lines:
        assert line == json.dumps(json.loads(line), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def test_lines_of_json_hash_to_the_canonical_hash(mailflow: Command) -> None:
    from hashlib import sha256

    from simulator.scenario.loading import load
    from simulator.scenario.world import run

    out = mailflow("trace", "ten-lines", "--as", "jsonl").out
    assert sha256(out.encode()).hexdigest() == run(load("ten-lines")).hash()


def test_a_terminal_gets_the_same_objects_in_ascii(
    mailflow: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import sys

    plain = mailflow("trace", "first-letter", "--as", "jsonl").out
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda self: True)
    shown = mailflow("trace", "first-letter", "--as", "jsonl").out
    assert shown.isascii() and not UNSAFE.search(shown)
    assert list(map(json.loads, shown.splitlines())) == list(map(json.loads, plain.splitlines()))


def test_a_transcript_is_a_dialogue_without_passwords(mailflow: Command) -> None:
    out = mailflow("trace", "first-letter", "--as", "transcript").out
    assert re.search(r"(?m)^  S: 220 mail\.alpha\.example", out)
    assert re.search(r"(?m)^  C: AUTH PLAIN \*\*\*$", out)
    one = mailflow("trace", "first-letter", "--as", "transcript", "--where", "tcp.connect port=24").out
    assert "C: LHLO" in one and "EHLO" not in one
    none = mailflow("trace", "first-letter", "--as", "transcript", "--where", "note")
    assert none.out == "No connection belongs to what was asked for.\n"


def test_a_trace_that_was_kept_reads_as_the_run_itself(mailflow: Command, kept: str) -> None:
    for form in ("text", "jsonl", "transcript"):
        assert mailflow("trace", kept, "--as", form).out == mailflow("trace", "ten-lines", "--as", form).out
    assert mailflow("ask", kept, "deliver | first mailbox").out == "boris@beta.example\n"
    assert mailflow("why", f"{kept}#deliver/1").out == mailflow("why", "ten-lines#deliver/1").out


def test_a_trace_with_gaps_gives_no_story(mailflow: Command, tmp_path: Path) -> None:
    path = tmp_path / "part.jsonl"
    path.write_text(mailflow("trace", "ten-lines", "--as", "jsonl", "--where", "smtp.*").out, encoding="utf-8")
    assert mailflow("trace", str(path)).code == 0
    done = mailflow("why", f"{path}#smtp.reply/1")
    assert done.code == 2
    assert "not whole" in done.err


@pytest.mark.parametrize("text", ["", "{}\n", "nonsense\n", '{"mailflow-trace":1}\n{"kind":"no.such"}\n', "\udcff"])
def test_a_damaged_trace_is_wrong_use_and_names_the_file(mailflow: Command, tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    done = mailflow("trace", str(path))
    assert done.code == 2
    assert "bad.jsonl" in done.err


# ask


def test_an_answer_is_the_value_alone(mailflow: Command) -> None:
    assert mailflow("ask", "first-letter", "deliver | count").out == "1\n"
    assert mailflow("ask", "first-letter", "deliver | exists").out == "yes\n"
    assert mailflow("ask", "first-letter", "note | first text").out == "nothing\n"
    listed = mailflow("ask", "first-letter", "smtp.command from=mail-alpha | unique verb").out
    assert listed.splitlines()[0] == "EHLO" and "MAIL" in listed.splitlines()


def test_without_an_aggregate_the_events_are_shown(mailflow: Command) -> None:
    done = mailflow("ask", "first-letter", "tcp.connect port=24")
    assert done.out.startswith("events found: 1\ne")
    many = mailflow("ask", "first-letter", "tcp.*").out
    assert len(many.splitlines()) == 52 and "mailflow trace --where" in many


def test_an_answer_for_programs(mailflow: Command) -> None:
    found = json.loads(mailflow("ask", "first-letter", "smtp.reply code=354 | list code", "--json").out)
    assert found["value"] == [354, 354]
    assert found["count"] == len(found["records"]) == 2
    assert json.loads(mailflow("ask", "first-letter", "tcp.data | first octets", "--json").out)["value"].startswith(
        "220"
    )


def test_many_seeds_give_many_answers(mailflow: Command) -> None:
    query = "tcp.connect port=25 | first t"
    found = json.loads(mailflow("ask", "first-letter", query, "--seeds", "4", "--json").out)
    assert [one["seed"] for one in found["seeds"]] == [1, 2, 3, 4]
    assert found["different"] == len({one["value"] for one in found["seeds"]}) > 1
    text = mailflow("ask", "first-letter", query, "--seeds", "4", "--seed", "3").out
    assert [line.split()[0] for line in text.splitlines()[2:6]] == ["3", "4", "5", "6"]
    assert "different values:" in text


# why


def test_a_story_ends_in_the_scenario_and_all_is_more(mailflow: Command) -> None:
    story = mailflow("why", "first-letter#stage/8")
    assert story.code == 0
    assert len(story.out.splitlines()) <= 25
    assert re.search(
        r"action: .*\[first-letter\.yaml:\d+\]$|action: .*\[scenarios/first-letter\.yaml:\d+\]$", story.out, re.M
    )
    whole = mailflow("why", "first-letter#stage/8", "--all")
    assert len(whole.out.splitlines()) > 2 * len(story.out.splitlines())
    lines = json.loads(mailflow("why", "first-letter#stage/8", "--json").out)
    assert [line["n"] for line in lines] == [int(line[1:].split()[0]) for line in story.out.splitlines()]
    assert set(lines[0]) == {"n", "t", "kind", "text", "depth", "origin"}


def test_a_story_can_be_told_in_russian(mailflow: Command) -> None:
    assert "доставлено" in mailflow("why", "first-letter#deliver/1", "--lang", "ru").out


# safety


@pytest.mark.parametrize(
    "arguments",
    [
        ("run",),
        ("run", "--check", "--json"),
        ("trace",),
        ("trace", "--as", "transcript"),
        ("ask", "message.header name=Subject | list value"),
        ("ask", "message.header name=Subject"),
        ("ask", "message.header name=Subject | list value", "--json"),
        ("play", "--plain"),
    ],
    ids=" ".join,
)
def test_a_hostile_subject_reaches_no_terminal(
    mailflow: Command, hostile: str, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n" * 60))
    command, *rest = arguments
    done = mailflow(command, hostile, *rest)
    assert done.code == 0, done.err
    assert not UNSAFE.search(done.text)
    if arguments == ("trace",):
        assert r"\x1b[2J [/red] \u202e x" in done.out, "shown, but spelt out"


def test_a_hostile_subject_reaches_no_terminal_by_why(mailflow: Command, hostile: str) -> None:
    for rest in ((), ("--all",), ("--json",)):
        done = mailflow("why", f"{hostile}#deliver/1", *rest)
        assert done.code == 0
        assert not UNSAFE.search(done.text)


@pytest.mark.parametrize(
    "arguments",
    [
        ("trace", "first-letter"),
        ("trace", "first-letter", "--as", "transcript"),
        ("ask", "first-letter", "*.command verb=*"),
        ("ask", "first-letter", "smtp.command | list argument"),
        ("ask", "first-letter", "imap.command | list argument", "--json"),
        ("ask", "first-letter", "imap.command verb=LOGIN | first argument"),
        ("ask", "pop3-and-imap", "pop3.command | unique argument"),
        ("ask", "first-letter", "tcp.data | list octets", "--json"),
        ("why", "first-letter#auth.login/1", "--all"),
        ("run", "first-letter", "--json"),
    ],
    ids=" ".join,
)
def test_no_view_shows_a_password(mailflow: Command, arguments: tuple[str, ...]) -> None:
    done = mailflow(*arguments)
    assert done.code == 0
    assert done.out
    assert not any(secret in done.out for secret in SECRETS)


# play and the list


def test_play_without_a_terminal_is_plain_mode_and_ends_with_its_input(
    mailflow: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\nk\n"))
    done = mailflow("play", "first-letter#smtp.reply/2")
    assert done.code == 0
    assert "first-letter#" in done.out and "250" in done.out


def test_play_opens_the_screen_in_a_terminal(mailflow: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    import simulator.tui.opening as opening

    asked: dict[str, object] = {}
    monkeypatch.setattr(opening, "open_world", lambda run, **how: asked.update(how) or 0)
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda self: True)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    assert mailflow("play", "ten-lines?seed=4#deliver/1", "--lang", "ru", "--ascii", "--no-color").code == 0
    cursor = asked.pop("cursor")
    assert isinstance(cursor, int) and cursor > 1
    assert asked == {"lang": "ru", "ascii_only": True, "no_color": True, "name": "ten-lines?seed=4"}


@pytest.mark.parametrize("language", ["en", "ru"])
def test_mailflow_alone_lists_the_scenarios_too(
    mailflow: Command, language: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MAILFLOW_HOME", str(tmp_path))
    monkeypatch.setattr("sys.stdin", io.StringIO())
    done = mailflow("--lang", language)
    assert done.code == 0
    names = ("first-letter", "ten-lines", "two-mx", "pop3-and-imap", "cyrillic-and-attachment", "lecture")
    assert all(name in done.out for name in names)
    assert done.out.index("first-letter") < done.out.index("cyrillic-and-attachment")
    assert ("Путь одного письма" in done.out) == (language == "ru")


def test_a_path_with_a_hash_in_it_is_a_path(mailflow: Command, tmp_path: Path) -> None:
    (tmp_path / "a#b").mkdir()
    (tmp_path / "a#b" / "small.yaml").write_text(SMALL, encoding="utf-8")
    assert mailflow("ask", str(tmp_path / "a#b" / "small.yaml"), "deliver | count").out == "1\n"


def test_a_link_may_name_a_file(mailflow: Command, small: Callable[[str], str]) -> None:
    assert mailflow("why", f"{small('')}?seed=3#deliver/1").code == 0
