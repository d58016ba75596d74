from __future__ import annotations

from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from campaigns.amd import Amd, AmdPolicy
from campaigns.campaign import AttemptLimits, LeadOrder, Mode, Pacing, Routing
from campaigns.combined_rules import combine
from campaigns.dayparts import Dayparts
from campaigns.destinations import Destinations
from campaigns.disposition import STANDARD, Disposition
from campaigns.errors import CampaignFileError, Problem, RuleSetError
from campaigns.hours_rule import HoursRule
from campaigns.loader import load_campaign, parse_campaign
from campaigns.refusal_rule import UNSAID, USUAL, RefusalBlocks, RefusalReaches, RefusalRule
from campaigns.retry import DEFAULT_SCHEDULE, NO_MORE, RetryRule
from campaigns.toml_rules import parse_rule_set

DATA = Path(__file__).parents[2] / "data" / "campaigns"
LEAST = (DATA / "least.toml").read_text()
FULL = (DATA / "full.toml").read_text()


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(CampaignFileError) as caught:
        parse_campaign(text, "c.toml")
    return caught.value.problems


def problem(text: str) -> Problem:
    found = problems(text)
    assert len(found) == 1, found
    return found[0]


def test_a_full_file() -> None:
    campaign = load_campaign(DATA / "full.toml")
    assert campaign.name == "spring-renewals"
    assert campaign.title == "Spring renewals"
    assert campaign.lists == ("customers", "leads-2026")
    assert campaign.rules == ("fictional",)
    assert campaign.order is LeadOrder.RANDOM
    assert campaign.trunks == ("sim", "spare")
    assert campaign.caller_ids == ("+12025550123", "+442079460123")
    assert (campaign.ring_timeout_s, campaign.wrapup_limit_s) == (30.0, 90.0)
    assert campaign.script == "Good morning, {first_name}.\n"
    assert campaign.pacing == Pacing(Mode.POWER, 1.6, 0.02, 1.5)
    assert campaign.limits == AttemptLimits(8, 5, 2)
    assert campaign.hours == HoursRule.parse(
        {"weekdays": "09:00-13:00, 14:00-20:00", "sat": "10:00-16:00", "sun": "closed"}
    )
    assert [disposition.code for disposition in campaign.dispositions] == [
        "renewed",
        "later",
        "stop",
        "stranger",
        "voicemail",
    ]
    assert campaign.disposition("stop") == Disposition(
        "stop", "Do not call", live=True, rpc=True, final=True, dnc=True
    )
    assert campaign.disposition("voicemail").machine


def test_its_retry_rules_replace_single_rules_of_the_usual_schedule() -> None:
    schedule = load_campaign(DATA / "full.toml").retry
    assert schedule.rule("busy") == RetryRule((900.0, 3600.0), 3)
    assert schedule.rule("no_answer") == RetryRule((14_400.0,), 4, next_number=True)
    assert schedule.rule("voicemail") == RetryRule((7200.0,), 1)
    assert schedule.rule("rejected").delays_s == ()
    assert schedule.rule("invalid") == DEFAULT_SCHEDULE.rule("invalid")
    assert schedule.rule("later") == schedule.default == RetryRule((86_400.0,), 1)
    assert "third_party" not in dict(schedule.rules)  # the campaign has no such disposition


def test_the_least_that_makes_a_campaign() -> None:
    campaign = load_campaign(DATA / "least.toml")
    assert campaign.pacing == Pacing(Mode.PROGRESSIVE)
    assert campaign.order is LeadOrder.OLDEST
    assert campaign.limits == AttemptLimits()
    assert campaign.dispositions == STANDARD
    assert campaign.retry == DEFAULT_SCHEDULE


def test_the_hash_is_that_of_the_text() -> None:
    campaign = parse_campaign(LEAST)
    assert campaign == load_campaign(DATA / "least.toml")
    assert parse_campaign(LEAST + "# \n").source_hash != campaign.source_hash


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_bytes(b"\xef\xbb\xbf" + LEAST.replace("\n", "\r\n").encode())
    assert load_campaign(file).name == "least"


def test_everything_wrong_is_said_at_once_in_the_order_of_the_file() -> None:
    with pytest.raises(CampaignFileError) as caught:
        load_campaign(DATA / "everything-wrong.toml")
    assert [(found.line, found.column, found.field) for found in caught.value.problems] == [
        (1, 8, "name"),
        (2, 20, "lists[1]"),
        (3, 1, "rulez"),
        (4, 9, "rules"),
        (6, 10, "trunks"),
        (7, 31, "caller_ids[1]"),
        (8, 16, "ring_timeout"),
        (11, 8, "pacing.mode"),
        (12, 9, "pacing.ratio"),
        (13, 1, "pacing.abandon_targt"),
        (16, 12, "hours.weekdays"),
        (17, 7, "hours.sat"),
        (18, 7, "hours.sun"),
        (19, 1, "retry.bussy"),
        (20, 17, "retry.bussy.after[1]"),
        (23, 12, "limits.per_lead"),
        (27, 7, "dispositions[0].rpc"),
        (28, 1, "dispositions[1].label"),
        (29, 8, "dispositions[1].code"),
    ]
    assert all(found.advice for found in caught.value.problems)
    first = str(caught.value).splitlines()[0]
    assert first.startswith(str(DATA / "everything-wrong.toml") + ":1:8: name: ")


def test_an_empty_file_lists_what_a_campaign_needs() -> None:
    assert sorted(found.field for found in problems("")) == [
        "caller_ids",
        "hours",
        "lists",
        "name",
        "pacing.mode",
        "rules",
        "trunks",
    ]


@pytest.mark.parametrize(
    ("was", "becomes", "line", "field", "text", "advice"),
    [
        ('"least"', '"a b"', 1, "name", "is no name", "letters"),
        ('"least"', "5", 1, "name", "is a number, not a text", 'name = "..."'),
        ('"least"', '" "', 1, "name", "is empty", "spring"),
        ('["customers"]', '"customers"', 2, "lists", "is a text, not a list", "lists = ["),
        ('["customers"]', '["a", 5]', 2, "lists[1]", "is not a text", "lists = ["),
        ('"fictional"', '"fictionl"', 3, "rules", "no rule set", 'did you mean "fictional"?'),
        ('"fictional"', '"mars"', 3, "rules", "no rule set", "us-federal-telemarketing"),
        ('"+12025550123"', '"0205550123"', 5, "caller_ids[0]", "right form", "international"),
        ('"+12025550123"', '"+1 202 555 0123"', 5, "caller_ids[0]", "right form", "international"),
        (
            '"progressive"',
            '"preview"',
            8,
            "pacing.mode",
            "preview pacing is not built yet",
            "use predictive, progressive, or power",
        ),
        ('"progressive"', '"powr"', 8, "pacing.mode", '"powr" is not one of', 'did you mean "power"?'),
        ('"progressive"', '"progressive"\nratio = 2', 9, "pacing.ratio", "one line per free agent", "power"),
        ('"progressive"', '"power"\nratio = 0.9', 9, "pacing.ratio", "0.9 is out of range", "1 to 15"),
        ('"progressive"', '"power"\nratio = nan', 9, "pacing.ratio", "nan is out of range", "1 to 15"),
        ('"progressive"', '"power"\nratio = true', 9, "pacing.ratio", "not a number", "1 to 15"),
        ('"progressive"', '"power"\nabandon_target = 0.04', 9, "pacing.abandon_target", "allows 0.03", "at most"),
        ('"progressive"', '"power"\ngrace = "3s"', 9, "pacing.grace", "abandoned after 2 s", "at most"),
        ("daily", "dayly", 11, "hours.dayly", "unknown key", 'did you mean "daily"?'),
        ("10:00-18:00", "18:00-10:00", 11, "hours.daily", "does not end after it starts", "windows like"),
        ("10:00-18:00", "10:00-25:00", 11, "hours.daily", "not a time of day", "windows like"),
        ("10:00-18:00", "closed", 10, "hours", "closed on every day", "open at least one"),
        ("10:00-18:00", "05:00-06:00", 10, "hours", "leaves no time to call", "other rules"),
    ],
)
def test_one_thing_wrong(was: str, becomes: str, line: int, field: str, text: str, advice: str) -> None:
    assert LEAST.count(was) == 1
    found = problem(LEAST.replace(was, becomes))
    assert (found.line, found.field) == (line, field)
    assert text in found.text
    assert advice in found.advice


@pytest.mark.parametrize(
    ("was", "becomes", "field", "text"),
    [
        ('"30s"', '"30"', "ring_timeout", "'30' is not a duration"),
        ('"30s"', '"3m1s"', "ring_timeout", "is not a duration"),
        ('"30s"', '"10m"', "ring_timeout", "600 s is out of range"),
        ('"30s"', '"3s"', "ring_timeout", "too short"),
        ('"30s"', "2026-11-22", "ring_timeout", "is a date or time, not a duration"),
        ("per_lead = 8", "per_lead = 0", "limits.per_lead", "0 is out of range"),
        ("per_lead = 8", "per_lead = 8.5", "limits.per_lead", "not a whole number"),
        ("maximum = 3", "maximum = -1", "retry.busy.maximum", "out of range"),
        ("maximum = 3", "maximun = 3", "retry.busy.maximun", "unknown key"),
        ("[retry.busy]", "[retry.bussy]", "retry.bussy", "neither an outcome nor a disposition"),
        ('"1h"]', '"400d"]', "retry.busy.after[1]", "out of range"),
        ("rejected.after = []", "rejected = 5", "retry.rejected", "is a number, not a table"),
        ('code = "later"', 'code = "renewed"', "dispositions[1].code", "stands here twice"),
        ('code = "later"', 'code = "Later!"', "dispositions[1].code", "is no code"),
        ('code = "later"', 'code = "busy"', "dispositions[1].code", "taken by the product"),
        ("callback = true", "callback = true\nfinal = true", "dispositions[1].final", "goes not with callback"),
        ("machine = true", "machine = true\nlive = true", "dispositions[4].machine", "goes not with live"),
        ("machine = true", 'machine = "yes"', "dispositions[4].machine", "not true or false"),
        (
            "wrong_number = true",
            "wrong_number = true\nrpc = true",
            "dispositions[3].wrong_number",
            "goes not with rpc",
        ),
    ],
)
def test_one_thing_wrong_in_a_full_file(was: str, becomes: str, field: str, text: str) -> None:
    assert FULL.count(was) == 1
    found = [item for item in problems(FULL.replace(was, becomes)) if item.field == field]
    assert len(found) == 1
    assert text in found[0].text
    # The place shown is that of the changed text, or of the key before it.
    wrong_line = FULL.replace(was, becomes).splitlines()[found[0].line - 1]
    assert field.rpartition(".")[2].partition("[")[0] in wrong_line


def test_positions_within_inline_tables_and_quoted_keys() -> None:
    inline = '"retry" = {"busy" = {after = ["15m",\n  "1x"]}}\n'
    found = problem(inline + LEAST)
    assert (found.line, found.column, found.field) == (2, 3, "retry.busy.after[1]")


def test_columns_count_characters() -> None:
    found = problem(LEAST.replace('["customers"]', '["Gäste", "Gäste"]'))
    assert (found.line, found.column, found.field) == (2, 19, "lists[1]")


def test_dispositions_that_are_no_list_of_tables() -> None:
    found = problem("dispositions = 5\n" + LEAST)
    assert (found.line, found.field) == (1, "dispositions")
    assert "[[dispositions]]" in found.advice


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('name = "a"\nlists = [\n', 3),
        ('name = "a"\nname = "b"\n', 2),
        ('name = "a\n', 1),
        ("name = least\n", 1),
        ('a = 1\nb = "\x00"\n', 2),
    ],
)
def test_what_is_not_toml_has_its_line(text: str, line: int) -> None:
    found = problem(text)
    assert found.line == line
    assert found.text.startswith("not TOML: ")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CampaignFileError, match="cannot be read: No such file"):
        load_campaign(tmp_path / "none.toml")


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_bytes(LEAST.replace("customers", "Gäste").encode("latin-1"))
    with pytest.raises(CampaignFileError) as caught:
        load_campaign(file)
    (found,) = caught.value.problems
    assert (found.line, found.column, found.text) == (2, 12, "not UTF-8 text")


def test_what_the_rules_just_allow_is_allowed() -> None:
    least_ring = FULL.replace('"30s"', '"4s"').replace('"1500ms"', '"2s"').replace("0.02", "0.03")
    assert parse_campaign(least_ring).ring_timeout_s == 4.0


def test_one_window_that_is_long_enough_is_enough() -> None:
    # 48 s of ringing and 12 s of set-up fit exactly into the one minute of Monday.
    minute = LEAST.replace('daily = "10:00-18:00"', 'mon = "10:00-10:01"')
    assert parse_campaign('ring_timeout = "48s"\n' + minute).hours.week.days[0] == ((600, 601),)
    assert problem('ring_timeout = "49s"\n' + minute).field == "hours"
    parse_campaign('ring_timeout = "49s"\n' + minute + 'tue = "10:00-18:00"\n')


def test_a_disposition_without_a_code_is_missing_one_and_no_more() -> None:
    found = problem(LEAST + '[[dispositions]]\nlabel = "Sale"\n')
    assert (found.line, found.field, found.text) == (12, "dispositions[0].code", "missing")


def test_a_campaign_of_a_client_has_full_names() -> None:
    campaign = parse_campaign('client = "acme"\n' + LEAST)
    assert (campaign.name, campaign.lists) == ("acme/least", ("acme/customers",))
    said = parse_campaign('client = "acme"\n' + LEAST.replace('"customers"', '"acme/customers"'))
    assert said.lists == campaign.lists


@pytest.mark.parametrize(
    ("client", "was", "becomes", "place", "text", "advice"),
    [
        ('client = "acme"', '"customers"', '"zoo/x"', (3, "lists[0]"), 'a list of client "zoo"', '"zoo"'),
        ("", '"customers"', '"a", "acme/x"', (3, "lists[1]"), "this campaign is of the house", '"acme"'),
        ('client = "acme"', '"customers"', '"a", "acme/a"', (3, "lists[1]"), "stands here twice", "remove one"),
        ('client = "a b"', '"customers"', '"a"', (1, "client"), "is no client", "dialer.toml"),
        ("", '"least"', '"acme/least"', (2, "name"), "says whose it is", 'client = "acme" and name = "least"'),
        ("", '"least"', '"a/b/c"', (2, "name"), "is no name", "letters"),
    ],
)
def test_nothing_crosses_from_one_client_to_another(
    client: str, was: str, becomes: str, place: tuple[int, str], text: str, advice: str
) -> None:
    found = problem(f"{client}\n{LEAST}".replace(was, becomes))
    assert (found.line, found.field) == place
    assert text in found.text
    assert advice in found.advice


def test_where_it_may_call_and_how_it_chooses_its_way() -> None:
    least = parse_campaign(LEAST)
    assert (least.routing, least.destinations) == (Routing.ORDER, None)
    assert (least.local_presence, least.withhold_caller_id) == (False, False)
    keys = 'routing = "cost"\ndestinations = ["GB", "-+4470"]\nlocal_presence = true\n'
    campaign = parse_campaign(keys + LEAST)
    assert (campaign.routing, campaign.destinations) == (Routing.COST, Destinations(("GB", "-+4470")))
    assert campaign.local_presence


@pytest.mark.parametrize(
    ("line", "field", "says"),
    [
        ('routing = "cheap"', "routing", "is not one of order, cost"),
        ('destinations = ["England"]', "destinations[0]", "is no destination"),
        ('local_presence = "yes"', "local_presence", "not true or false"),
        ("withhold_caller_id = true", "withhold_caller_id", "does not allow a call without a caller id"),
    ],
)
def test_what_is_wrong_with_its_way(line: str, field: str, says: str) -> None:
    found = problem(f"{line}\n{LEAST}")
    assert (found.line, found.field) == (1, field)
    assert says in found.text


def test_what_it_does_about_answering_machines() -> None:
    assert parse_campaign(LEAST).amd == Amd(AmdPolicy.OFF)
    held = parse_campaign(LEAST + '[amd]\npolicy = "hold"\nhold = "1.5s"\nchecked = 0.1\n')
    assert held.amd == Amd(AmdPolicy.HOLD, 1.5, 0.1)
    assert parse_campaign(LEAST + '[amd]\npolicy = "joined"\n').amd == Amd(AmdPolicy.JOINED)


@pytest.mark.parametrize(
    ("lines", "field", "says"),
    [
        ('policy = "on"', "amd.policy", "is not one of off, hold, joined"),
        ('policy = "hold"\nhold = "2s"', "amd.hold", "2 s is out of range"),
        ('policy = "hold"\nhold = "0.3s"', "amd.hold", "0.3 s is out of range"),
        ('policy = "hold"\nchecked = 2', "amd.checked", "2 is out of range"),
        ('hold = "1s"', "amd.hold", "off holds nobody"),
        ('policy = "joined"\nchecked = 0.1', "amd.checked", "joined holds nobody"),
    ],
)
def test_what_is_wrong_about_answering_machines(lines: str, field: str, says: str) -> None:
    found = problem(f"{LEAST}[amd]\n{lines}\n")
    assert found.field == field
    assert says in found.text


def test_nobody_is_held_longer_than_may_be_waited_for_an_agent() -> None:
    text = LEAST.replace("[pacing]\n", '[pacing]\ngrace = "1s"\n') + '[amd]\npolicy = "hold"\n'
    found = problem(text)
    assert (found.field, found.text[:5]) == ("amd.hold", "1.8 s")
    assert parse_campaign(text + 'hold = "900ms"\n').amd.hold_s == 0.9


def test_a_caller_id_is_withheld_only_where_the_rules_allow_it() -> None:
    body = (resources.files("campaigns") / "presets" / "fictional.toml").read_bytes()
    assert not parse_rule_set(body, "fictional").may_withhold_caller_id
    loose = body.replace(b'valid_to = ""', b'valid_to = ""\nmay_withhold_caller_id = true')
    assert parse_rule_set(loose, "fictional").may_withhold_caller_id


@pytest.mark.parametrize(
    ("counts", "accepted"), [("placed", True), ("alerted", True), ("charged", False), ("all", False)]
)
def test_caps_of_a_rule_set_say_what_their_law_counts(counts: str, accepted: bool) -> None:
    body = (resources.files("campaigns") / "presets" / "fictional.toml").read_text()
    said = body.replace('scope = "number"', f'scope = "number"\ncounts = "{counts}"').encode()
    if accepted:
        assert parse_rule_set(said, "fictional").caps[0].counts == counts
    else:
        with pytest.raises(RuleSetError):
            parse_rule_set(said, "fictional")


def test_retries_may_be_spread_and_shown_another_caller_id() -> None:
    text = (
        LEAST
        + """
[retry.no_answer]
after = ["4h"]
daypart = "another"
within = "3d"
caller_id = "another"
[retry.busy]
after = ["15m"]
jitter = "5m"
[retry.not_interested]
after = ["30d"]
[dayparts]
evening = "17:00-21:00"
morning = "08:00-12:00"
"""
    )
    campaign = parse_campaign(text)
    assert campaign.retry.rule("no_answer") == RetryRule(
        (14_400.0,), 1, other_daypart=True, within_s=3 * 86_400.0, other_caller_id=True
    )
    assert campaign.retry.rule("busy") == RetryRule((900.0,), 1, jitter_s=300.0)
    assert campaign.retry.rule("not_interested") == RetryRule((30 * 86_400.0,), 1)
    assert campaign.dayparts == Dayparts((("morning", 480, 720), ("evening", 1020, 1260)))


@pytest.mark.parametrize(
    ("text", "field", "complaint"),
    [
        (
            '[retry.busy]\nafter = ["1h"]\njitter = "1h"\ndaypart = "another"',
            "retry.busy.jitter",
            "spreads the leads",
        ),
        ('[retry.busy]\nafter = ["1h"]\nwithin = "1d"', "retry.busy.within", "another daypart"),
        ('[retry.busy]\nafter = ["1h"]\ndaypart = "other"', "retry.busy.daypart", "any, another"),
        ('[retry.sale]\nafter = ["1h"]', "retry.sale", "closes the lead"),
        ('[retry.dnc]\nafter = ["1h"]', "retry.dnc", "closes the lead"),
        ('[retry.not_interested]\nafter = ["30d", "60d"]', "retry.not_interested", "once more"),
        ('[retry.not_interested]\nafter = ["30d"]\nmaximum = 2', "retry.not_interested", "once more"),
        ('[dayparts]\nnight = "22:00-06:00"', "dayparts.night", "over midnight"),
        ('[dayparts]\na = "08:00-12:00"\nb = "11:59-13:00"', "dayparts.b", "overlaps a"),
        ('[dayparts]\na = "08:00-09:00, 10:00-11:00"', "dayparts.a", "one stretch"),
        ('[dayparts]\na = "closed"', "dayparts.a", "one stretch"),
    ],
)
def test_what_is_wrong_with_retries_and_dayparts_is_said(text: str, field: str, complaint: str) -> None:
    with pytest.raises(CampaignFileError) as caught:
        parse_campaign(f"{LEAST}\n{text}\n")
    (problem,) = caught.value.problems
    assert problem.field == field
    assert complaint in str(problem)


def test_a_no_that_is_declared_soft_is_final_without_a_rule() -> None:
    text = (
        LEAST
        + """
[[dispositions]]
code = "not_now"
label = "Not now"
live = true
soft_refusal = true
"""
    )
    assert parse_campaign(text).retry.rule("not_now") == NO_MORE


def test_what_a_refusal_blocks() -> None:
    assert parse_campaign(LEAST).refusal == USUAL
    keys = 'refusal_reaches = "purpose"\nrefusal_blocks = "person"\n'
    assert parse_campaign(keys + LEAST).refusal == RefusalRule(RefusalReaches.PURPOSE, RefusalBlocks.PERSON)
    found = problem('refusal_reaches = "house"\n' + LEAST)
    assert (found.line, found.field) == (1, "refusal_reaches")
    body = (resources.files("campaigns") / "presets" / "fictional.toml").read_bytes()
    assert parse_rule_set(body, "fictional").refusal == UNSAID
    said = body.replace(b'valid_to = ""', b'valid_to = ""\nrefusal_reaches = "house"')
    house = parse_rule_set(said, "fictional")
    assert house.states("refusal_reaches")
    assert house.refusal == RefusalRule(RefusalReaches.HOUSE, RefusalBlocks.NUMBER)
    person = replace(house, refusal=RefusalRule(RefusalReaches.PURPOSE, RefusalBlocks.PERSON))
    assert combine((house, person)).refusal == RefusalRule(RefusalReaches.HOUSE, RefusalBlocks.PERSON)
    with pytest.raises(RuleSetError, match="refusal_blocks: 'everybody'"):
        parse_rule_set(body.replace(b'valid_to = ""', b'valid_to = ""\nrefusal_blocks = "everybody"'), "fictional")
