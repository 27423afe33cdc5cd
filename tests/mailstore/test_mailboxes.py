"""Mailboxes are created, deleted and renamed, letters copied and moved, quotas kept, and whoever listens hears of it."""

from __future__ import annotations

import pytest

from simulator.mailstore.disk import Disk
from simulator.mailstore.failures import BadName, DiskError, MailboxExists, NoSuchMailbox, OverQuota
from simulator.mailstore.quota import Quota, Usage
from simulator.mailstore.store import MailStore

NOW = 1_795_486_339_000_000
ANNA = "anna@example.org"
LETTER = b"Subject: x\r\n\r\nbody\r\n"


@pytest.fixture
def store() -> MailStore:
    made = MailStore("mail.example.org", seed="1")
    made.add_account(ANNA, "secret", NOW)
    return made


def kept(store: MailStore, name: str) -> list[tuple[int, list[str]]]:
    return [(uid, flags) for uid, flags, _ in store.snapshot()[ANNA][name]]


def test_a_deleted_mailbox_takes_letters_and_files_along(store: MailStore) -> None:
    store.create_mailbox(ANNA, "Work", NOW)
    store.append(ANNA, "Work", LETTER, (), NOW)
    view = store.mailbox(ANNA, "Work")
    assert [gone.uid for gone in store.delete_mailbox(ANNA, "Work")] == [1]
    assert store.disk.octets_used == 0
    with pytest.raises(NoSuchMailbox):
        view.messages()
    with pytest.raises(NoSuchMailbox):
        store.delete_mailbox(ANNA, "Work")
    with pytest.raises(BadName):
        store.delete_mailbox(ANNA, "inbox")


def test_an_old_view_never_sees_a_new_mailbox_of_the_same_name(store: MailStore) -> None:
    first = store.create_mailbox(ANNA, "Work", NOW)
    validity = first.uid_validity
    store.delete_mailbox(ANNA, "Work")
    second = store.create_mailbox(ANNA, "Work", NOW)
    assert second.uid_validity > validity
    with pytest.raises(NoSuchMailbox):
        assert first.version


def test_renaming_carries_children_uids_and_open_views(store: MailStore) -> None:
    for name in ("Work", "Work.Old", "Works"):
        store.create_mailbox(ANNA, name, NOW)
    store.append(ANNA, "Work.Old", LETTER, ("\\Seen",), NOW)
    view = store.mailbox(ANNA, "Work.Old")
    validity = view.uid_validity
    renamed = store.rename_mailbox(ANNA, "Work", "Job.Now", NOW)
    assert [(change.before, change.name) for change in renamed] == [("Work", "Job.Now"), ("Work.Old", "Job.Now.Old")]
    assert [letter.uid for letter in renamed[1].letters] == [1]
    assert view.name == "Job.Now.Old" and view.octets(1) == LETTER and view.uid_validity == validity
    assert [name for name, _ in store.list_mailboxes(ANNA)][-3:] == ["Job.Now", "Job.Now.Old", "Works"]
    view.set_flags(1, frozenset({"\\Flagged"}))
    assert store.disk.read(view.messages()[0].path) == LETTER


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("Sent", "Trash", MailboxExists),
        ("Sent", "Sent.Old", BadName),
        ("Missing", "X", NoSuchMailbox),
        ("Sent", "a/b", BadName),
        ("Sent", "INBOX", MailboxExists),
    ],
)
def test_a_rename_that_cannot_be_changes_nothing(store: MailStore, old: str, new: str, error: type[Exception]) -> None:
    before = store.list_mailboxes(ANNA)
    with pytest.raises(error):
        store.rename_mailbox(ANNA, old, new, NOW)
    assert store.list_mailboxes(ANNA) == before


def test_renaming_inbox_moves_its_letters_and_leaves_it_empty(store: MailStore) -> None:
    store.deliver(ANNA, LETTER, NOW)
    (renamed,) = store.rename_mailbox(ANNA, "inbox", "Archive", NOW)
    assert (renamed.before, renamed.name, [letter.uid for letter in renamed.letters]) == ("INBOX", "Archive", [1])
    assert kept(store, "INBOX") == []
    assert kept(store, "Archive") == [(1, [])]
    assert store.deliver(ANNA, LETTER, NOW).uid == 2


def test_a_copy_keeps_flags_date_and_octets(store: MailStore) -> None:
    store.append(ANNA, "INBOX", LETTER, ("\\Seen", "$Label"), NOW, internal_date=NOW - 5)
    inbox, sent = store.mailbox(ANNA), store.mailbox(ANNA, "Sent")
    (carried,) = store.copy(inbox, (1, 77), sent, NOW)
    assert (carried.uid, carried.stored.uid, carried.flags) == (1, 1, {"\\Seen", "$Label"})
    (copied,) = sent.messages()
    assert (copied.octets(), copied.internal_date, copied.flags) == (LETTER, NOW - 5, {"\\Seen", "$Label"})
    assert len(inbox.messages()) == 1


def test_a_copy_that_the_disk_cannot_hold_leaves_nothing_behind() -> None:
    store = MailStore("mail.example.org", disk=Disk(capacity=3 * len(LETTER)))
    store.add_account(ANNA, "secret", NOW)
    store.deliver(ANNA, LETTER, NOW)
    store.deliver(ANNA, LETTER, NOW)
    sent = store.mailbox(ANNA, "Sent")
    with pytest.raises(DiskError):
        store.copy(store.mailbox(ANNA), (1, 2), sent, NOW)
    assert sent.messages() == () and store.disk.octets_used == 2 * len(LETTER)
    assert sent.uid_next == 2, "a UID that was given is never given again"


def test_a_move_needs_no_room_and_leaves_the_source_without_it() -> None:
    store = MailStore("mail.example.org", disk=Disk(capacity=len(LETTER)))
    store.add_account(ANNA, "secret", NOW)
    store.set_quota(ANNA, Quota(messages=1))
    store.deliver(ANNA, LETTER, NOW)
    inbox, trash = store.mailbox(ANNA), store.mailbox(ANNA, "Trash")
    (carried,), (gone,) = store.move(inbox, (1,), trash, NOW)
    assert (carried.uid, carried.stored.uid, gone.uid, gone.number) == (1, 1, 1, 1)
    assert inbox.messages() == () and trash.octets(1) == LETTER
    (again,), _ = store.move(trash, (1,), trash, NOW)
    assert again.stored.uid == 2 and [letter.uid for letter in trash.messages()] == [2]


def test_a_quota_counts_all_mailboxes_and_refuses_what_is_too_much(store: MailStore) -> None:
    store.set_quota(ANNA, Quota(octets=2 * len(LETTER), messages=5))
    store.deliver(ANNA, LETTER, NOW)
    store.append(ANNA, "Sent", LETTER, (), NOW)
    assert store.usage(ANNA) == Usage(octets=2 * len(LETTER), messages=2)
    for attempt in (
        lambda: store.deliver(ANNA, LETTER, NOW),
        lambda: store.append(ANNA, "Sent", LETTER, (), NOW),
        lambda: store.copy(store.mailbox(ANNA), (1,), store.mailbox(ANNA, "Sent"), NOW),
    ):
        with pytest.raises(OverQuota):
            attempt()
    assert store.usage(ANNA).messages == 2
    store.set_quota(ANNA, None)
    assert store.quota(ANNA) is None and store.deliver(ANNA, LETTER, NOW).uid == 2


def test_an_account_without_quota_is_not_counted(store: MailStore) -> None:
    statements: list[str] = []
    store.on_index_statement = statements.append
    store.deliver(ANNA, LETTER, NOW)
    assert statements and not any("SUM" in statement for statement in statements)


def test_listeners_hear_each_operation_once_and_in_the_order_they_came(store: MailStore) -> None:
    heard: list[str] = []
    inbox, sent = store.mailbox(ANNA), store.mailbox(ANNA, "Sent")
    stop = inbox.listen(lambda: heard.append("first"))
    inbox.listen(lambda: heard.append("second"))
    sent.listen(lambda: heard.append("sent"))

    def told(operation: object) -> list[str]:
        result = heard.copy()
        heard.clear()
        assert operation is not None
        return result

    assert told(store.deliver(ANNA, LETTER, NOW)) == ["first", "second"]
    assert told(store.append(ANNA, "INBOX", LETTER, (), NOW)) == ["first", "second"]
    assert told(inbox.claim_recent()) == ["first", "second"]
    assert told(inbox.set_flags(1, frozenset({"\\Seen"}))) == ["first", "second"]
    assert told(store.copy(inbox, (1, 2), sent, NOW)) == ["sent"]
    assert told(store.move(inbox, (1, 2), sent, NOW)) == ["sent", "first", "second"]
    stop()
    stop()
    store.deliver(ANNA, LETTER, NOW)
    assert told(inbox.expunge((3,))) == ["second", "second"]
    assert told(inbox.expunge((3,))) == []
    assert told(store.delete_mailbox(ANNA, "Sent")) == ["sent", "sent"]


def test_subscriptions_outlive_mailboxes(store: MailStore) -> None:
    assert store.subscriptions(ANNA) == ("Drafts", "Sent", "Trash")
    store.subscribe(ANNA, "inbox")
    store.subscribe(ANNA, "Nowhere")
    store.subscribe(ANNA, "Sent", wanted=False)
    store.subscribe(ANNA, "Never", wanted=False)
    store.delete_mailbox(ANNA, "Trash")
    assert store.subscriptions("Anna@example.org") == ("Drafts", "INBOX", "Nowhere", "Trash")


def test_passwords_are_kept_in_clear_only_where_a_challenge_needs_them(store: MailStore) -> None:
    assert store.accounts.password(ANNA) is None
    store.accounts.keeps_passwords = True
    store.add_account("boris@example.org", "geheim", NOW)
    heard: list[str] = []
    store.accounts.on_statement = heard.append
    assert store.accounts.password("Boris@example.org") == "geheim"
    assert store.accounts.authenticate("boris@example.org", "geheim")
    assert not any("geheim" in statement for statement in heard)


class Broken(Disk):
    """A disk on which no file can be renamed into a mailbox that is broken."""

    __slots__ = ()

    def rename(self, old: str, new: str) -> None:
        if "/.Trash/" in new:
            raise DiskError("input/output error")
        super().rename(old, new)


def test_a_move_that_the_disk_refuses_leaves_the_letter_where_it_was() -> None:
    store = MailStore("mail.example.org", disk=Broken())
    store.add_account(ANNA, "secret", NOW)
    store.deliver(ANNA, LETTER, NOW)
    with pytest.raises(DiskError):
        store.move(store.mailbox(ANNA), (1,), store.mailbox(ANNA, "Trash"), NOW)
    assert kept(store, "Trash") == [] and store.mailbox(ANNA).octets(1) == LETTER
