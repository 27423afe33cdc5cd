"""What a walk over a trace must find at once: rows, stages, sessions, ordinals. Built in two passes, once.

Per key press nothing may cost more with a longer trace, so everything that needs a scan is done here.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..engine.kinds import Record
from ..engine.trace import AT, FROM, KIND, SESSION, STAGE, TO, VALUES, N
from ..records.kinds_message import STAGES

__all__ = ["SPOKEN", "Index", "Pair"]

SPOKEN = ("smtp.", "lmtp.", "imap.", "pop3.", "tcp.", "tls.", "dns.query", "dns.answer", "udp.")
"""Kinds that go from one side to the other; all others happen on one host."""

_NEAR = 40
"""How many events around one are searched for the octets that carry it."""

_FOLDED = frozenset({"udp.data", "lookup", "log.line", "dns.cache"})
_RUNS = {"world": "world", "message.header": "letter", "message.part": "letter", "message.hop": "letter"}


@dataclass(frozen=True, slots=True)
class Pair:
    """The two lifelines of the ladder; `left` asks. `session` and `port` are 0 for datagrams."""

    left: str
    right: str
    session: int = 0
    port: int = 0


class Index:
    """Positions in a trace; every list holds ordinals (`n`) in ascending order."""

    def __init__(self, records: Sequence[Record], resolvers: Iterable[str] = ()) -> None:
        self.records = records
        self.rows: list[int] = []
        self.logs: list[int] = []
        self.stages: list[int] = []
        self.kinds: dict[str, list[int]] = defaultdict(list)
        self.sessions: dict[int, list[int]] = defaultdict(list)
        self.tls_since: dict[int, int] = {}
        self._pair_at: list[int] = []
        self._pairs: list[Pair] = []
        self._resolvers = frozenset(resolvers)
        self._dialogues: set[int] = set()
        self._first_pass()
        self._second_pass()

    def _first_pass(self) -> None:
        kinds, sessions = self.kinds, self.sessions
        for record in self.records:
            n, name, session = record[N], record[KIND].name, record[SESSION]
            kinds[name].append(n)
            if session is not None:
                sessions[session].append(n)
                if name.endswith((".command", ".reply")):
                    self._dialogues.add(session)
        self.logs = kinds.get("log.line", [])
        self.stages = kinds.get("stage", [])
        for n in kinds.get("tls.established", ()):
            self.tls_since.setdefault(self.records[n - 1][SESSION], n)

    def _second_pass(self) -> None:
        opened = {self.records[n - 1][SESSION]: self.records[n - 1] for n in self.kinds.get("tcp.connect", ())}
        before: str | None = None
        last: Pair | None = None
        for record in self.records:
            key = self._run(record)
            if key is None or (key and key != before) or not self.rows:
                self.rows.append(record[N])
            if key != "":
                before = key
            pair = self._pair(record, opened)
            if pair is not None and pair != last:
                last = pair
                self._pairs.append(pair)
                self._pair_at.append(record[N])

    def _run(self, record: Record) -> str | None:
        """Say how a record is folded: None is a row of its own, "" never, else one row for a run of that name."""
        name: str = record[KIND].name
        if name == "tcp.data":
            return "" if record[SESSION] in self._dialogues or record[VALUES + 4] else None
        if name == "tcp.close":
            return "" if record[VALUES] == "fin" else None
        if name in _FOLDED:
            return ""
        if name in ("dns.query", "dns.answer"):
            asker = record[FROM] if name == "dns.query" else record[TO]
            return "iteration" if asker in self._resolvers else None
        return _RUNS.get(name)

    def _pair(self, record: Record, opened: dict[int, Record]) -> Pair | None:
        session, name = record[SESSION], record[KIND].name
        if not name.startswith(SPOKEN):
            return None
        if session is not None and session in opened:
            opener = opened[session]
            port, address = opener[VALUES], opener[VALUES + 1]
            return Pair(opener[FROM] or opener[AT], opener[TO] or address, session, port)
        sender, receiver = record[FROM], record[TO]
        if sender is None or receiver is None or sender == receiver:
            return None
        return Pair(receiver, sender) if name == "dns.answer" else Pair(sender, receiver)

    def pair(self, n: int) -> Pair | None:
        """Return who speaks at event `n`, or spoke last before it, or first after it."""
        if not self._pairs:
            return None
        return self._pairs[max(0, bisect_right(self._pair_at, n) - 1)]

    def ordinal(self, n: int) -> int:
        """Return which one of its kind event `n` is, from 1."""
        return bisect_left(self.kinds[self.records[n - 1][KIND].name], n) + 1

    def stage(self, n: int) -> str:
        """Return the stage that event `n` belongs to, or the one before it; "" before the first."""
        own = self.records[n - 1][STAGE]
        if own is not None:
            return str(own)
        before = bisect_right(self.stages, n)
        return str(self.records[self.stages[before - 1] - 1][VALUES]) if before else ""

    def stage_number(self, n: int) -> int:
        """Return the number of the stage at event `n`, from 1; 0 before the first."""
        name = self.stage(n)
        return STAGES.index(name) + 1 if name in STAGES else 0

    def session(self, n: int) -> int | None:
        """Return the session of event `n`; events on one host belong to the session before them, datagrams to none."""
        own: int | None = self.records[n - 1][SESSION]
        if own is not None:
            return own
        pair = self.pair(n)
        return pair.session if pair is not None and pair.session and self._pair_at[0] <= n else None

    def under_tls(self, n: int) -> bool:
        """Tell whether event `n` travelled under TLS."""
        since = self.tls_since.get(self.records[n - 1][SESSION])
        return since is not None and n >= since

    def carrier(self, n: int) -> int | None:
        """Return the `tcp.data` or `udp.data` that carries event `n`: the chunk before a command or after a reply."""
        record = self.records[n - 1]
        name: str = record[KIND].name
        if name in ("tcp.data", "udp.data"):
            return n
        if name.endswith((".command", ".reply", ".response", ".data")) and record[SESSION] is not None:
            answer = not name.endswith((".command", ".data"))
            return self._chunk(record[SESSION], n, "<" if answer else ">", 1 if answer else -1)
        if name in ("dns.query", "dns.answer"):
            return self._datagram(n, record)
        return None

    def _chunk(self, session: int, n: int, direction: str, step: int) -> int | None:
        of_session = self.sessions[session]
        at = bisect_left(of_session, n)
        for position in range(at, min(at + _NEAR, len(of_session)) if step > 0 else max(-1, at - _NEAR), step):
            found = self.records[of_session[position] - 1]
            if found[KIND].name == "tcp.data" and found[VALUES + 1] == direction and found[VALUES]:
                return of_session[position]
        return None

    def _datagram(self, n: int, record: Record) -> int | None:
        near = sorted(range(max(1, n - _NEAR), min(n + _NEAR, len(self.records)) + 1), key=lambda other: abs(other - n))
        wanted = (record[FROM], record[TO])
        for other in near:
            found = self.records[other - 1]
            if found[KIND].name == "udp.data" and (found[FROM], found[TO]) == wanted:
                return other
        return None
