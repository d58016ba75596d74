"""Users, tokens, and the log of changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialer.ports.access import TOKENS_KEPT_S, Actor, Change, StoredToken, StoredUser
from dialer.ports.store import Done, RemoveUser, RevokeToken, SaveChange, SaveToken, SaveUser
from dialer.storage.errors import UnknownToken, UnknownUser, WriteConflict
from tests.contract.storage_values import NOW
from tests.contract.stores import Store

ANA = StoredUser("ana", "manager", "", "$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA", NOW)
BO = StoredUser("bo", "supervisor", "acme", "$argon2id$other", NOW + 1)
CRM = StoredToken("t1", "crm", "manager", "acme", ("leads.edit", "floor.read"), "ab" * 32, NOW, NOW + 3600.0)
LOGIN = StoredToken("t0", "ana's console", "manager", "", (), "cd" * 32, NOW, user="ana")


def test_users_come_back_as_they_were_by_name(store: Store) -> None:
    assert store.write(SaveUser(BO)) == Done()
    store.write(SaveUser(ANA))
    assert list(store.reader.users()) == [ANA, BO]
    assert [store.reader.user("bo"), store.reader.user("cy")] == [BO, None]
    changed = replace(ANA, role="admin", password_hash="$argon2id$new", added_at=NOW + 9)
    store.write(SaveUser(changed))
    assert list(store.reader.users()) == [changed, BO]


def test_a_user_who_is_removed_is_out_at_once(store: Store) -> None:
    store.write(SaveUser(ANA))
    revoked = replace(LOGIN, token_id="t2", revoked_at=NOW + 1)
    for token in (LOGIN, CRM, revoked):
        store.write(SaveToken(token))
    assert store.write(RemoveUser("ana", NOW + 5)) == Done()
    assert list(store.reader.users()) == []
    assert list(store.reader.tokens()) == [replace(LOGIN, revoked_at=NOW + 5), CRM, revoked]
    with pytest.raises(UnknownUser, match="'ana'"):
        store.write(RemoveUser("ana", NOW + 6))


def test_tokens_come_back_as_they_were_in_the_order_they_were_made(store: Store) -> None:
    late = replace(CRM, token_id="a9", created_at=NOW + 1, expires_at=None)
    for token in (late, CRM, LOGIN):
        assert store.write(SaveToken(token)) == Done()
    assert list(store.reader.tokens()) == [LOGIN, CRM, late]
    assert [store.reader.token("t1"), store.reader.token("t9")] == [CRM, None]
    with pytest.raises(WriteConflict):
        store.write(SaveToken(replace(CRM, name="another")))
    assert store.reader.token("t1") == CRM


def test_whether_a_token_holds() -> None:
    assert CRM.expires_at is not None
    assert [CRM.state(at) for at in (CRM.expires_at - 1, CRM.expires_at)] == ["holds", "expired"]
    assert replace(CRM, expires_at=None).state(NOW + 1e9) == "holds"
    assert replace(CRM, revoked_at=NOW).state(CRM.expires_at + 1) == "revoked"


def test_tokens_that_are_long_over_go_when_the_next_one_is_made(store: Store) -> None:
    over = NOW + 10
    expired = replace(CRM, token_id="t2", expires_at=over)
    revoked = replace(CRM, token_id="t3", expires_at=None, revoked_at=over)
    for token in (replace(CRM, expires_at=None), expired, revoked):
        store.write(SaveToken(token))
    store.write(SaveToken(replace(CRM, token_id="t4", created_at=over + TOKENS_KEPT_S, expires_at=None)))
    assert [token.token_id for token in store.reader.tokens()] == ["t1", "t2", "t3", "t4"], "not before 30 days"
    store.write(SaveToken(replace(CRM, token_id="t5", created_at=over + TOKENS_KEPT_S + 1, expires_at=None)))
    assert [token.token_id for token in store.reader.tokens()] == ["t1", "t4", "t5"]


def test_a_token_is_revoked_once(store: Store) -> None:
    store.write(SaveToken(CRM))
    assert store.write(RevokeToken("t1", NOW + 5)) == Done()
    store.write(RevokeToken("t1", NOW + 9))
    assert store.reader.token("t1") == replace(CRM, revoked_at=NOW + 5)
    with pytest.raises(UnknownToken, match="'t9'"):
        store.write(RevokeToken("t9", NOW))


def test_the_log_is_read_newest_first_by_period_and_client(store: Store) -> None:
    ana = Actor("user:ana", "manager", "", "api")
    changes = [
        ana.change(NOW, "list.import", "people", rows="12"),
        ana.change(NOW + 5, "campaign.start", "acme/spring", "acme"),
        ana.change(NOW + 5, "campaign.pause", "acme/spring", "acme", reason="Mittag – später"),
        Change(NOW + 3, "service", "admin", "service", "", "campaign.finish", "c"),
    ]
    for change in changes:
        assert store.write(SaveChange(change)) == Done()
    first, start, pause, finish = changes

    def read(**asked: object) -> list[Change]:
        return [one.change for one in store.reader.changes(**asked)]  # type: ignore[arg-type]

    assert read() == [pause, start, finish, first]
    assert read(since=NOW + 3, until=NOW + 5) == [finish]
    assert read(client="acme") == [pause, start]
    assert read(client="") == [finish, first]
    assert read(client="zeta") == []
    assert read(limit=1) == [pause]
    numbered = store.reader.changes()
    assert [one.change_id for one in numbered] == [3, 2, 4, 1]
