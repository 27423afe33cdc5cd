"""Whatever two sessions do to one account, nothing is lost or doubled, and each client knows what it was told."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.mailstore.store import MailStore

from .loopback import BOB, NOW, PASSWORD, ImapSession, new_store

LOGIN = f'l LOGIN {BOB} "{PASSWORD}"'.replace('bob "pw\\', 'bob \\"pw\\\\')
COMMANDS = st.sampled_from(
    [
        "NOOP",
        "CHECK",
        "EXPUNGE",
        "FETCH 1:* (UID FLAGS)",
        "UID FETCH 1:* (FLAGS)",
        "FETCH 1 BODY[]",
        "STORE 1 +FLAGS (\\Deleted)",
        "STORE 1:* -FLAGS.SILENT (\\Deleted)",
        "UID STORE 1:* FLAGS (\\Seen kept)",
        "SEARCH ALL",
        "UID SEARCH UNSEEN",
        "COPY 1 Sent",
        "COPY 1:* INBOX",
        "MOVE 1 Trash",
        "UID MOVE 1:* INBOX",
        "UID EXPUNGE 2:3",
        "APPEND INBOX {3+}\r\nnew",
        "STATUS Sent (MESSAGES)",
        "IDLE",
        "CLOSE",
        "SELECT INBOX",
        "EXAMINE Sent",
        "SELECT Trash",
    ]
)
SILENT = ("FETCH", "STORE", "SEARCH")


class Client:
    """A client that believes what it is told: how many messages there are in what it has selected."""

    def __init__(self, store: MailStore) -> None:
        self.session = ImapSession(store, clear=False)
        self.session.take()
        self.selected = ""
        self.count = 0
        self.idling = False
        self.say(LOGIN.partition(" ")[2])
        self.say("SELECT INBOX")

    def say(self, command: str) -> str:
        """Say a command, or first DONE; give what came back."""
        if self.idling:
            self.idling = False
            self.session.receive(b"DONE\r\n")
            self.hear("IDLE")
        self.session.receive(f"t {command}\r\n".encode())
        verb = command.split()[1] if command.startswith("UID") else command.split()[0]
        said = self.hear(verb, named=command)
        self.idling = said.startswith("+ idling")
        return said

    def hear(self, verb: str, *, named: str = "") -> str:
        """Take what was said and count along."""
        said = self.session.take().decode()
        if verb in ("SELECT", "EXAMINE"):
            self.selected, self.count = named.partition(" ")[2], 0
        for line in said.split("\r\n"):
            found = re.fullmatch(r"\* (\d+) (EXISTS|EXPUNGE)", line)
            if found and found[2] == "EXISTS":
                assert int(found[1]) >= self.count, "EXISTS never takes messages away"
                self.count = int(found[1])
            elif found:
                assert 1 <= int(found[1]) <= self.count and (named.startswith("UID") or verb not in SILENT)
                self.count -= 1
        if verb == "CLOSE":
            self.selected, self.count = "", 0
        return said


def uids(store: MailStore, name: str) -> list[int]:
    return [uid for uid, _, _ in store.snapshot()[BOB][name]]


@given(script=st.lists(st.tuples(st.booleans(), COMMANDS), max_size=25))
@settings(max_examples=120, deadline=None)
def test_each_client_knows_what_it_was_told(script: list[tuple[bool, str]]) -> None:
    store = new_store()
    for number in range(3):
        store.deliver(BOB, b"%d\r\n" % number, NOW)
    clients = (Client(store), Client(store))
    for second, command in script:
        clients[second].say(command)
        for client in clients:
            client.session.push()
            client.hear("PUSH")
    for client in clients:
        client.say("NOOP")
        if client.selected:
            assert client.count == len(uids(store, client.selected))
            shown = re.findall(r"\* \d+ FETCH \(UID (\d+)\)", client.say("FETCH 1:* UID"))
            assert [int(uid) for uid in shown] == uids(store, client.selected)


@given(script=st.lists(st.tuples(st.booleans(), COMMANDS), max_size=25))
@settings(max_examples=120, deadline=None)
def test_letters_are_kept_unless_somebody_removes_them(script: list[tuple[bool, str]]) -> None:
    store = new_store()
    letters = [b"%d\r\n" % number for number in range(3)]
    for letter in letters:
        store.deliver(BOB, letter, NOW)
    clients = (Client(store), Client(store))
    added: Counter[bytes] = Counter(letters)
    for second, command in script:
        if "EXPUNGE" in command or command in ("CLOSE",) or command.startswith("COPY"):
            continue  # what removes, and what doubles by design
        answer = clients[second].say(command)
        added[b"new"] += command.startswith("APPEND") and "APPENDUID" in answer
    held: Counter[bytes] = Counter()
    for name, _ in store.list_mailboxes(BOB):
        view = store.mailbox(BOB, name)
        held.update(message.octets() for message in view.messages())
        assert uids(store, name) == sorted(set(uids(store, name))) and all(
            uid < view.uid_next for uid in uids(store, name)
        )
    assert held == +added
    assert sorted(octets for _, octets in store.disk.files()) == sorted(held.elements())
