"""The command `mailflow`: one small module a command, and the manners that all of them share.

Nothing heavy is imported before the command that needs it is known, so that `mailflow --help` answers at once; for the
same reason this package has its own lazy door to the catalogue (`words`).

    entry.main             the whole command: exit codes, errors in one sentence, Ctrl+C, closed pipes
    commands.COMMANDS      every command with its summary, usage and examples; each has a module of its name
"""

from simulator.cli.entry import main

__all__ = ["main"]
