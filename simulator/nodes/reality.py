"""What live mode puts in place of what a seed gives: real chance, real keys, and a disk that outlives the process.

Nodes know only these shapes; nothing of the kind exists in the simulated world, which a seed repeats octet by octet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from simulator.engine.randomness import Chance
    from simulator.keys.authority import Identity
    from simulator.mailstore.disk import Disk
    from simulator.nodes.queue import Entry

__all__ = ["Issuer", "Keeper", "Reality", "Spool"]


class Issuer(Protocol):
    """A certificate authority; dates are epoch µs."""

    @property
    def ca_pem(self) -> bytes:
        """Its own certificate."""
        ...

    @property
    def versions(self) -> str:
        """What servers with its certificates speak, as `keys.contexts` names it."""
        ...

    def issue(
        self,
        names: Sequence[str],
        ip_addresses: Sequence[str] = (),
        *,
        not_before: int | None = None,
        not_after: int | None = None,
    ) -> Identity:
        """Make a certificate and its key."""
        ...

    def self_signed(
        self, names: Sequence[str], *, not_before: int | None = None, not_after: int | None = None
    ) -> Identity:
        """Make a certificate that its own key signed."""
        ...


class Spool(Protocol):
    """Where a queue keeps its letters."""

    def keep(self, entry: Entry) -> None:
        """Have a letter, and how far it came, on the disk before returning."""
        ...

    def drop(self, queue_id: str) -> None:
        """Forget a letter that is settled."""
        ...

    def entries(self) -> tuple[Entry, ...]:
        """Give back what was kept, oldest first."""
        ...


class Keeper(Protocol):
    """The disks of all hosts."""

    def disk(self, host: str) -> Disk:
        """The files of a host."""
        ...

    def index(self, host: str) -> str:
        """The path of the database of a host's mailboxes."""
        ...

    def spool(self, host: str) -> Spool:
        """The queue of a host."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reality:
    """Everything of a live world that no seed gives; `keeper` is None when nothing shall outlive the process."""

    seed: int
    chance: Chance
    authority: Issuer
    keeper: Keeper | None = None
