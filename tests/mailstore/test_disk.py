"""The disk creates, renames, lists and removes, and never loses a file silently."""

from __future__ import annotations

import pytest

from simulator.mailstore.disk import Disk
from simulator.mailstore.failures import DiskError


@pytest.fixture
def disk() -> Disk:
    made = Disk()
    made.make_directory("/b")
    made.make_directory("/a")
    return made


def test_files_are_listed_sorted_and_counted(disk: Disk) -> None:
    disk.write("/b/2", b"xx")
    disk.write("/b/1", b"x")
    disk.write("/a/3", b"")
    assert disk.list("/b") == ("1", "2")
    assert [path for path, _ in disk.files()] == ["/a/3", "/b/1", "/b/2"]
    assert (disk.octets_used, disk.octets_written, disk.octets_read) == (3, 3, 0)
    assert disk.read("/b/2") == b"xx"
    assert disk.octets_read == 2
    assert disk.remove("/b/2") == 2
    assert disk.octets_used == 1


def test_a_rename_moves_the_octets_between_directories(disk: Disk) -> None:
    disk.write("/a/x", b"x")
    disk.rename("/a/x", "/b/y")
    assert not disk.exists("/a/x")
    assert disk.read("/b/y") == b"x"


def test_nothing_is_overwritten_or_invented(disk: Disk) -> None:
    disk.write("/a/x", b"x")
    disk.write("/a/y", b"y")
    for call in (
        lambda: disk.write("/a/x", b"z"), lambda: disk.rename("/a/x", "/a/y"), lambda: disk.rename("/a/none", "/a/z"),
        lambda: disk.read("/a/none"), lambda: disk.remove("/none/x"), lambda: disk.list("/none"),
        lambda: disk.write("/none/x", b""), lambda: disk.write("/a/", b""), lambda: disk.remove_directory("/a"),
        lambda: disk.remove_directory("/none"),
    ):  # fmt: skip
        with pytest.raises(DiskError):
            call()
    assert [octets for _, octets in disk.files()] == [b"x", b"y"]
    disk.remove_directory("/b")
    with pytest.raises(DiskError):
        disk.list("/b")
