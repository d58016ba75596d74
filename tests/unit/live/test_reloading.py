from __future__ import annotations

from dataclasses import fields, replace

from dialer.live.reloading import AT_ONCE, AT_RESTART, compare
from dialer.settings import Address, AgentSettings, Settings, TrunkSettings

OLD = Settings(trunks=(TrunkSettings("main", "192.0.2.1"),))


def test_what_can_take_effect_does_and_the_rest_is_named() -> None:
    read = replace(
        OLD,
        trunks=(TrunkSettings("main", "192.0.2.1", channels=60),),
        agents=(AgentSettings("ana", "Ana"),),
        log_level="debug",
        sip_listen=Address("192.0.2.9", 5060),
        media_ports=(30_000, 30_999),
        timezone="Europe/Berlin",
    )
    in_force, answer = compare(OLD, read)
    assert answer.changed == ["trunk", "agent", "log.level"]
    assert answer.needs_restart == ["sip.listen", "media.ports", "service.timezone"]
    assert in_force.trunks == read.trunks
    assert in_force.sip_listen == OLD.sip_listen


def test_what_takes_a_restart_is_named_until_there_was_one() -> None:
    read = replace(OLD, sip_listen=Address("192.0.2.9", 5060))
    in_force, first = compare(OLD, read)
    _, second = compare(in_force, read)
    assert first.needs_restart == second.needs_restart == ["sip.listen"]
    assert compare(in_force, OLD)[1].needs_restart == []


def test_every_setting_is_one_or_the_other() -> None:
    assert {field.name for field in fields(Settings)} == AT_ONCE.keys() | AT_RESTART.keys()
    assert not AT_ONCE.keys() & AT_RESTART.keys()
