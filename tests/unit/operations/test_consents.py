from __future__ import annotations

from pathlib import Path

import pytest

from campaigns.consent import Consent
from dialer.errors import InputError
from dialer.operations.consents import make_consent, read_consents, read_moment, refuse_bad_rows
from tests.unit.campaigns.samples import utc


def test_a_file_of_consents(tmp_path: Path) -> None:
    file = tmp_path / "agreed.csv"
    file.write_text(
        "Number,given_at,source,kind,purpose,expires_at,evidence,colour\n"
        "01 23 45 67 89,2026-11-01,web form,,,,,\n"
        "+33123456789,2026-11-02T10:00+01:00,letter,prerecorded,sales,2027-11-02,page 3,\n"
        "12,2026-11-01,web form,,,,,\n"
        "+33123456789,yesterday,web form,,,,,\n"
    )
    good, bad = read_consents(file, "FR")
    assert good == (
        Consent("+33123456789", "call", "", utc("2026-11-01T00:00"), None, "web form"),
        Consent(
            "+33123456789", "prerecorded", "sales", utc("2026-11-02T09:00"), utc("2027-11-02T00:00"), "letter",
            "page 3",
        ),
    )  # fmt: skip
    assert [one.line for one in bad] == [4, 5]
    assert "'yesterday' is no date or moment" in bad[1].text
    with pytest.raises(InputError, match=r"line 4: (?s:.*)line 5: (?s:.*)nothing was imported"):
        refuse_bad_rows(file, bad)
    refuse_bad_rows(file, ())


def test_a_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "agreed.csv"
    file.write_text("number,given_at\n")
    with pytest.raises(InputError, match="line 1: there is no column source; known: number, kind"):
        read_consents(file)
    with pytest.raises(InputError, match="cannot be read"):
        read_consents(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"kind": "letter"}, "kind: 'letter' is none; write one of call, prerecorded"),
        ({"purpose": "fun"}, "purpose: 'fun' is none; write one of sales, debt"),
        ({"expires_at": 5.0}, "ends before it is given"),
        ({"source": ""}, "say where the consent comes from"),
    ],
)
def test_a_consent_that_makes_no_sense(change: dict[str, object], complaint: str) -> None:
    parts: dict[str, object] = {"kind": "call", "purpose": "", "given_at": 9.0, "expires_at": None, "source": "x"}
    with pytest.raises(InputError, match=complaint):
        make_consent("+33123456789", evidence="", **(parts | change))  # type: ignore[arg-type]


def test_a_date_begins_in_utc() -> None:
    assert read_moment("2026-11-30", "when") == utc("2026-11-30T00:00")
