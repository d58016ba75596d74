"""Permits for a regulator: what the file holds is enough to read it, and to verify the chain."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest

from dialer.cli import main
from dialer.errors import ANSWER_IS_NO, DONE, WRONG_INPUT
from tests.integration.test_audit_planted import Books, books, dialed  # noqa: F401 - fixtures


def export(home: Path, *more: str) -> tuple[int, zipfile.ZipFile]:
    file = home / "reports" / "permits.zip"
    status = main(["audit", *more, "--export", str(file), "--home", str(home)])
    return status, zipfile.ZipFile(file)


def table(archive: zipfile.ZipFile, name: str = "permits.csv") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(archive.read(name).decode(), newline="")))


def test_everything_to_judge_an_attempt_by_is_in_it(books: Books) -> None:  # noqa: F811
    status, archive = export(books.home, "planted")
    rows = table(archive)
    (stored,) = books.database.execute("SELECT count(*) FROM attempts").fetchone()
    assert (status, len(rows)) == (DONE, stored)
    row = rows[0]
    assert row["rules"] == "us-federal-telemarketing"
    assert "47 CFR 64.1200" in row["citations"]
    assert row["local_time"].startswith("2026-11-23T")
    assert "America/" in row["local_time"]
    assert "per_number_day: 0 of 2 used before" in row["counters"]
    assert row["audit"] == ""
    names = set(archive.namelist())
    assert {"HOW-TO-READ.txt", "permits.csv", "permits.jsonl", "chain.csv", "audit.json"} <= names
    for one in rows:
        assert f"rules/{one['rule_texts']}" in names
        assert f"campaigns/{one['campaign_text'][:12]}.toml" in names
        assert f"walls/{one['walls'][:12]}.json" in names
    body = archive.read(f"campaigns/{row['campaign_text'][:12]}.toml")
    assert hashlib.sha256(body).hexdigest() == row["campaign_text"]
    explained = archive.read("HOW-TO-READ.txt").decode()
    for column in row:
        assert column in explained or column in {"attempt", "campaign", "country", "number_kind", "lead", "trunk",
                                                 "caller_id", "disposition", "answered", "talk_s"}  # fmt: skip
    lines = [json.loads(line) for line in archive.read("permits.jsonl").decode().splitlines()]
    assert [str(line["attempt"]) for line in lines] == [one["attempt"] for one in rows]


def test_numbers_are_masked_unless_they_are_asked_for(books: Books) -> None:  # noqa: F811
    with_findings = books.victim()
    number = books.one("SELECT number FROM attempts WHERE attempt_id = ?", with_findings)
    books.change("UPDATE attempts SET number = '+12025550188' WHERE attempt_id = ?", with_findings)
    status, archive = export(books.home, "planted")
    assert status == ANSWER_IS_NO
    everything = b"".join(archive.read(name) for name in archive.namelist() if not name.startswith("campaigns/"))
    numbers = [one for (one,) in books.database.execute("SELECT number FROM attempts")]
    assert numbers
    for one in (*numbers, number):
        assert one.encode() not in everything
    status, archive = export(books.home, "planted", "--full-numbers")
    assert sorted(row["number"] for row in table(archive)) == sorted(numbers)
    assert [row["audit"] != "" for row in table(archive) if row["attempt"] == str(with_findings)] == [True]


def test_with_full_numbers_the_chain_can_be_verified_from_the_file_alone(books: Books) -> None:  # noqa: F811
    _, archive = export(books.home, "planted", "--full-numbers")
    before = hashlib.sha256(bytes(16)).digest()
    for row in table(archive, "chain.csv"):
        numbers = int(row["attempt"]).to_bytes(8, "big") + int(row["place"]).to_bytes(8, "big")
        before = hashlib.sha256(before + bytes.fromhex(row["digest"]) + numbers).digest()
        assert before.hex() == row["link"]
    lines = [json.loads(line) for line in archive.read("permits.jsonl").decode().splitlines()]
    for line in lines:
        permit = line["permit"]
        assert (
            hashlib.sha256(bytes.fromhex(permit["salt"]) + permit["text"].encode()).hexdigest() == line["digest"]
        )
    assert len(lines) == len(table(archive, "chain.csv"))


def test_by_period_and_by_number(books: Books) -> None:  # noqa: F811
    victim = books.victim()
    number = books.one("SELECT number FROM attempts WHERE attempt_id = ?", victim)
    _, archive = export(books.home, "--number", number)
    assert [row["attempt"] for row in table(archive)] == [str(victim)]
    _, archive = export(books.home, "planted", "--from", "2026-11-23T15:05:00Z", "--to", "2026-11-23T15:06:00Z")
    rows = table(archive)
    assert 0 < len(rows) < 40
    assert all("2026-11-23T15:05:00" <= row["saved_at_utc"] < "2026-11-23T15:06:01" for row in rows)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name a campaign"),
        (["planted", "--head"], "leave the campaign out"),
        (["planted", "--number", "12"], "international"),
        (["planted", "--from", "2026-11-24", "--to", "2026-11-23"], "ends before it begins"),
        (["planted", "--export", "/nowhere/permits.zip"], "cannot be written"),
    ],
)
def test_what_is_asked_wrongly(
    dialed: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str  # noqa: F811
) -> None:  # fmt: skip
    assert main(["audit", *arguments, "--home", str(dialed)]) == WRONG_INPUT
    assert said in capsys.readouterr().err
