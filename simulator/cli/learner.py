"""Who learns here: the progress under MAILFLOW_HOME, where lessons are found, and the editor that EDITOR names."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.cli.words import _
from simulator.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from simulator.cli.output import Output
    from simulator.learning.progress import Progress
    from simulator.tui.desk import Learner

__all__ = ["editor", "learner_of", "plain_wanted", "progress_here"]


def progress_here() -> Progress:
    """The learner's progress; opening never fails, and what is wrong is in its messages."""
    from simulator.learning.progress import Progress, home

    return Progress(home(os.environ))


def learner_of(options: argparse.Namespace) -> Learner:
    """The learner of this process."""
    from simulator.tui.desk import Learner

    return Learner(
        progress_here(),
        mailflow_path=os.environ.get("MAILFLOW_PATH", ""),
        seed=options.seed,
        edit=editor(),
    )


def plain_wanted(options: argparse.Namespace, out: Output) -> bool:
    """Whether to go line by line: asked for, or no terminal that a screen could be drawn on."""
    dumb = os.environ.get("TERM", "dumb") in ("", "dumb")
    return bool(getattr(options, "plain", False) or dumb or not out.terminal or not sys.stdin.isatty())


def editor() -> Callable[[str, str], str] | None:
    """What edits a text in the program that VISUAL or EDITOR names, or None where neither is set."""
    command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "")
    if not command:
        return None

    def edit(text: str, name: str) -> str:
        with tempfile.TemporaryDirectory(prefix="mailflow-") as folder:
            path = Path(folder) / name.replace("/", "-")
            path.write_text(text, encoding="utf-8")
            _call([*command, str(path)])
            return path.read_text(encoding="utf-8", errors="replace")

    return edit


def _call(command: list[str]) -> None:
    try:
        done = subprocess.run(command, check=False)
    except OSError as error:
        message = _("the editor {command} cannot be started: {reason}")
        raise UsageError(message.format(command=command[0], reason=error.strerror)) from None
    if done.returncode:
        raise UsageError(_("the editor {command} ended with an error; nothing was changed").format(command=command[0]))
