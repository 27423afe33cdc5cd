"""The fences of the architecture, as data; `test_fences.py` judges by them and `simulator/ARCHITECTURE.md` explains them."""

from __future__ import annotations

from dataclasses import dataclass

BASE = frozenset({"errors", "limits", "safe", "text"})
"""What every part may import."""

MAY_IMPORT: dict[str, frozenset[str]] = {
    "errors": frozenset(),
    "limits": frozenset(),
    "safe": frozenset(),
    "text": frozenset(),
    "protocol": frozenset(),
    "message": frozenset(),
    "mailstore": frozenset(),
    "engine": frozenset(),
    "records": frozenset({"engine", "protocol", "message"}),
    "authentication": frozenset({"message"}),
    "filtering": frozenset({"message"}),
    "keys": frozenset({"message"}),
    "nodes": frozenset(
        {"protocol", "message", "mailstore", "engine", "records", "authentication", "filtering", "keys"}
    ),
    "scenario": frozenset({"nodes"}),
    "export": frozenset({"records"}),
    "learning": frozenset({"scenario", "export"}),
    "live": frozenset({"scenario", "nodes"}),
    "tui": frozenset({"scenario", "export", "learning"}),
    "cli": frozenset({"tui", "live", "learning"}),
    "__main__": frozenset({"cli"}),
    "": frozenset(),
}
"""Part of the package -> the parts it may import; it may also import all that those may."""


@dataclass(frozen=True, slots=True)
class Fence:
    """Names that only some parts may use: a dotted name stands for itself and all below it."""

    why: str
    names: tuple[str, ...]
    allowed: frozenset[str] = frozenset()


IMPORT_FENCES = (
    Fence("one engine below, ordinary Python above", ("simpy",), frozenset({"engine", "nodes"})),
    Fence("screens are one package", ("textual",), frozenset({"tui"})),
    Fence("sockets and their loop belong to live mode", ("asyncio", "socket", "selectors"), frozenset({"live"})),
    Fence("one source of chance, made from the seed", ("random",), frozenset({"engine"})),
    Fence("nothing real and random enters the simulated world", ("uuid", "secrets"), frozenset({"live"})),
    Fence(
        "threads and processes would make order a matter of luck", ("threading", "multiprocessing"), frozenset({"live"})
    ),
)

USE_FENCES = (
    Fence(
        "time in the simulated world is the environment's",
        (
            "time.time",
            "time.time_ns",
            "time.monotonic",
            "time.monotonic_ns",
            "time.perf_counter",
            "time.perf_counter_ns",
            "time.localtime",
            "time.sleep",
            "datetime.datetime.now",
            "datetime.datetime.utcnow",
            "datetime.datetime.today",
            "datetime.date.today",
        ),
        frozenset({"live", "tui", "learning.progress"}),
    ),
    Fence(
        "nothing real and random enters the simulated world", ("os.urandom", "random.SystemRandom"), frozenset({"live"})
    ),
    Fence("the simulated world does not know its host", ("os.environ", "os.getenv"), frozenset({"cli", "tui"})),
    Fence("hash order is not ours to show", ("builtins.hash",)),
    Fence(
        "files are opened where files belong",
        ("builtins.open", "io.open", "os.open", "?.read_text", "?.read_bytes", "?.write_text", "?.write_bytes"),
        frozenset({"scenario", "learning", "mailstore", "export", "live", "text", "cli", "keys"}),
    ),
    Fence(
        "`load_cert_chain` takes only paths, so keys too may write a file, a temporary one",
        ("tempfile",),
        frozenset({"keys", "export", "cli", "live"}),
    ),
    Fence(
        "between sessions they blame the previous customer",
        (
            "simpy.Store",
            "simpy.FilterStore",
            "simpy.PriorityStore",
            "simpy.Resource",
            "simpy.PriorityResource",
            "simpy.PreemptiveResource",
            "simpy.Container",
            "simpy.resources",
        ),
    ),
    Fence("data is data", ("pickle", "builtins.eval", "builtins.exec", "yaml.load", "yaml.unsafe_load")),
    Fence("only our own records are packed, and only in memory", ("marshal",), frozenset({"engine"})),
)

NOT_LOADED_EARLY = frozenset({"textual", "networkx", "dns", "cryptography", "pydantic"})
"""What neither `import simulator` nor `mailflow --help` may load."""


def may_import(part: str) -> frozenset[str]:
    """All parts that a part may import: the base, its own, those of the table and what they may import in turn."""
    direct = MAY_IMPORT[part]
    return BASE | {part} | direct | frozenset().union(*(may_import(other) for other in direct))
