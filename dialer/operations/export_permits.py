"""Permits for whoever asks by what right somebody was called: a regulator, a court, the person.

One ZIP file: a table with a line for each attempt, the same as JSON, the texts of the rules, campaigns and walls
they name, the chain of permits, what the audit found, and how to read all of it."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import IO, Any

from campaigns.campaign import source_hash_of
from campaigns.errors import RuleSetError
from campaigns.toml_rules import parse_rule_set
from dialer.log import mask
from dialer.operations.moments import iso
from dialer.operations.open_campaign import read_campaign
from dialer.operations.run_audit import AuditReport
from dialer.ports.store import Reader, StoredAttempt
from lists.spreadsheet import harmless

COLUMNS = (
    "attempt", "campaign", "number", "country", "number_kind", "lead", "dialed_at_utc", "local_time",
    "zone_source", "zone_data", "permitted_at_utc", "saved_at_utc", "window_closes_at_utc", "trunk", "caller_id",
    "basis", "rules", "rule_texts", "citations", "campaign_text", "walls", "counters", "dnc_version", "further",
    "outcome", "disposition", "answered", "talk_s", "recorded_by", "place_in_chain", "digest", "link", "permit",
    "audit",
)  # fmt: skip
_OWN_COLUMNS = frozenset(
    {"at", "number", "region", "kind", "lead_id", "campaign", "campaign_hash", "zones", "zone_source", "zone_data"}
    | {"window_closes_at", "trunk", "caller_id", "basis", "rule_set", "rule_set_hash", "rule_parts", "walls"}
    | {"counters", "dnc_version"}
)
"""Fields of a permit that have a column; the others are in `further`."""


_READ_ME = "HOW-TO-READ.txt"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which attempts: of `campaigns`, created in [`since`, `until`) (seconds UTC), on `number` ("" for any).
    `full`: with numbers in full and permits as they were sealed; else numbers are masked."""

    campaigns: tuple[str, ...]
    since: float = 0.0
    until: float = float("inf")
    number: str = ""
    full: bool = False

    def has(self, attempt: StoredAttempt) -> bool:
        return self.since <= attempt.created_at < self.until and self.number in ("", attempt.number)


def campaigns_that_called(reader: Reader, number: str) -> tuple[str, ...]:
    """Every campaign that has an attempt on the number."""
    return tuple(sorted({attempt.campaign for attempt in reader.attempts_on([number])}))


def export_permits(reader: Reader, choice: Choice, reports: Sequence[AuditReport], path: Path) -> int:
    """Write the file; how many attempts are in it. `reports`: the audits of these campaigns. The file stands
    under its name once it is whole. Raises `UnknownName`, `OSError`."""
    for name in choice.campaigns:
        read_campaign(reader, name)
    unfinished = path.with_name(f"{path.name}.part")
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
            count = _fill(archive, reader, choice, reports)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return count


def _fill(archive: zipfile.ZipFile, reader: Reader, choice: Choice, reports: Sequence[AuditReport]) -> int:
    archive.writestr(
        _READ_ME, resources.files("dialer.operations").joinpath("exported", _READ_ME).read_text("utf-8")
    )
    found: dict[int, list[str]] = {}
    for report in reports:
        for one in report.findings:
            found.setdefault(one.violation.attempt_id, []).append(f"{one.violation.code}: {one.violation.text}")
    texts = _Texts(reader)
    count = 0
    with _text_in(archive, "permits.csv") as out:
        table = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
        table.writeheader()
        for attempt in _chosen(reader, choice):
            table.writerow(
                {name: _cell(value) for name, value in _row(attempt, texts, found, choice.full).items()}
            )
            count += 1
    with _text_in(archive, "permits.jsonl") as out:
        for attempt in _chosen(reader, choice):
            out.write(json.dumps(_row(attempt, texts, found, choice.full), ensure_ascii=False) + "\n")
    for folder, name, body in texts.named():
        archive.writestr(f"{folder}/{name}", body)
    with _text_in(archive, "chain.csv") as out:
        chain = csv.writer(out, lineterminator="\r\n")
        chain.writerow(("attempt", "place", "digest", "link"))
        for attempt_id, seal in reader.chain():
            chain.writerow((attempt_id, *(("", "", "") if seal is None else (seal.place, seal.digest, seal.link))))
    with _text_in(archive, "audit.json") as out:
        json.dump([_reported(report, choice.full) for report in reports], out, indent=2, ensure_ascii=False)
    return count


def _chosen(reader: Reader, choice: Choice) -> Iterator[StoredAttempt]:
    for name in choice.campaigns:
        yield from (attempt for attempt in reader.attempts(name) if choice.has(attempt))


def _row(attempt: StoredAttempt, texts: _Texts, found: Mapping[int, Sequence[str]], full: bool) -> dict[str, Any]:
    permit, record, seal = _read(attempt.permit), attempt.record, attempt.seal
    parts = [(str(name), str(digest)) for name, digest in permit.get("rule_parts") or ()]
    texts.name(permit, parts)
    erased = seal is not None and seal.salt is None and not attempt.permit
    return {
        "attempt": attempt.attempt_id,
        "campaign": attempt.campaign,
        "number": attempt.number if full else _masked(attempt.number),
        "country": permit.get("region", ""),
        "number_kind": permit.get("kind", ""),
        "lead": attempt.lead_id,
        "dialed_at_utc": iso(None if record is None else record.dialed_at) or "",
        "local_time": [
            f"{local} {zone} UTC{offset // 3600:+03}:{abs(offset) % 3600 // 60:02}"
            for zone, offset, local in permit.get("zones", ())
        ],
        "zone_source": permit.get("zone_source", ""),
        "zone_data": permit.get("zone_data", ""),
        "permitted_at_utc": iso(permit.get("at")) or "",
        "saved_at_utc": iso(attempt.created_at),
        "window_closes_at_utc": iso(permit.get("window_closes_at")) or "",
        "trunk": attempt.trunk,
        "caller_id": attempt.caller_id,
        "basis": permit.get("basis", ""),
        "rules": [name for name, _ in parts] or [permit.get("rule_set", "")],
        "rule_texts": [f"{name}-{digest[:12]}.toml" for name, digest in parts],
        "citations": [texts.citation(name, digest) for name, digest in parts],
        "campaign_text": permit.get("campaign_hash", ""),
        "walls": permit.get("walls", ""),
        "counters": [f"{name}: {used} of {limit} used before" for name, used, limit in permit.get("counters", ())],
        "dnc_version": permit.get("dnc_version", ""),
        "further": {name: value for name, value in permit.items() if name not in _OWN_COLUMNS},
        "outcome": "not known yet" if record is None else record.outcome,
        "disposition": "" if record is None else record.disposition or "",
        "answered": record is not None and record.answered_at is not None,
        "talk_s": 0.0 if record is None else record.talk_s,
        "recorded_by": "" if record is None or record.recording is None else record.recording_rule,
        "place_in_chain": "" if seal is None else seal.place,
        "digest": "" if seal is None else seal.digest,
        "link": "" if seal is None else seal.link,
        "permit": "erased" if erased else {"salt": seal and seal.salt, "text": attempt.permit} if full else "",
        "audit": [text if full else _masked(text) for text in found.get(attempt.attempt_id, ())],
    }


class _Texts:
    """The texts that the permits named so far name, each once."""

    def __init__(self, reader: Reader) -> None:
        self._rule_sets = {(one.name, one.hash): one.body for one in reader.rule_sets()}
        self._walls = reader.walls()
        self._campaigns: dict[str, dict[str, str]] = {}
        self._reader = reader
        self._citations: dict[tuple[str, str], str] = {}
        self._named: dict[tuple[str, str], str] = {}

    def name(self, permit: Mapping[str, Any], parts: Iterable[tuple[str, str]]) -> None:
        for name, digest in parts:
            self._named["rules", f"{name}-{digest[:12]}.toml"] = self._rule_sets.get((name, digest), "")
        walls, campaign = str(permit.get("walls", "")), str(permit.get("campaign", ""))
        if walls:
            self._named["walls", f"{walls[:12]}.json"] = self._walls.get(walls, "")
        if campaign:
            known = self._campaigns.get(campaign)
            if known is None:
                known = self._campaigns[campaign] = dict(_campaign_texts(self._reader, campaign))
            digest = str(permit.get("campaign_hash", ""))
            self._named["campaigns", f"{digest[:12]}.toml"] = known.get(digest, "")

    def citation(self, name: str, digest: str) -> str:
        """What the rule set says of its source; "" where its text was not kept."""
        key = name, digest
        if key not in self._citations:
            try:
                self._citations[key] = parse_rule_set(self._rule_sets.get(key, "").encode(), name).citation
            except RuleSetError:
                self._citations[key] = ""
        return self._citations[key]

    def named(self) -> Iterator[tuple[str, str, str]]:
        """Folder, file and text; one that was not kept is left out."""
        yield from ((folder, name, body) for (folder, name), body in sorted(self._named.items()) if body)


def _campaign_texts(reader: Reader, name: str) -> Iterator[tuple[str, str]]:
    for one in reader.campaign_versions(name):
        yield source_hash_of(one.body), one.body


def _read(permit: str) -> dict[str, Any]:
    """An empty one for a permit that is erased or cannot be read: the audit says which."""
    try:
        found = json.loads(permit or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _cell(value: object) -> object:
    """As a spreadsheet shows it: lists one below the other, objects as JSON."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False) if value else ""
    if isinstance(value, list):
        return harmless("\n".join(map(str, value)))
    if isinstance(value, str):
        return value if _E164.fullmatch(value) else harmless(value)
    return value


_E164 = re.compile(r"\+[0-9.]{6,15}", re.ASCII)
"""A number, masked or not: its plus is no formula."""


def _reported(report: AuditReport, full: bool) -> object:
    text = json.dumps(report.as_dict(), ensure_ascii=False)
    return json.loads(text if full else _masked(text))


def _masked(text: str) -> str:
    return _PLUS.sub(lambda found: mask(found[0]), text)


_PLUS = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)


@contextmanager
def _text_in(archive: zipfile.ZipFile, name: str) -> Iterator[IO[str]]:
    with archive.open(name, "w") as raw, io.TextIOWrapper(raw, encoding="utf-8", newline="") as stream:
        yield stream
