"""The store keeps its promises: Maildir's life cycle, UIDs, the maildrop's lock, octets untouched, look-ups
overheard.
"""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from simulator.mailstore import maildir
from simulator.mailstore.disk import Disk
from simulator.mailstore.failures import (
    BadName,
    DiskError,
    MailboxExists,
    MaildropLocked,
    MailStoreError,
    NoSuchMailbox,
)
from simulator.mailstore.store import MailStore
from simulator.message.structure import parse_structure

NOW = 1_795_486_339_000_000
ANNA = "anna@example.org"
LETTER = b"Subject: x\r\n\r\nbody\r\n"
HOME = "/var/vmail/example.org/anna/Maildir"


@pytest.fixture
def store() -> MailStore:
    made = MailStore("mail.example.org", seed="1", parse=parse_structure)
    made.add_account(ANNA, "secret", NOW)
    return made


def test_a_letter_goes_by_tmp_and_new_to_cur(store: MailStore) -> None:
    stored = store.deliver("Anna@Example.ORG", LETTER, NOW + 19)
    assert stored.path == f"{HOME}/new/1795486339.M000019Q1.mail.example.org,S=20"
    assert (stored.uid, stored.size) == (1, 20)
    assert store.disk.list(f"{HOME}/tmp") == ()
    view = store.mailbox(ANNA)
    assert view.unseen_files() == {1}
    (move,) = view.claim_recent()
    assert (move.path_before, move.path) == (stored.path, f"{HOME}/cur/1795486339.M000019Q1.mail.example.org,S=20:2,")
    assert view.unseen_files() == frozenset()
    change = view.set_flags(1, frozenset({"\\Seen", "\\Flagged", "\\Recent", "kept"}))
    assert change.path.endswith(":2,FS")
    assert change.flags == view.flags(1) == {"\\Seen", "\\Flagged", "kept"}
    assert store.disk.read(change.path) == LETTER


def test_flags_of_a_letter_in_new_move_it_to_cur(store: MailStore) -> None:
    store.deliver(ANNA, LETTER, NOW)
    assert "/cur/" in store.mailbox(ANNA).set_flags(1, frozenset()).path


def test_append_keeps_flags_and_date(store: MailStore) -> None:
    stored = store.append(ANNA, "Sent", LETTER, ("\\Seen",), NOW)
    assert stored.path.endswith(",S=20:2,S")
    (message,) = store.mailbox(ANNA, "Sent").messages()
    assert (message.flags, message.internal_date, message.size, message.octets()) == ({"\\Seen"}, NOW, 20, LETTER)


def test_names_in_the_maildir_say_the_flags_that_the_index_says(store: MailStore) -> None:
    for flags in ((), ("\\Seen",), ("\\Deleted", "\\Answered", "\\Draft"), ("$Forwarded",)):
        stored = store.append(ANNA, "INBOX", LETTER, flags, NOW)
        assert maildir.flags_of(stored.path) == store.mailbox(ANNA).flags(stored.uid) == set(flags)


def test_uids_ascend_and_are_never_reused(store: MailStore) -> None:
    view = store.mailbox(ANNA)
    for _ in range(3):
        store.deliver(ANNA, LETTER, NOW)
    gone = view.expunge((2, 3, 99))
    assert [(e.uid, e.number) for e in gone] == [(2, 2), (3, 2)]
    assert view.uid_next == 4
    assert store.deliver(ANNA, LETTER, NOW).uid == 4
    assert [m.uid for m in view.messages()] == [1, 4]


def test_expunge_without_uids_takes_what_is_deleted(store: MailStore) -> None:
    for flags in ((), ("\\Deleted",), ("\\Seen",), ("\\Deleted",)):
        store.append(ANNA, "INBOX", LETTER, flags, NOW)
    view = store.mailbox(ANNA)
    assert [(e.uid, e.number) for e in view.expunge()] == [(2, 2), (4, 3)]
    assert store.disk.list(f"{HOME}/cur") == tuple(m.file.removeprefix("cur/") for m in view.messages())


def test_an_expunged_letter_is_a_typed_error(store: MailStore) -> None:
    view = store.mailbox(ANNA)
    for call in (lambda: view.octets(1), lambda: view.flags(1), lambda: view.set_flags(1, frozenset())):
        with pytest.raises(NoSuchMailbox, match="expunged"):
            call()


def test_uidvalidity_is_stable_and_differs_between_mailboxes(store: MailStore) -> None:
    numbers = [store.mailbox(ANNA, name).uid_validity for name, _ in store.list_mailboxes(ANNA)]
    assert numbers == [1795486339, 1795486340, 1795486341, 1795486342]
    assert store.deliver(ANNA, LETTER, NOW * 2).uid_validity == numbers[0]


def test_a_view_sees_what_others_do_and_keeps_objects_that_did_not_change(store: MailStore) -> None:
    store.deliver(ANNA, LETTER, NOW)
    one, other = store.mailbox(ANNA), store.mailbox(ANNA)
    (first,) = one.messages()
    version = one.version
    store.deliver(ANNA, LETTER, NOW)
    assert one.version > version
    assert one.messages()[0] is first
    other.set_flags(1, frozenset({"\\Seen"}))
    assert one.messages()[0].flags == {"\\Seen"}


def test_standard_mailboxes_have_their_special_use(store: MailStore) -> None:
    assert store.list_mailboxes(ANNA) == (
        ("INBOX", ""),
        ("Sent", "\\Sent"),
        ("Drafts", "\\Drafts"),
        ("Trash", "\\Trash"),
    )


def test_a_cyrillic_mailbox_has_a_directory_in_modified_utf7(store: MailStore) -> None:
    assert store.create_mailbox(ANNA, "Работа", NOW).directory == f"{HOME}/.&BCAEMAQxBD4EQgQw-"
    assert store.mailbox(ANNA, "inbox").name == "INBOX"
    with pytest.raises(MailboxExists):
        store.create_mailbox(ANNA, "Работа", NOW)


@pytest.mark.parametrize("name", ["", ".", "a/b", "..", "a..b", ".a", "a.", "a\0", "a\r\n", "*", "x" * 256])
def test_a_name_that_no_maildir_holds_is_refused(store: MailStore, name: str) -> None:
    with pytest.raises(BadName):
        store.create_mailbox(ANNA, name, NOW)


@pytest.mark.parametrize(
    "address", ["../../etc/passwd@example.org", ".@example.org", "a/b@..", "я@example.org", "a b@c"]
)
def test_no_address_leaves_the_mail_directory(address: str) -> None:
    parts = maildir.home(address).split("/")
    assert parts[:3] == ["", "var", "vmail"]
    assert len(parts) == 6
    assert ".." not in parts
    assert "." not in parts


def test_what_does_not_exist_is_a_typed_error(store: MailStore) -> None:
    for call in (
        lambda: store.deliver("vera@example.org", LETTER, NOW), lambda: store.mailbox(ANNA, "Nowhere"),
        lambda: store.append(ANNA, "Nowhere", LETTER, (), NOW), lambda: store.maildrop("vera@example.org"),
    ):  # fmt: skip
        with pytest.raises(NoSuchMailbox):
            call()


def test_a_full_disk_refuses_the_letter_and_keeps_nothing_of_it() -> None:
    store = MailStore("mx", disk=Disk(capacity=30))
    store.add_account(ANNA, "secret", NOW)
    store.deliver(ANNA, LETTER, NOW)
    with pytest.raises(DiskError, match="no space"):
        store.deliver(ANNA, LETTER, NOW)
    assert store.snapshot()[ANNA]["INBOX"] == [(1, [], 20)]
    assert store.disk.octets_used == 20


def test_messages_serve_sections_and_envelopes_by_the_given_parser(store: MailStore) -> None:
    store.deliver(ANNA, LETTER, NOW)
    (message,) = store.mailbox(ANNA).messages()
    assert message.section((), "TEXT", ()) == b"body\r\n"
    assert message.envelope().subject == b"x"
    bare = MailStore("mx")
    bare.add_account(ANNA, "secret", NOW)
    bare.deliver(ANNA, LETTER, NOW)
    with pytest.raises(MailStoreError, match="parse="):
        bare.mailbox(ANNA).messages()[0].envelope()


def test_a_maildrop_is_numbered_when_locked_and_emptied_at_the_end(store: MailStore) -> None:
    for size in (1, 2, 3):
        store.deliver(ANNA, b"x" * size, NOW)
    drop = store.maildrop(ANNA)
    assert drop.lock() == 3
    store.deliver(ANNA, b"late", NOW)
    assert drop.sizes() == (1, 2, 3)
    assert [drop.uid(number) for number in (1, 2, 3)] == [1, 2, 3]
    assert drop.unique_ids() == ("000000016b04f283", "000000026b04f283", "000000036b04f283")  # as Dovecot wrote them
    assert drop.octets(2) == b"xx"
    assert [e.uid for e in drop.delete([3, 1, 9])] == [1, 3]
    drop.unlock()
    again = store.maildrop(ANNA)
    assert again.lock() == 2
    assert again.unique_ids()[0] == "000000026b04f283"


def test_only_one_session_has_a_maildrop(store: MailStore) -> None:
    first, second = store.maildrop(ANNA), store.maildrop(ANNA)
    first.lock()
    with pytest.raises(MaildropLocked):
        second.lock()
    second.unlock()  # a session that lost does not free the winner's lock
    with pytest.raises(MaildropLocked):
        second.lock()
    with pytest.raises(MaildropLocked):
        second.delete([1])
    first.unlock()
    assert second.lock() == 0


def test_a_letter_that_imap_expunged_is_gone_from_an_open_maildrop(store: MailStore) -> None:
    store.deliver(ANNA, LETTER, NOW)
    drop = store.maildrop(ANNA)
    drop.lock()
    store.mailbox(ANNA).expunge((1,))
    with pytest.raises(NoSuchMailbox):
        drop.octets(1)
    assert drop.delete([1]) == ()


def test_two_stores_of_one_history_are_equal_octet_by_octet() -> None:
    def history() -> MailStore:
        made = MailStore("mx", seed="7")
        for name in ("boris", "anna"):
            made.add_account(f"{name}@example.org", "pw", NOW)
            made.deliver(f"{name}@example.org", LETTER, NOW + 5)
        made.mailbox(ANNA).set_flags(1, frozenset({"b", "a", "\\Seen"}))
        return made

    one, other = history(), history()
    assert list(one.disk.files()) == list(other.disk.files())
    assert repr(one.snapshot()) == repr(other.snapshot())
    assert list(one.snapshot()) == [ANNA, "boris@example.org"]


class AgainstAModel(RuleBasedStateMachine):
    """Any order of deliver, append, flags, claim and expunge leaves index, Maildir and a plain list of letters in
    agreement.
    """

    def __init__(self) -> None:
        super().__init__()
        self.store = MailStore("mx")
        self.store.add_account(ANNA, "pw", NOW)
        self.view = self.store.mailbox(ANNA)
        self.model: dict[int, tuple[frozenset[str], bytes]] = {}
        self.next = 1

    def _add(self, flags: frozenset[str], octets: bytes) -> None:
        self.model[self.next] = (flags, octets)
        self.next += 1

    @rule(octets=st.binary(max_size=20))
    def deliver(self, octets: bytes) -> None:
        assert self.store.deliver(ANNA, octets, NOW).uid == self.next
        self._add(frozenset(), octets)

    @rule(octets=st.binary(max_size=20), flags=st.frozensets(st.sampled_from(["\\Seen", "\\Deleted", "key"])))
    def append(self, octets: bytes, flags: frozenset[str]) -> None:
        self.store.append(ANNA, "INBOX", octets, flags, NOW)
        self._add(flags, octets)

    @precondition(lambda self: self.model)
    @rule(data=st.data(), flags=st.frozensets(st.sampled_from(["\\Seen", "\\Deleted", "\\Answered", "key"])))
    def flag(self, data: st.DataObject, flags: frozenset[str]) -> None:
        uid = data.draw(st.sampled_from(sorted(self.model)))
        assert self.view.set_flags(uid, flags).before == self.model[uid][0]
        self.model[uid] = (flags, self.model[uid][1])

    @rule()
    def claim(self) -> None:
        self.view.claim_recent()

    @rule()
    def expunge(self) -> None:
        gone = [e.uid for e in self.view.expunge()]
        assert gone == [uid for uid, (flags, _) in sorted(self.model.items()) if "\\Deleted" in flags]
        for uid in gone:
            del self.model[uid]

    @invariant()
    def index_and_disk_agree_with_the_model(self) -> None:
        rows = [(uid, sorted(flags), len(octets)) for uid, (flags, octets) in sorted(self.model.items())]
        assert self.store.snapshot()[ANNA]["INBOX"] == rows
        assert {m.uid: (m.flags, m.octets()) for m in self.view.messages()} == self.model
        assert self.view.uid_next == self.next
        assert [path for path, _ in self.store.disk.files()] == sorted(m.path for m in self.view.messages())
        assert self.store.disk.octets_used == sum(len(octets) for _, octets in self.model.values())
        for message in self.view.messages():
            assert maildir.flags_of(message.file) == {flag for flag in message.flags if flag.startswith("\\")}


AgainstAModel.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestAgainstAModel = AgainstAModel.TestCase
