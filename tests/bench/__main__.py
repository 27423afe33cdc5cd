"""`python -m tests.bench [NAME...] [--long]`: run all benches, or the named ones, and print their table."""

from __future__ import annotations

import argparse
import sys

from tests.bench.measure import rows_table
from tests.bench.registry import BENCHES, LONG, run_bench


def main() -> int:
    """Run what was asked for; always 0, because a slow machine is no error."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=main.__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join((*BENCHES, *LONG))}")
    parser.add_argument("--long", action="store_true", help="the long ones too: a million letters, two replications")
    options = parser.parse_args()
    known = (*BENCHES, *LONG)
    unknown = [name for name in options.names if name not in known]
    if unknown:
        parser.error(f"there is no bench {unknown[0]}; choose from {', '.join(known)}")
    rows = []
    for name in options.names or (known if options.long else BENCHES):
        print(f"... {name}", file=sys.stderr, flush=True)
        rows += run_bench(name)
    print(rows_table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
