"""Open the stepping screen of a scenario: `python -m tests.tui.opened SCENARIO [LANGUAGE] [--no-color] [--ascii]`."""

from __future__ import annotations

import sys

from simulator.scenario.loading import load
from simulator.scenario.world import run
from simulator.tui.opening import open_world

if __name__ == "__main__":
    names = [word for word in sys.argv[1:] if not word.startswith("--")]
    language = names[1] if len(names) > 1 else "en"
    sys.exit(
        open_world(
            run(load(names[0])), lang=language, no_color="--no-color" in sys.argv, ascii_only="--ascii" in sys.argv
        )
    )
