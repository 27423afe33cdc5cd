"""The records of a run in memory: the newest as they are, the older packed, all of them at hand.

A record as a tuple takes some 300 octets, packed some 25; a day of a busy server would not fit otherwise. Blocks that
were looked at lately stay unpacked, so that stepping and folding do not notice; and a block is packed by kind and
field, so that who wants few kinds, as most queries do, need not unpack the others.
"""

from __future__ import annotations

import marshal
import zlib
from collections import OrderedDict, defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import islice, repeat
from typing import overload

from simulator.engine.kinds import Kind, Record, find

__all__ = ["BLOCK", "NEWEST", "Records"]

BLOCK = 1_024
"""Records packed together."""

NEWEST = 32 * BLOCK
"""Records that are never packed, because they are the likeliest to be asked for."""

_UNPACKED = 32
_HEAVY = 10_000
"""Octets of a block from which on a kind is packed apart, so that a query for another kind need not unpack it."""
_Block = tuple[bytes, dict[Kind, bytes]]
_KIND = 2


class Records(Sequence[Record]):
    """Records by position from 0, as a list would have them; `append`, `extend` and `clear` are its only changes."""

    __slots__ = ("_blocks", "_recent", "_seen", "append")

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._blocks: list[_Block] = []
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

    def of(self, kinds: Container[Kind]) -> list[Record]:
        """Return the records of these kinds, in order."""
        found: list[Record] = []
        for number, block in enumerate(self._blocks):
            seen = self._seen.get(number)
            found += _unpacked(block, kinds) if seen is None else _among(seen, kinds)
        return found + _among(self._recent, kinds)

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


def _among(records: list[Record], kinds: Container[Kind]) -> list[Record]:
    return [record for record in records if record[_KIND] in kinds]


def _packed(records: list[Record]) -> _Block:
    alike: defaultdict[tuple[Kind, int], list[int]] = defaultdict(list)
    for place, record in enumerate(records):
        alike[record[_KIND], len(record)].append(place)
    common: list[tuple[str, list[int], bytes]] = []
    heavy: dict[Kind, bytes] = {}
    for (kind, _), places in alike.items():
        columns = [*zip(*[records[place] for place in places], strict=True)]
        columns[_KIND] = ()
        part = kind.name, places, marshal.dumps(columns)
        if len(part[2]) > _HEAVY and kind not in heavy:
            heavy[kind] = zlib.compress(marshal.dumps([part]), 1)
        else:
            common.append(part)
    return zlib.compress(marshal.dumps(common), 1), heavy


def _unpacked(block: _Block, kinds: Container[Kind] | None = None) -> list[Record]:
    """Return the records of a block, or those of some kinds, in their order."""
    common, heavy = block
    parts = marshal.loads(zlib.decompress(common))
    for kind, octets in heavy.items():
        if kinds is None or kind in kinds:
            parts += marshal.loads(zlib.decompress(octets))
    made: list[Record] = [()] * BLOCK
    for name, places, packed in parts:
        kind = find(name)
        if kinds is None or kind in kinds:
            columns = marshal.loads(packed)
            columns[_KIND] = repeat(kind, len(places))
            for place, record in zip(places, zip(*columns, strict=True), strict=True):
                made[place] = record
    return made if kinds is None else [record for record in made if record]
