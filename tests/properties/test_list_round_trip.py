"""What is exported imports again to the same."""

from __future__ import annotations

import io
import string
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.operations.export_list import export_list
from dialer.operations.import_list import ImportOptions, import_list
from dialer.ports.store import NewLead, SaveLeads
from dialer.storage.memory import MemoryStore
from lists import normalise
from lists.dedupe import Duplicates, Policy
from lists.lead import NO_DETAILS, Details, Lead, PhoneNumber
from lists.phone import parse_phone


def number(n: int, use: str, extension: str) -> PhoneNumber:
    phone = parse_phone(f"+1212555{n:04d}")
    assert isinstance(phone, PhoneNumber)
    return replace(phone, use=use, extension=extension)


TEXT = st.text(st.sampled_from(string.printable + "'=+-@äщ—"), max_size=12).map(normalise.cell)
WORD = TEXT.filter(lambda text: "," not in text)
PHONES = st.lists(
    st.builds(
        number, st.integers(100, 199), st.sampled_from(("", "mobile", "home", "work", "other")),
        st.sampled_from(("", "7", "42")),
    ),
    min_size=1, max_size=3, unique_by=lambda phone: phone.e164,
)  # fmt: skip
NAMES = st.sampled_from(
    ("plan", "mobile", "Rank", "lead_id", "own x", "reject_row", "phone2_type", "=1+1", "External ID", "own plan")
)
DETAILS = st.builds(
    Details, TEXT, TEXT, TEXT, st.sampled_from(("", "uk", "pt-BR")), TEXT, st.sampled_from((None, 0, -3, 12))
).map(lambda details: NO_DETAILS if details == NO_DETAILS else details)
LEADS = st.builds(
    NewLead, PHONES.map(tuple), WORD, WORD, TEXT,
    st.lists(st.tuples(NAMES, TEXT.filter(bool)), max_size=3, unique_by=lambda field: field[0].lower()).map(tuple),
    TEXT, TEXT, st.sampled_from(("", "US")), details=DETAILS, source=TEXT,
    as_of=st.sampled_from(("", "2026-02-03")),
)  # fmt: skip


def told(lead: Lead) -> tuple[object, ...]:
    filled = sorted((name, text) for name, text in lead.fields if text)
    phones = [(phone.e164, phone.use, phone.extension) for phone in lead.phones]  # a country may narrow zones
    return replace(lead, lead_id=0, list_name="", fields=(), phones=()), filled, phones


@settings(max_examples=25)
@given(st.lists(LEADS, min_size=1, max_size=4))
def test_what_is_exported_imports_again_to_the_same(leads: list[NewLead]) -> None:
    store, again = MemoryStore(), MemoryStore()
    store.write(SaveLeads("people", tuple(leads), "", "", 5.0))
    out = io.StringIO(newline="")
    export_list(store, "people", out)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "people.csv"
        file.write_text(out.getvalue(), encoding="utf-8", newline="")
        options = ImportOptions(list_name="people", duplicates=Duplicates(policy=Policy.KEEP))
        import_list(file, options, write=again.write, reader=again, now=1.8e9, clock=lambda: 0.0)
    assert list(map(told, again.leads("people"))) == list(map(told, store.leads("people")))
