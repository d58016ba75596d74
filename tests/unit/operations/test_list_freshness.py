"""A list's freshness from stored calls: the document, the words, the page, the warning at an import."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from dialer.api.freshness import FreshnessAnswer
from dialer.errors import InputError, UnknownName
from dialer.operations.freshness_page import write_page
from dialer.operations.freshness_words import (
    comparison_words,
    document_of,
    due_words,
    threshold_words,
    warnings,
)
from dialer.operations.import_list import ImportOptions
from dialer.operations.list_freshness import THIS_DELIVERY, Freshness, list_freshness
from dialer.operations.source_history import source_history, source_warning
from dialer.ports.store import CloseAttempt, NewLead, PlaceLeads, SaveCampaign, SaveLeads
from dialer.storage.memory import MemoryStore
from lists.freshness.delivery import Score
from lists.freshness.outlook import Due
from lists.freshness.standing import State
from lists.freshness.tally import tally
from lists.lead import NumberKind, PhoneNumber, ZoneSource
from tests.contract.storage_values import record_for, save_attempt, update_for
from tests.unit.operations.scene import BODY

DAY_S = 86_400.0
TODAY = datetime(2026, 11, 30, tzinfo=UTC).timestamp()
LISTS = {"march": ("2026-01-10", 60, 700.0), "june": ("2026-04-20", 60, 700.0), "autumn": ("2026-08-01", 80, 60.0)}
"""Lists of one seller: the date of their data, how many of their numbers are called, their half-life."""


def store_of(
    source: str = "DataHouse", lists: dict[str, tuple[str, int, float]] | None = None, *, by_row: bool = False
) -> MemoryStore:
    """Numbers are called ninety days after their date; those that work answer. `by_row`: each row says its source,
    and the import said none."""
    store, random, attempt_id, lead_id = MemoryStore(), np.random.default_rng(4), 0, 0
    for name, (as_of, called, half_life_d) in (LISTS if lists is None else lists).items():
        midnight = datetime.fromisoformat(f"{as_of}T00:00:00+00:00").timestamp()
        own = (source, as_of) if by_row else ("", "")
        leads = tuple(
            NewLead((number(lead_id + place),), source=own[0], as_of=own[1]) for place in range(1, called + 21)
        )
        store.write(SaveLeads(name, leads, "" if by_row else source, as_of, midnight + DAY_S))
        body = BODY.replace('"spring"', f'"c-{name}"').replace('"people"', f'"{name}"')
        store.write(SaveCampaign(f"c-{name}", body, (name,), "oldest", midnight))
        store.write(PlaceLeads(f"c-{name}", 1_000))
        for place in range(1, called + 1):
            attempt_id += 1
            at = midnight + (80 + place % 20) * DAY_S
            save = save_attempt(
                attempt_id, lead_id + place, number(lead_id + place).e164, campaign=f"c-{name}", at=at
            )
            store.write(save)
            dead = random.exponential() * half_life_d / np.log(2) < 80 + place % 20
            stranger = place % 25 == 0
            said: dict[str, object] = {"live": True, "rpc": not stranger}
            said["disposition"] = "wrong_number" if stranger else "sale"
            record = record_for(save, "invalid") if dead else record_for(save, "connected", **said)
            store.write(CloseAttempt(record, update_for(lead_id + place, campaign=f"c-{name}"), None))
        lead_id += called + 20
    return store


def number(place: int) -> PhoneNumber:
    return PhoneNumber(f"+1212555{place:04d}", "US", NumberKind.FIXED, ("America/New_York",), ZoneSource.NUMBER)


@pytest.fixture(scope="module")
def autumn() -> Freshness:
    return list_freshness(store_of(), "autumn", TODAY)


def test_the_document_says_what_calls_have_shown(autumn: Freshness) -> None:
    found = autumn.as_dict()
    assert (found["list"], found["numbers"], found["called"], found["not_called"]) == ("autumn", 100, 80, 20)
    dead, alive = found["dead"], found["confirmed_alive"]
    assert isinstance(dead, dict)
    assert isinstance(alive, dict)
    assert dead["count"] + alive["count"] + found["wrong_person"]["count"] == dead["of"] == 80  # type: ignore[index]
    assert dead["low"] < dead["share"] < dead["high"]
    assert list(found["alive"]) == ["today", "in_30_days", "in_90_days", "in_180_days"]  # type: ignore[call-overload]
    assert [one["estimate"] for one in found["alive"].values()] == sorted(  # type: ignore[attr-defined]
        (one["estimate"] for one in found["alive"].values()),  # type: ignore[attr-defined]
        reverse=True,
    )
    assert found["verify_on"] == {"date": "2026-11-30", "earliest": "2026-11-30", "latest": "2026-11-30"}


def test_the_control_api_answers_with_the_same_document(autumn: Freshness) -> None:
    document = document_of(autumn)
    assert FreshnessAnswer.model_validate(document).model_dump(by_alias=True) == document


def test_a_bad_delivery_is_told_and_goes_by_its_own_law(autumn: Freshness) -> None:
    ((source, (dead, _)),) = autumn.deliveries
    assert (source, dead.score, dead.others) == ("DataHouse", Score.WORSE, 2)
    assert [law.source for law in autumn.sources] == ["DataHouse" + THIS_DELIVERY]
    good = list_freshness(store_of(), "june", TODAY)
    assert [law.source for law in good.sources] == ["DataHouse"]
    assert good.sources[0].half_life.middle > 2 * autumn.sources[0].half_life.middle
    assert "worse than usual" in comparison_words(source, dead)
    assert any(one.startswith("talk to the seller") for one in warnings(autumn))
    assert {name: one.called for name, one in autumn.beside.items()} == {"autumn": 80, "june": 60, "march": 60}
    assert autumn.beside["autumn"] == tally(one for one in autumn.standings if one.state is not State.UNCALLED)


def test_the_page_needs_nothing_from_anywhere(autumn: Freshness) -> None:
    out = io.StringIO()
    write_page(autumn, out)
    page = out.getvalue()
    assert not re.search(r"(src|href|url\(|@import|<script)", page)
    drawing = ET.fromstring(page[page.index("<svg") : page.index("</svg>") + len("</svg>")])
    assert {len(line.get("points", "").split()) for line in drawing.iter("polyline")} == {80}
    assert len(list(drawing.iter("circle"))) >= 2  # what was counted: some groups of at least 30 calls
    assert "nan" not in page
    assert due_words(autumn, autumn.verify) == "now"


def test_names_of_sources_are_no_markup() -> None:
    found = list_freshness(store_of("<b>&", {"a": ("2026-04-20", 5, 100.0)}), "a", TODAY)
    out = io.StringIO()
    write_page(found, out)
    assert "<b>&" not in out.getvalue()
    assert "<h2>source &lt;b&gt;&amp;</h2>" in out.getvalue()


def test_a_list_that_nobody_has_called() -> None:
    found = list_freshness(store_of(lists={"new": ("2026-11-01", 0, 500.0)}), "new", TODAY)
    assert found.told == 0
    assert any("no call has told anything" in one for one in warnings(found))
    assert found.alive[0][1].low < 0.9 < found.alive[0][1].high
    ((source, (dead, _)),) = found.deliveries
    assert comparison_words(source, dead) == ("source DataHouse: no numbers called yet, so nothing to compare")
    due = Due(30.0, 7.0, None)
    assert threshold_words(found, due, 0.8) == (
        "2026-12-30 (2026-12-07 to later than in ten years), when fewer than 80% are alive"
    )
    assert threshold_words(found, Due(0.0, 0.0, 3.0), 0.5) == "now: fewer than 50% are alive"


def test_a_source_that_nobody_has_called_beside_others() -> None:
    """Its figures are other sources'."""
    store = store_of()
    store.write(SaveLeads("new", (NewLead((number(9_000),)),), "Fresh&Co", "2026-11-01", TODAY))
    found = list_freshness(store, "new", TODAY)
    assert found.told
    assert [one for one in warnings(found) if "source Fresh&Co yet" in one and "other sources" in one]


def test_names_of_sources_are_as_they_were_given(autumn: Freshness) -> None:
    out = io.StringIO()
    write_page(autumn, out)
    assert "<h2>source DataHouse (this delivery)</h2>" in out.getvalue()


def test_an_empty_list() -> None:
    store = MemoryStore()
    store.write(SaveLeads("none", (), "DataHouse", "2026-08-01", TODAY))
    found = list_freshness(store, "none", TODAY)
    assert (found.sources, found.alive[0][1].high, due_words(found, found.verify)) == ((), 0.0, "now")


def test_the_lists_of_other_clients_do_not_count() -> None:
    store = store_of()
    store.write(SaveLeads("acme/own", (NewLead((number(9_000),)),), "DataHouse", "2026-08-01", TODAY))
    found = list_freshness(store, "acme/own", TODAY)
    assert found.told == 0
    assert source_history(store, "acme/next", "DataHouse", "2026-09-01", TODAY) is None


def test_wrong_names_and_shares() -> None:
    store = store_of(lists={})
    with pytest.raises(UnknownName):
        list_freshness(store, "nope", TODAY)
    with pytest.raises(InputError, match=r"--verify-below: 80 is no share"):
        list_freshness(store, "nope", TODAY, verify_at=80)


@pytest.mark.parametrize(
    ("source", "as_of", "says"),
    [
        ("DataHouse", "2026-09-01", lambda text: text is not None and "list autumn, 80 called" in text),
        ("DataHouse", "", lambda text: text is not None and "of the numbers of source DataHouse" in text),
        ("DataHouse", "2021-09-01", lambda text: text is None),  # of that age nobody has called any
        ("another", "2026-09-01", lambda text: text is None),
        ("", "2026-09-01", lambda text: text is None),
    ],
)
def test_an_import_is_warned_of_the_last_one(source: str, as_of: str, says: Callable[[str | None], bool]) -> None:
    assert says(source_history(store_of(), "next", source, as_of, TODAY))


def test_rows_may_have_said_the_source_of_the_last_one() -> None:
    told = source_history(store_of(by_row=True), "next", "DataHouse", "2026-09-01", TODAY)
    assert told is not None
    assert "list autumn, 80 called" in told
    assert source_history(store_of(by_row=True), "next", "another", "2026-09-01", TODAY) is None


@pytest.mark.parametrize(("as_of", "dates", "told"), [("01/09/2026", "dmy", True), ("01/09/2026", "", False)])
def test_dates_are_read_as_the_import_reads_them(as_of: str, dates: str, *, told: bool) -> None:
    options = ImportOptions(list_name="next", source="DataHouse", as_of=as_of, dates=dates)
    assert ("of this age" in source_warning(store_of(), options, TODAY)) is told


def test_a_source_that_was_good_is_not_warned_of() -> None:
    good = {"march": LISTS["march"], "june": ("2026-04-20", 60, 9_000.0)}
    assert source_history(store_of(lists=good), "next", "DataHouse", "2026-09-01", TODAY) is None
