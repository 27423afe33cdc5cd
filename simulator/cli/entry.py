"""The whole command: read the arguments, do the command, and leave with a code that a script can rely on.

0 fine, 1 findings (an expectation, a promise or a scenario is broken), 2 wrong use, 3 our own fault; 130 after Ctrl+C
and 141 after a closed pipe, as shells number the signals. Whatever goes wrong is one sentence, never a traceback.
"""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module

from simulator.cli.words import _, choose, speak

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["FINDINGS", "FINE", "INTERNAL", "USAGE", "main"]

FINE, FINDINGS, USAGE, INTERNAL = 0, 1, 2, 3
_INTERRUPTED = 130
_CLOSED_PIPE = 141
_GC_EVERY = 100_000


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the arguments (default: those of the process) say, and return the exit code."""
    try:
        if argv is None:
            return _process(sys.argv[1:])
        return _command(list(argv))
    except SystemExit as leaving:  # --help and --version, which argparse ends so
        return leaving.code if isinstance(leaving.code, int) else FINE
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        _close_quietly()
        return _CLOSED_PIPE
    except Exception as error:  # noqa: BLE001 - the last place where an error can become a sentence
        return _report(error)


def _process(arguments: list[str]) -> int:
    """Do a command as a process of its own.

    The garbage collector would look through thousands of imported functions again and again, and once more at the end,
    which was a quarter of the time of a short run.
    """
    gc.set_threshold(_GC_EVERY, 20, 20)
    from simulator.cli.interrupting import Interruptible

    with Interruptible() as work:
        try:
            return _command(arguments)
        except Exception:
            if work.happened:  # an import or a validator may have turned the interruption into an error of its own
                return _INTERRUPTED
            raise
        finally:
            gc.freeze()


def _command(arguments: list[str]) -> int:
    code = _chosen(arguments)
    sys.stdout.flush()
    return code


def _chosen(arguments: list[str]) -> int:
    speak(choose(arguments, os.environ))
    from simulator.cli.parser import parse

    options = parse(arguments)
    from simulator.cli.commands import COMMANDS
    from simulator.cli.output import Output

    out = Output(sys.stdout, no_color=options.no_color or "NO_COLOR" in os.environ, ascii_only=options.ascii)
    module = import_module(COMMANDS[options.command].module if options.command else "simulator.cli.home")
    return int(module.main(options, out))


def _report(error: Exception) -> int:
    from simulator import errors
    from simulator.safe import safe_text

    if os.environ.get("MAILFLOW_DEBUG"):
        from traceback import print_exception

        print_exception(error)
    code, text = INTERNAL, ""
    if isinstance(error, errors.ScenarioError | errors.InvariantError):
        code, text = FINDINGS, str(error)
    elif isinstance(error, errors.MailflowError) and not isinstance(error, errors.ProtocolError):
        code, text = USAGE, f"mailflow: {error}"
    elif isinstance(error, OSError) and error.filename is not None:
        code = USAGE
        text = _("mailflow: cannot use {file}: {reason}").format(file=error.filename, reason=error.strerror)
    else:
        text = _internal(error)
    _say(safe_text(text, newline=True))
    return code


def _internal(error: Exception) -> str:
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return _(
        "mailflow: a fault of ours ({what}). Please report it, with the command; MAILFLOW_DEBUG=1 shows where it was."
    ).format(what=what)


def _say(text: str) -> None:
    """Write to the error stream, after what was printed before; that nobody listens is no further error."""
    try:
        sys.stdout.flush()
    except (BrokenPipeError, ValueError):
        _close_quietly()
    try:
        encoding = sys.stderr.encoding or "utf-8"
        sys.stderr.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    except BrokenPipeError:
        return


def _close_quietly() -> None:
    """Point the output at nothing, so that the interpreter's own flush at the end finds no closed pipe."""
    try:
        descriptor = sys.stdout.fileno()
    except (OSError, ValueError, AttributeError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
