"""The grammar of RFC 5321, 4.1.2, with its corners."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.protocol.smtp import NULL_PATH, Path, parse_mailbox
from simulator.protocol.smtp.paths import split_path


@pytest.mark.parametrize(
    ("text", "local", "domain"),
    [
        ("", "", ""),
        ("bob@alpha.test", "bob", "alpha.test"),
        ("bob", "bob", ""),
        ("b.o.b+tag@ALPHA.test", "b.o.b+tag", "ALPHA.test"),
        ("!#$%&'*+-/=?^_`{|}~@a.test", "!#$%&'*+-/=?^_`{|}~", "a.test"),
        ('"bob"@a.test', "bob", "a.test"),
        ('"a b"@a.test', "a b", "a.test"),
        (r'"a\"b\\"@a.test', r'a"b\\'[:-1], "a.test"),
        ('"<>"@a.test', "<>", "a.test"),
        ("@r.test,@s.test:bob@a.test", "bob", "a.test"),
        ("bob@[192.0.2.1]", "bob", "[192.0.2.1]"),
        ("bob@[IPv6:2001:db8::1]", "bob", "[IPv6:2001:db8::1]"),
        ("bob@xn--80a1acny.test", "bob", "xn--80a1acny.test"),
        ("x" * 64 + "@a.test", "x" * 64, "a.test"),
    ],
)
def test_an_address_is_read(text: str, local: str, domain: str) -> None:
    assert parse_mailbox(text) == Path(local, domain)


@pytest.mark.parametrize(
    "text",
    [
        "a@b@c", ".a@b.test", "a.@b.test", "a..b@b.test", "@b.test", "a@", "a b@c.test", 'a"b@c.test', '"a@b.test',
        '"a"b@c.test', "a@b_c.test", "a@-b.test", "a@b-.test", "a@b.", "a@.b", "a@[192.0.2.256]", "a@[192.0.2.1",
        "a@[]", "a@[IPv6:1::2::3]", "a@[IPv6:fe80::1%eth0]", "a@[tag:x]", '""', "é@b.test", "a@é.test", "a\x00@b.test",
        "a@b.test\n", "<a@b.test>", "x" * 65 + "@b.test", "a@" + "b" * 64 + ".test", "a@" + "b." * 127 + "test",
        "@r.test:", "r.test:bob@a.test",
    ],
)  # fmt: skip
def test_what_is_no_address_is_none(text: str) -> None:
    assert parse_mailbox(text) is None


def test_a_path_is_limited_as_a_whole() -> None:
    longest = "x" * 64 + "@" + "a." * 92 + "abcde"
    assert len(f"<{longest}>") == 256
    assert parse_mailbox(longest) is not None
    assert parse_mailbox(longest + "f") is None


def test_what_an_address_is_can_be_asked() -> None:
    assert NULL_PATH.is_null
    assert str(NULL_PATH) == ""
    assert Path("PostMaster", "").is_postmaster
    assert not Path("postmaster", "a.test").is_postmaster
    assert Path("a", "[192.0.2.1]").is_literal


@settings(deadline=None)
@given(
    st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=20),
    st.sampled_from(["a.test", ""]),
)
def test_every_local_part_survives_quoting(local: str, domain: str) -> None:
    assert parse_mailbox(str(Path(local, domain))) == Path(local, domain)


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("<a@b> SIZE=1 BODY=7BIT", ("a@b", "SIZE=1 BODY=7BIT")),
        ("<a@b>", ("a@b", "")),
        ("<>", ("", "")),
        ('<">"@b> X', ('">"@b', "X")),
        ("a@b SIZE=1", ("a@b", "SIZE=1")),
        ("<a@b>SIZE=1", None),
        ("<a@b", None),
        ("a@b>", None),
        ("<<a@b>>", None),
    ],
)
def test_a_path_is_told_from_its_parameters(text: str, split: tuple[str, str] | None) -> None:
    assert split_path(text) == split


def test_a_hostile_address_costs_no_time() -> None:
    for text in ('<"' + "\\a" * 900, "<" + "a" * 1800, "<" + '"a"' * 600, "<" + "@a," * 600 + ">"):
        split = split_path(text)
        assert split is None or parse_mailbox(split[0]) is None
    assert parse_mailbox("a" * 1000 + "." * 500) is None
