"""The records of a run in memory: the newest as they are, the older packed, all of them at hand.

A record as a tuple takes some 300 octets, packed some 40; a day of a busy server would not fit otherwise. Blocks that
were looked at lately stay unpacked, so that stepping and folding do not notice.
"""

from __future__ import annotations

import marshal
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, overload

from simulator.engine.kinds import Kind, Record, find

__all__ = ["BLOCK", "NEWEST", "Records"]

BLOCK = 1_024
"""Records packed together."""

NEWEST = 32 * BLOCK
"""Records that are never packed, because they are the likeliest to be asked for."""

_UNPACKED = 32
_KIND = 2


class Records(Sequence[Record]):
    """Records by position from 0, as a list would have them; `append`, `extend` and `clear` are its only changes."""

    __slots__ = ("_blocks", "_recent", "_seen", "append")

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._blocks: list[bytes] = []
        self._seen: OrderedDict[int, list[Record]] = OrderedDict()
        self._recent: list[Record] = list(records)
        self.append = self._recent.append
        """Add a record; call `settle` now and then."""

    def extend(self, records: Iterable[Record]) -> None:
        """Add several records."""
        self._recent.extend(records)
        self.settle()

    def settle(self) -> None:
        """Pack what is no longer among the newest."""
        recent = self._recent
        while len(recent) >= NEWEST + BLOCK:
            self._blocks.append(_packed(recent[:BLOCK]))
            del recent[:BLOCK]

    def clear(self) -> None:
        """Forget all records."""
        self._blocks.clear()
        self._seen.clear()
        self._recent.clear()

    def __len__(self) -> int:
        return len(self._blocks) * BLOCK + len(self._recent)

    def __iter__(self) -> Iterator[Record]:
        return self._from(0)

    @overload
    def __getitem__(self, position: int) -> Record: ...
    @overload
    def __getitem__(self, position: slice) -> list[Record]: ...
    def __getitem__(self, position: int | slice) -> Record | list[Record]:
        if isinstance(position, slice):
            return self._slice(position)
        old = len(self._blocks) * BLOCK
        if position >= old:
            return self._recent[position - old]
        if position < 0:
            if position + len(self) < 0:
                raise IndexError("there is no record before the first")
            return self[position + len(self)]
        return self._block(position // BLOCK)[position % BLOCK]

    def _slice(self, wanted: slice) -> list[Record]:
        start, stop, step = wanted.indices(len(self))
        if step != 1:
            return [self[position] for position in range(start, stop, step)]
        return list(islice(self._from(start), max(stop - start, 0)))

    def _from(self, start: int) -> Iterator[Record]:
        """Give the records from a position on; it may go on while the run does."""
        number, skip = divmod(start, BLOCK)
        while number < len(self._blocks):
            yield from islice(self._block(number), skip, None)
            number, skip = number + 1, 0
        yield from islice(self._recent, (number - len(self._blocks)) * BLOCK + skip, None)

    def _block(self, number: int) -> list[Record]:
        seen = self._seen
        found = seen.get(number)
        if found is not None:
            seen.move_to_end(number)
            return found
        seen[number] = found = _unpacked(self._blocks[number])
        if len(seen) > _UNPACKED:
            seen.popitem(last=False)
        return found


def _packed(records: list[Record]) -> bytes:
    plain: list[Any] = [(*record[:_KIND], record[_KIND].name, *record[_KIND + 1 :]) for record in records]
    return zlib.compress(marshal.dumps(plain), 1)


def _unpacked(octets: bytes) -> list[Record]:
    kinds: dict[str, Kind] = {}
    made = []
    for record in marshal.loads(zlib.decompress(octets)):
        name = record[_KIND]
        kind = kinds.get(name)
        if kind is None:
            kind = kinds[name] = find(name)
        made.append((*record[:_KIND], kind, *record[_KIND + 1 :]))
    return made
