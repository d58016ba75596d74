from __future__ import annotations

import pytest

from dialer.errors import InputError, UnknownName
from dialer.operations.known_client import known_client, name_of, new_list_name
from dialer.settings import ClientSettings, Settings

SETTINGS = Settings(clients=(ClientSettings("acme", "Acme"), ClientSettings("zoo", "Zoo")))


def test_the_house_and_configured_clients_are_known() -> None:
    assert [known_client(SETTINGS, client) for client in ("", "acme")] == ["", "acme"]
    with pytest.raises(UnknownName, match='did you mean "acme"'):
        known_client(SETTINGS, "acne")
    with pytest.raises(UnknownName, match="describe it in"):
        known_client(Settings(), "acme")


@pytest.mark.parametrize(
    ("client", "name", "full"),
    [
        (None, "spring", "spring"),
        (None, "acme/spring", "acme/spring"),
        ("acme", "spring", "acme/spring"),
        ("acme", "acme/spring", "acme/spring"),
        ("", "spring", "spring"),
    ],
)
def test_a_name_with_and_without_its_client(client: str | None, name: str, full: str) -> None:
    assert name_of(client, name) == full


@pytest.mark.parametrize(("client", "name"), [("zoo", "acme/spring"), ("", "acme/spring"), ("a b", "spring")])
def test_a_name_and_a_client_that_contradict_each_other(client: str, name: str) -> None:
    with pytest.raises(InputError, match="--client"):
        name_of(client, name)


@pytest.mark.parametrize("name", ["people", "acme/people", "people of 2026"])
def test_lists_that_may_be_made(name: str) -> None:
    assert new_list_name(SETTINGS, name) == name


@pytest.mark.parametrize("name", ["acme/", "/people", "acme/x/y", "a b/people", "/"])
def test_a_slash_stands_between_client_and_list_alone(name: str) -> None:
    with pytest.raises(InputError, match="a slash stands between"):
        new_list_name(SETTINGS, name)


def test_a_list_of_a_client_that_nobody_knows() -> None:
    with pytest.raises(UnknownName, match="client"):
        new_list_name(SETTINGS, "other/people")
