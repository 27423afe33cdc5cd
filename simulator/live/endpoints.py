"""What a program has to know of a live world: ports, accounts, the certificate to trust, as one flat JSON file.

It is there only while all ports listen: written beside and put in place at once, removed at a clean end.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from simulator.live.places import House, Place
from simulator.live.sockets import Opened

__all__ = ["as_json", "facts", "write_file"]


def facts(houses: tuple[House, ...], opened: dict[Place, Opened], ca_file: str) -> dict[str, Any]:
    """Return the facts of the first house, with those of the others under `others`."""
    first, *others = (_facts(house, opened, ca_file) for house in houses)
    return {**first, "others": others}


def _facts(house: House, opened: dict[Place, Opened], ca_file: str) -> dict[str, Any]:
    found: dict[str, Any] = {service: f"127.0.0.1:{opened[place].port}" for service, place in house.places.items()}
    if "submissions" in found:
        found["smtps"] = found["submissions"]
    return {
        **found,
        "ca_file": ca_file,
        "server_name": house.server_name,
        "domain": house.domain,
        "users": house.users,
        "unknown_rcpt": house.unknown_rcpt,
        "relay_rcpt": house.relay_rcpt,
        "outside_sender": house.outside_sender,
    }


def write_file(path: Path, octets: bytes) -> None:
    """Put a file in place at once, whole."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def as_json(found: dict[str, Any]) -> bytes:
    """Return the facts as the file has them."""
    return (json.dumps(found, ensure_ascii=False, indent=2) + "\n").encode()
