"""Dialogues of the IMAP server, files that a lesson can quote; `--update-golden` writes the server's lines anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from .dialogue import play

FILES = sorted(Path(__file__).with_name("dialogues").glob("*.txt"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_server_answers_as_the_dialogue_says(file: Path, update_golden: bool) -> None:
    written = file.read_text(encoding="utf-8")
    played = play(written)
    if update_golden:
        file.write_text(played, encoding="utf-8")
    assert play(played) == played
    assert update_golden or played == written


def test_there_are_dialogues() -> None:
    assert FILES
