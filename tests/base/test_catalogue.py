"""The Russian catalogue: complete, nothing stale, placeholders kept, plurals right."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from simulator.errors import MailflowError
from simulator.text.catalogue import Entry, compile_entries, entries
from tests.base.messages import Message, collect, write

PLURALS = {"ru": 3}
HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'


@pytest.fixture(scope="module")
def messages(root: Path) -> list[Message]:
    return collect(root / "simulator")[0]


@pytest.fixture(scope="module", params=PLURALS)
def catalogue(request: pytest.FixtureRequest, root: Path, messages: list[Message], update_golden: bool) -> list[Entry]:
    path = root / "simulator" / "text" / "locale" / f"{request.param}.po"
    found = entries(path.read_text(encoding="utf-8"), path.name)
    if update_golden:
        path.write_text(write(messages, found, PLURALS[request.param]), encoding="utf-8")
        found = entries(path.read_text(encoding="utf-8"), path.name)
    return found


def placeholders(text: str) -> list[str]:
    return sorted(
        f"{name}!{conversion}:{spec}"
        for _, name, spec, conversion in string.Formatter().parse(text)
        if name is not None
    )


def test_every_text_can_be_put_into_a_catalogue(root: Path) -> None:
    assert collect(root / "simulator")[1] == []


def test_every_text_is_translated(catalogue: list[Entry], messages: list[Message]) -> None:
    done = {(entry.context, entry.id) for entry in catalogue if all(entry.strings) and not entry.fuzzy}
    assert [message.id for message in messages if message.key not in done] == []


def test_no_translation_is_stale(catalogue: list[Entry], messages: list[Message]) -> None:
    used = {message.key for message in messages}
    assert [entry.id for entry in catalogue if entry.id and (entry.context, entry.id) not in used] == []


def test_no_message_stands_twice(catalogue: list[Entry]) -> None:
    keys = [entry.key for entry in catalogue]
    assert sorted(keys) == sorted(set(keys))


def test_plurals_have_all_their_forms(catalogue: list[Entry], messages: list[Message]) -> None:
    plural = {message.key for message in messages if message.plural is not None}
    wrong = [e.id for e in catalogue if e.id and len(e.strings) != (3 if (e.context, e.id) in plural else 1)]
    assert wrong == []


def test_placeholders_are_the_same_in_both_languages(catalogue: list[Entry]) -> None:
    wrong = []
    for entry in catalogue:
        allowed = [placeholders(entry.id), placeholders(entry.plural or entry.id)]
        wrong += [text for text in entry.strings if entry.id and text and placeholders(text) not in allowed]
    assert wrong == []


def test_white_space_and_punctuation_at_the_edges_are_kept(catalogue: list[Entry]) -> None:
    """A label that ends in a colon or a space is glued to something."""
    edge = re.compile(r"^(\s*).*?([:\s]*)$", re.DOTALL)
    wrong = []
    for entry in catalogue:
        for text in filter(None, entry.strings if entry.id else ()):
            ours, theirs = edge.match(entry.id), edge.match(text)
            assert ours and theirs
            if ours.groups() != theirs.groups():
                wrong.append((entry.id, text))
    assert wrong == []


def test_no_latin_letter_hides_in_a_russian_word(catalogue: list[Entry]) -> None:
    """`c`, `o`, `e` look alike in both alphabets; a search would miss such a word."""
    mixed = re.compile(r"[а-яё][a-z]|[a-z][а-яё]", re.IGNORECASE)
    assert [
        text for e in catalogue for text in e.strings if e.id and mixed.search(re.sub(r"\{[^}]*}|\\\w", "", text))
    ] == []


# --- the reader ------------------------------------------------------------------------------------------------------


def test_the_reader_knows_the_whole_format() -> None:
    source = HEADER + (
        '\n# a remark\n#. for translators\n#: a.py b.py\n#, fuzzy\nmsgctxt "menu"\nmsgid "Open"\nmsgstr "Открыть"\n'
        '\nmsgid ""\n"two\\n"\n"lines \\"\\\\\\t"\nmsgstr "x"\n'
        '\n#~ msgid "gone"\n#~ msgstr "ушло"\n'
        '\nmsgid "{n} a"\nmsgid_plural "{n} b"\nmsgstr[0] "0"\nmsgstr[1] "1"\nmsgstr[2] "2"'
    )
    header, fuzzy, lines, plural = entries(source, "x.po")
    assert header.id == "" and header.line == 1
    assert (fuzzy.context, fuzzy.id, fuzzy.strings, fuzzy.references) == ("menu", "Open", ["Открыть"], ["a.py", "b.py"])
    assert fuzzy.fuzzy and fuzzy.line == 4
    assert lines.id == 'two\nlines "\\\t'
    assert (plural.plural, plural.strings) == ("{n} b", ["0", "1", "2"])


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ('msgid "a"\nmsgstr "b\n', 2),
        ('"before anything"\n', 1),
        ('msgid "a"\n', 1),
        ('msgstr "a"\n', 1),
        ('msgid "a"\nmsgstr "b"\nnonsense\n', 3),
    ],
)
def test_a_broken_catalogue_is_named_with_its_line(source: str, line: int) -> None:
    with pytest.raises(MailflowError, match=rf"^x\.po:{line}: "):
        entries(source, "x.po")


def test_fuzzy_and_empty_translations_stay_english() -> None:
    source = (
        HEADER + '\n#, fuzzy\nmsgid "a"\nmsgstr "x"\n\nmsgid "b"\nmsgstr ""\n\nmsgctxt "m"\nmsgid "c"\nmsgstr "z"\n'
    )
    translations = compile_entries(entries(source, "x.po"))
    assert [translations.gettext(text) for text in "abc"] == ["a", "b", "c"]
    assert translations.pgettext("m", "c") == "z"


def test_what_is_written_reads_back_the_same() -> None:
    messages = [
        Message("one", files=["b.py"]),
        Message("{n} a", plural="{n} b", files=["a.py"]),
        Message('two\nlines\n"\\\t', context="menu", files=["c.py"]),
        Message("new", files=["d.py"]),
    ]
    known = entries(HEADER, "x.po")
    known.append(Entry(1, id="one", strings=["раз"]))
    known.append(Entry(1, id="stale", strings=["старо"]))
    known.append(Entry(1, id="{n} a", plural="{n} b", strings=["а", "б", "в"]))
    known.append(Entry(1, context="menu", id='two\nlines\n"\\\t', strings=["две\nстроки\n"]))
    source = write(messages, known, 3)
    again = entries(source, "x.po")
    assert write(messages, again, 3) == source
    assert [(e.id, e.strings) for e in again[1:]] == [
        ("{n} a", ["а", "б", "в"]),
        ("one", ["раз"]),
        ('two\nlines\n"\\\t', ["две\nстроки\n"]),
        ("new", [""]),
    ]


def test_a_text_built_at_run_time_is_found_out(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "a.py").write_text(
        '_("good")\n_(label)\n_(item.label) + _(LABELS[x])\n_(f"{x}")\n_("a" + b)\nt.ngettext("a", c, 1)\nN_(x)\n'
    )
    found, unreadable = collect(package)
    assert [message.id for message in found] == ["good"]
    assert [item.where for item in unreadable] == [f"package/a.py:{line}" for line in (4, 5, 6, 7)]
