"""Accounts and aliases are asked by SQL that can be read, and no password or hash stands in it."""

from __future__ import annotations

import pytest

from simulator.mailstore.accounts import Accounts, hash_password, verify_password
from simulator.mailstore.failures import BadName, MailboxExists
from simulator.mailstore.store import MailStore
from simulator.protocol.sasl import derive

NOW = 1_795_486_339_000_000


@pytest.fixture
def heard() -> list[str]:
    return []


@pytest.fixture
def accounts(heard: list[str]) -> Accounts:
    made = Accounts("seed", heard.append)
    made.add_account("anna@example.org", "correct horse")
    made.add_account("boris@example.org", "пароль")
    made.add_alias("team@example.org", ("anna@example.org", "boris@example.org", "vera@example.net"))
    made.add_alias("all@example.org", ("team@example.org", "anna@example.org"))
    made.add_alias("@example.com", ("anna@example.org",))
    return made


def test_setting_up_is_no_look_up(accounts: Accounts, heard: list[str]) -> None:
    assert accounts.addresses() == ("anna@example.org", "boris@example.org")
    assert heard == []


def test_look_ups_are_heard_as_sqlite_ran_them(accounts: Accounts, heard: list[str]) -> None:
    assert accounts.is_local_domain("Example.ORG")
    assert accounts.has_account("Anna@example.org")
    assert accounts.alias("o'hara@example.org") == ()
    assert heard == [
        "SELECT 1 FROM domains WHERE name = 'example.org'",
        "SELECT address FROM accounts WHERE address = 'anna@example.org'",
        "SELECT target FROM aliases WHERE address = 'o''hara@example.org' ORDER BY position",
        "SELECT address FROM accounts WHERE address = 'o''hara@example.org'",
        "SELECT target FROM aliases WHERE address = '@example.org' ORDER BY position",
    ]


def test_no_password_or_hash_is_in_any_statement(accounts: Accounts, heard: list[str]) -> None:
    assert accounts.authenticate("anna@example.org", "correct horse")
    assert accounts.authenticate("BORIS@example.org", "пароль")
    assert not accounts.authenticate("anna@example.org", "wrong")
    assert not accounts.authenticate("nobody@example.org", "correct horse")
    assert heard[0] == "SELECT password FROM accounts WHERE address = 'anna@example.org'"
    assert len(heard) == 4
    for statement in heard:
        assert "horse" not in statement
        assert "SSHA256" not in statement
        assert "пароль" not in statement


def test_a_listener_that_fails_is_not_silenced() -> None:
    def fail(statement: str) -> None:
        raise ValueError(statement)

    accounts = Accounts("", fail)
    accounts.add_account("anna@example.org", "x")
    with pytest.raises(ValueError, match="SELECT"):
        accounts.has_account("anna@example.org")


def test_a_listener_may_come_late_and_go(accounts: Accounts, heard: list[str]) -> None:
    accounts.on_statement = None
    accounts.has_account("a@b")
    assert heard == []
    accounts.on_statement = heard.append
    accounts.has_account("a@b")
    assert len(heard) == 1


def test_an_alias_is_followed_to_its_ends(accounts: Accounts) -> None:
    expansion = accounts.expand("All@example.org")
    assert expansion.targets == ("anna@example.org", "boris@example.org", "vera@example.net")
    assert expansion.steps == (
        ("All@example.org", ("team@example.org", "anna@example.org")),
        ("team@example.org", ("anna@example.org", "boris@example.org", "vera@example.net")),
    )


def test_a_catch_all_takes_what_nothing_else_does(accounts: Accounts) -> None:
    assert accounts.expand("anybody@example.com").targets == ("anna@example.org",)
    accounts.add_account("carl@example.com", "x")
    assert accounts.expand("carl@example.com").targets == ("carl@example.com",)
    assert accounts.is_known("anybody@example.com")
    assert not accounts.is_known("anybody@example.org")


def test_aliases_in_a_circle_come_to_an_end() -> None:
    accounts = Accounts()
    accounts.add_alias("a@example.org", ("b@example.org",))
    accounts.add_alias("b@example.org", ("a@example.org", "c@example.org"))
    assert accounts.expand("a@example.org").targets == ("a@example.org", "c@example.org")


def test_doubles_and_nonsense_are_refused(accounts: Accounts) -> None:
    with pytest.raises(MailboxExists):
        accounts.add_account("ANNA@example.org", "x")
    with pytest.raises(MailboxExists):
        accounts.add_alias("team@example.org", ())
    for address in ("", "@", "a", "a@", "@b", "a\0@b", "a\n@b"):
        with pytest.raises(BadName):
            accounts.add_account(address, "x")


def test_a_hash_is_salted_by_name_and_the_same_in_every_run() -> None:
    stored = hash_password("x", "1:anna@example.org")
    assert stored.startswith("{SSHA256}")
    assert len(stored) == 9 + 56
    assert stored == hash_password("x", "1:anna@example.org") != hash_password("x", "2:anna@example.org")
    assert verify_password("x", stored)
    assert not verify_password("y", stored)


def test_the_index_is_heard_apart_from_the_accounts() -> None:
    look_ups: list[str] = []
    index: list[str] = []
    store = MailStore("mx", on_statement=look_ups.append, on_index_statement=index.append)
    store.add_account("anna@example.org", "x", NOW)
    store.deliver("anna@example.org", b"x", NOW)
    assert look_ups == []
    assert [statement.split(" ")[0] for statement in index] == ["SELECT", "UPDATE", "INSERT"]
    store.snapshot()
    assert len(index) == 3


def test_scram_keys_are_kept_only_where_asked_for() -> None:
    """RFC 7677, 3: the keys of the example's password prove what the example says; the salt is the account's own."""
    accounts = Accounts("7")
    accounts.add_account("a@alpha.test", "pencil")
    assert accounts.scram_keys("a@alpha.test") is None
    accounts.keeps_scram = True
    accounts.add_account("b@alpha.test", "pencil")
    salt, iterations, stored, server = accounts.scram_keys("B@alpha.test") or (b"", 0, b"", b"")
    assert (len(salt), iterations, len(stored), len(server)) == (16, 4096, 32, 32)
    keys = derive("pencil", salt)
    assert (keys.stored_key, keys.server_key) == (stored, server)
    assert accounts.scram_keys("nobody@alpha.test") is None
