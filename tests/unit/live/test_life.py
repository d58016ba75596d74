"""Campaigns through their life, on a store in memory; the engine is a list of what it was told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest

from campaigns.campaign import Campaign
from campaigns.life import CampaignState, Step, StepRefused
from campaigns.rule_library import PRESETS, RuleLibrary
from campaigns.zone_group import Grouping
from dialer.engine.engine import Engine
from dialer.engine.events import (
    CampaignChanged,
    CampaignOpened,
    DrainRequested,
    Event,
    LeadsAdded,
    PauseRequested,
    ResumeRequested,
)
from dialer.engine.state import CampaignRun
from dialer.errors import UnknownName
from dialer.live import life as life_module
from dialer.live.errors import NotReady
from dialer.live.life import CampaignLife
from dialer.operations.place_leads import PORTION, place_leads
from dialer.ports.access import Actor
from dialer.ports.store import (
    Answer,
    LeadsStored,
    NewLead,
    PlaceLeads,
    SaveCampaign,
    SaveLeads,
    SetCampaignState,
    Write,
)
from dialer.storage.errors import StoreUnreachable
from dialer.storage.memory import MemoryStore
from lists.lead import PhoneNumber
from lists.phone import parse_phone
from tests.unit.engine.world import NOON, TRUNK
from tests.walls import SIMULATED

MIA = Actor("user:mia", "manager", "", "api")
TEXT = """
name = "spring"
lists = ["people"]
rules = "fictional"
trunks = ["{trunk}"]
caller_ids = ["+442079460000"]
[pacing]
mode = "progressive"
[hours]
daily = "09:00-20:00"
"""
S = CampaignState


class Floor:
    """An engine that takes campaigns, and remembers what it was told."""

    def __init__(self) -> None:
        self.engine = Engine([TRUNK], walls=SIMULATED, next_attempt_id=1, call_id_of=str)
        self.told: list[Event] = []
        self.trunks = ["sim"]
        self.prepared: list[str] = []
        self.recalled: list[str] = []
        self.unplayable = ""

    def post(self, event: Event) -> None:
        self.told.append(event)
        self.engine.handle(event, NOON)

    def run_of(self, campaign: str) -> CampaignRun | None:
        return self.engine.state.runs.get(campaign)

    def trunk_names(self) -> list[str]:
        return self.trunks

    def rule_library(self) -> RuleLibrary:
        return PRESETS

    def recall(self, campaign: str) -> None:
        self.recalled.append(campaign)

    async def prepare(self, campaign: Campaign) -> str:
        self.prepared.append(campaign.name)
        return self.unplayable


class HandClock:
    def now(self) -> float:
        return NOON


class Scene:
    """`fail`: what the next writes fail with; `before_write`: done before each is applied."""

    def __init__(self, *, leads: int = 1, trunk: str = "sim", state: CampaignState = S.READY) -> None:
        self.store, self.floor = MemoryStore(), Floor()
        self.fail: Exception | None = None
        self.before_write: Callable[[], Awaitable[None]] | None = None
        phone = parse_phone("+442079460001")
        assert isinstance(phone, PhoneNumber)
        people = tuple(NewLead((phone,)) for _ in range(leads))
        self.store.write(SaveLeads("people", people, "", "", NOON))
        self.save(TEXT.format(trunk=trunk))
        place_leads("spring", write=self.store.write)
        self.store.write(SetCampaignState("spring", state, NOON))
        self.open()

    def save(self, text: str) -> None:
        self.store.write(SaveCampaign("spring", text, ("people",), "oldest", NOON))

    def open(self) -> None:
        self.life = CampaignLife(self.floor, self.store, self.write, HandClock())

    async def write(self, write: Write) -> Answer:
        if self.before_write is not None:
            await self.before_write()
        if self.fail is not None:
            raise self.fail
        return self.store.write(write)

    @property
    def stored(self) -> CampaignState:
        found = self.store.campaign("spring")
        assert found is not None
        return found.state

    @property
    def state(self) -> CampaignState:
        return self.life.standing("spring").state

    def told(self) -> list[type[Event]]:
        return [type(event) for event in self.floor.told]

    def steps(self) -> list[tuple[str, str]]:
        """The log of changes, oldest first: what and by whom."""
        return [(one.change.action, one.change.by) for one in reversed(self.store.changes())]


async def test_the_usual_life_is_committed_step_by_step() -> None:
    scene = Scene()
    moved = await scene.life.start("spring", MIA)
    assert (moved.state, scene.stored) == (S.RUNNING, S.RUNNING)
    assert (await scene.life.pause("spring", MIA)).state is S.PAUSED
    assert (await scene.life.start("spring", MIA)).state is S.RUNNING
    assert (await scene.life.stop("spring", MIA)).state is S.DRAINING
    scene.life.ended("spring", "drained")
    await scene.life.settle()
    assert (scene.state, scene.stored) == (S.DONE, S.DONE)
    assert scene.told() == [CampaignOpened, PauseRequested, ResumeRequested, DrainRequested]
    by_mia = [action for action, by in scene.steps() if by == "user:mia"]
    assert by_mia == ["campaign.start", "campaign.pause", "campaign.start", "campaign.stop"]
    assert ("campaign.moved", "service") in scene.steps()


async def test_holidays_are_loaded_in_a_thread_before_anybody_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[tuple[object, float, threading.Thread, list[type[Event]]]] = []

    def load(asking: object, regions: object, now: float) -> None:
        loaded.append((regions, now, threading.current_thread(), scene.told()))

    monkeypatch.setattr(life_module, "load_holidays", load)
    scene = Scene()
    await scene.life.start("spring", MIA)
    assert loaded == []
    scene.save(TEXT.format(trunk="sim") + 'holidays = "closed"\n')
    await scene.life.saved("spring")
    ((regions, now, thread, told),) = loaded
    assert (regions, now, told) == ({"GB"}, NOON, [CampaignOpened])
    assert thread is not threading.main_thread()
    assert scene.told()[1] is CampaignChanged


async def test_the_engine_does_not_hear_of_a_step_that_was_not_committed() -> None:
    scene = Scene()
    scene.fail = OSError("disk full")
    with pytest.raises(OSError, match="disk full"):
        await scene.life.start("spring", MIA)
    assert (scene.state, scene.stored, scene.told()) == (S.READY, S.READY, [])
    scene.fail = None
    assert (await scene.life.start("spring", MIA)).state is S.RUNNING


async def test_a_draft_says_what_it_lacks_and_is_ready_once_that_is_there() -> None:
    scene = Scene(trunk="main", state=S.DRAFT)
    with pytest.raises(NotReady, match=r"main"):
        await scene.life.start("spring", MIA)
    await scene.life.review()
    assert "main" in scene.life.standing("spring").reason
    scene.floor.trunks.append("main")
    await scene.life.review()
    assert (scene.state, scene.stored) == (S.READY, S.READY)
    scene.floor.trunks.remove("main")
    await scene.life.review()
    assert (scene.state, scene.stored) == (S.DRAFT, S.DRAFT)


async def test_leads_left_without_a_place_get_theirs_when_the_service_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(life_module, "PORTION", 2)
    scene = Scene(leads=1)
    text, (person, *_) = scene.store.campaign("spring"), list(scene.store.leads("people"))
    assert text is not None
    scene.store.write(SaveLeads("later", tuple(NewLead(person.phones) for _ in range(3)), "", "", NOON))
    scene.store.write(SaveCampaign("spring", text.body, ("people", "later"), "oldest", NOON))
    joined: list[LeadsStored] = []
    await scene.life.place_leads(joined.append)
    assert joined == [LeadsStored((("spring", ("GB:Europe/London",)),))] * 2
    assert scene.store.lead_counts("spring").total == 4
    await scene.life.place_leads(joined.append)
    assert len(joined) == 2


async def test_a_campaign_without_leads_is_not_started() -> None:
    scene = Scene(leads=0, state=S.READY)
    with pytest.raises(NotReady, match="lead"):
        await scene.life.start("spring", MIA)


async def test_steps_that_its_state_does_not_know_are_refused() -> None:
    scene = Scene()
    with pytest.raises(StepRefused, match="ready"):
        await scene.life.pause("spring", MIA)
    with pytest.raises(UnknownName, match="spring"):
        await scene.life.start("sprong", MIA)


async def test_what_fails_is_paused_with_the_cause_and_may_be_started_again() -> None:
    scene = Scene()
    await scene.life.start("spring", MIA)
    scene.life.failed("spring", "the journal could not be written (disk full)")
    await scene.life.settle()
    found = scene.store.campaign("spring")
    assert found is not None
    assert (found.state, found.state_reason) == (S.PAUSED, "the journal could not be written (disk full)")
    assert scene.life.standing("spring").failed
    del scene.floor.engine.state.runs["spring"]  # its last call is over
    scene.life.ended("spring", "failed")
    assert scene.state is S.PAUSED
    await scene.life.start("spring", MIA)
    assert (scene.stored, scene.life.standing("spring").failed) == (S.RUNNING, False)
    assert scene.told() == [CampaignOpened, CampaignOpened]


async def test_started_again_while_calls_from_before_the_failure_finish_it_is_dialed_once_they_are_over() -> None:
    scene = Scene()
    await scene.life.start("spring", MIA)
    run = scene.floor.run_of("spring")
    assert run is not None
    run.failure = "the disk was full"
    scene.life.failed("spring", run.failure)
    await scene.life.start("spring", MIA)
    assert scene.told() == [CampaignOpened], "not opened a second time while it is open"
    del scene.floor.engine.state.runs["spring"]
    scene.life.ended("spring", "failed")
    assert (scene.state, scene.told()) == (S.RUNNING, [CampaignOpened, CampaignOpened])


async def test_a_failure_that_cannot_be_written_is_written_when_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(life_module, "SETTLE_RETRY_S", 0.001)
    scene = Scene()
    await scene.life.start("spring", MIA)
    scene.fail = OSError("disk full")
    scene.life.failed("spring", "disk full")
    tries = 0

    async def count() -> None:
        nonlocal tries
        tries += 1
        if tries == 3:
            scene.fail = None

    scene.before_write = count
    await scene.life.settle()
    assert (tries, scene.state, scene.stored) == (3, S.PAUSED, S.PAUSED)


async def test_paused_while_its_start_is_being_committed_it_is_not_dialed_on() -> None:
    scene, answers = Scene(), asyncio.Event()

    async def slow() -> None:
        await answers.wait()

    scene.before_write = slow
    starting = asyncio.create_task(scene.life.start("spring", MIA))
    await asyncio.sleep(0)
    pausing = asyncio.create_task(scene.life.pause("spring", MIA))
    await asyncio.sleep(0)
    answers.set()
    assert ((await starting).state, (await pausing).state) == (S.RUNNING, S.PAUSED)
    assert (scene.stored, scene.told()) == (S.PAUSED, [CampaignOpened, PauseRequested])


@pytest.mark.parametrize("step", [Step.PAUSE, Step.STOP])
async def test_dialing_ends_at_once_though_the_store_is_away_and_that_is_stored_when_it_is_back(
    monkeypatch: pytest.MonkeyPatch, step: Step
) -> None:
    monkeypatch.setattr(life_module, "SETTLE_RETRY_S", 0.001)
    scene = Scene()
    await scene.life.start("spring", MIA)
    scene.fail = StoreUnreachable("connection refused")
    moved = await (scene.life.pause if step is Step.PAUSE else scene.life.stop)("spring", MIA)
    end = {Step.PAUSE: (S.PAUSED, PauseRequested), Step.STOP: (S.DRAINING, DrainRequested)}[step]
    assert (moved.state, scene.told()[-1], scene.stored) == (*end, S.RUNNING)
    assert "connection refused" in moved.unstored
    with pytest.raises((StoreUnreachable, StepRefused)):
        await scene.life.start("spring", MIA)
    scene.fail = None
    await scene.life.settle()
    assert (scene.stored, scene.steps()[-1]) == (end[0], (f"campaign.{step}", "user:mia"))


async def test_what_was_given_up_is_not_waited_for() -> None:
    scene = Scene(state=S.RUNNING)
    scene.fail = StoreUnreachable("the database is away")
    await scene.life.pause("spring", MIA)
    scene.life.close()
    async with asyncio.timeout(0.5):
        await scene.life.settle()


async def test_who_ends_dialing_does_not_wait_for_a_store_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(life_module, "STORED_WITHIN_S", 0.01)
    scene, answers = Scene(), asyncio.Event()
    await scene.life.start("spring", MIA)

    async def hangs() -> None:
        await answers.wait()

    scene.before_write = hangs
    moved = await scene.life.stop("spring", MIA)
    assert (moved.state, scene.told()[-1], scene.stored) == (S.DRAINING, DrainRequested, S.RUNNING)
    assert "no answer" in moved.unstored
    scene.life.ended("spring", "drained")
    answers.set()
    await scene.life.settle()
    assert scene.stored is S.DONE
    assert scene.steps()[-2:] == [("campaign.stop", "user:mia"), ("campaign.moved", "service")]


async def test_a_start_that_is_committed_before_the_failure_was_is_the_last_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(life_module, "SETTLE_RETRY_S", 0.001)
    scene = Scene()
    await scene.life.start("spring", MIA)
    scene.fail = OSError("disk full")
    scene.life.failed("spring", "disk full")
    await asyncio.sleep(0.01)
    scene.fail = None
    await scene.life.start("spring", MIA)
    await scene.life.settle()
    assert (scene.state, scene.stored, scene.steps()[-1][0]) == (S.RUNNING, S.RUNNING, "campaign.start")


async def test_at_the_start_running_ones_are_dialed_and_draining_ones_are_done() -> None:
    running = Scene(state=S.RUNNING)
    assert await running.life.resume() == ("spring",)
    assert running.told() == [CampaignOpened]
    draining = Scene(state=S.DRAINING)
    assert await draining.life.resume() == ()
    await draining.life.settle()
    assert (draining.stored, draining.told()) == (S.DONE, [])
    for state in (S.DRAFT, S.READY, S.PAUSED, S.DONE):
        scene = Scene(state=state)
        assert await scene.life.resume() == ()
        assert (scene.state, scene.told()) == (state, [])


async def test_a_running_campaign_that_lost_its_trunk_is_paused_at_the_start_with_the_cause() -> None:
    scene = Scene(trunk="gone", state=S.RUNNING)
    assert await scene.life.resume() == ()
    await scene.life.settle()
    assert scene.stored is S.PAUSED
    assert "gone" in scene.life.standing("spring").reason


async def test_a_trunk_that_goes_while_the_start_is_being_committed_pauses_it_with_the_cause() -> None:
    scene = Scene()

    async def trunk_goes() -> None:
        scene.floor.trunks = []

    scene.before_write = trunk_goes
    moved = await scene.life.start("spring", MIA)
    assert (moved.state, scene.told()) == (S.PAUSED, [])
    await scene.life.settle()
    assert scene.stored is S.PAUSED
    assert "sim" in scene.life.standing("spring").reason


async def test_what_was_stopped_without_a_call_in_the_engine_is_done_at_once() -> None:
    scene = Scene(state=S.PAUSED)
    assert (await scene.life.stop("spring", MIA)).state is S.DONE
    await scene.life.settle()
    assert (scene.stored, scene.told()) == (S.DONE, [])


async def test_a_new_text_reaches_the_engine_when_the_campaign_is_dialed() -> None:
    scene = Scene()
    await scene.life.saved("spring")
    assert scene.told() == []
    await scene.life.start("spring", MIA)
    scene.save(TEXT.format(trunk="sim").replace("09:00-20:00", "10:00-12:00"))
    assert await scene.life.saved("spring") is S.RUNNING
    assert scene.told() == [CampaignOpened, CampaignChanged, LeadsAdded]
    run = scene.floor.run_of("spring")
    assert run is not None
    assert "10:00-12:00" in str(run.campaign.hours)


async def test_leads_are_put_in_other_groups_when_hours_depend_on_more_than_they_did() -> None:
    scene = Scene()
    await scene.life.start("spring", MIA)
    scene.save(TEXT.format(trunk="sim") + '[hours.list.people]\ndaily = "15:00-20:00"\n')
    await scene.life.saved("spring")
    joined: list[LeadsStored] = []
    await scene.life.place_leads(joined.append)
    group = "GB:Europe/London;list=people"
    assert joined == [LeadsStored((("spring", (group,)),))]
    assert scene.floor.told[-1] == LeadsAdded("spring", (group,), no_others=True)
    assert [place.zone_group for place in scene.store.places("spring")] == [group]
    await scene.life.place_leads(joined.append)
    assert len(joined) == 1, "they lie there already"


async def test_a_text_that_is_replaced_while_leads_are_being_regrouped_is_the_one_they_lie_by() -> None:
    scene = Scene(leads=3 * PORTION)
    scene.save(TEXT.format(trunk="sim") + '[hours.list.people]\ndaily = "15:00-20:00"\n')
    await scene.life.saved("spring")
    written = 0

    async def replaced() -> None:
        nonlocal written
        written += 1
        if written == 2:  # as `PUT /v1/campaigns/NAME`, which tells the life only when all is done
            scene.save(TEXT.format(trunk="sim"))
            scene.store.write(PlaceLeads("spring", PORTION, ""))

    scene.before_write = replaced
    await scene.life.place_leads(lambda _: None)
    assert {place.zone_group for place in scene.store.places("spring")} == {"GB:Europe/London"}
    assert scene.store.zone_group_names("spring") == ["GB:Europe/London"]


async def test_the_stored_text_says_how_leads_lie_though_the_life_was_not_told_of_it_yet() -> None:
    scene = Scene()
    fine = TEXT.format(trunk="sim") + '[hours.list.people]\ndaily = "15:00-20:00"\n'
    scene.save(fine)
    scene.store.write(PlaceLeads("spring", PORTION, Grouping(lists=("people",)).to_text()))
    await scene.life.place_leads(lambda _: None)
    assert scene.store.zone_group_names("spring") == ["GB:Europe/London;list=people"]


async def test_two_who_press_start_at_once_start_it_once() -> None:
    scene = Scene()

    async def slow() -> None:
        await asyncio.sleep(0)

    scene.before_write = slow
    results = await asyncio.gather(
        scene.life.start("spring", MIA), scene.life.start("spring", MIA), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in results) == ["CampaignMoved", "StepRefused"]
    assert scene.told() == [CampaignOpened]
    writes = [step for step in scene.steps() if step[0] == "campaign.start"]
    assert len(writes) == 1


async def test_while_the_service_ends_nothing_is_dialed_any_more() -> None:
    scene = Scene()
    await scene.life.start("spring", MIA)
    run = scene.floor.run_of("spring")
    assert run is not None
    run.failure = "the disk was full"
    scene.life.failed("spring", run.failure)
    await scene.life.start("spring", MIA)  # to be dialed once its last call is over
    scene.life.end_dialing()
    del scene.floor.engine.state.runs["spring"]
    scene.life.ended("spring", "failed")
    assert (scene.state, scene.told()) == (S.RUNNING, [CampaignOpened]), "the next start of the service dials it"
    await scene.life.pause("spring", MIA)
    with pytest.raises(NotReady, match="stopping"):
        await scene.life.start("spring", MIA)


WITH_MESSAGE = (
    TEXT
    + """
[abandoned]
text = "This is Example Ltd."
"""
)


def spoken(state: CampaignState = S.READY) -> Scene:
    scene = Scene(state=state)
    scene.save(WITH_MESSAGE.format(trunk="sim"))
    scene.open()
    return scene


async def test_a_campaign_is_started_once_its_prompts_can_be_played() -> None:
    scene = spoken()
    scene.floor.unplayable = "prompts/hello.wav: cannot be read"
    with pytest.raises(NotReady, match=r"hello\.wav"):
        await scene.life.start("spring", MIA)
    assert (scene.state, scene.told()) == (S.READY, [])
    scene.floor.unplayable = ""
    assert (await scene.life.start("spring", MIA)).state is S.RUNNING
    assert scene.floor.prepared == ["spring", "spring"]


async def test_at_the_start_of_the_service_prompts_come_first_and_what_cannot_be_played_pauses() -> None:
    scene = spoken(S.RUNNING)
    assert await scene.life.resume() == ("spring",)
    assert (scene.floor.prepared, scene.told()) == (["spring"], [CampaignOpened])
    scene = spoken(S.RUNNING)
    scene.floor.unplayable = "espeak-ng is not installed"
    assert await scene.life.resume() == ()
    await scene.life.settle()
    assert (scene.stored, scene.told()) == (S.PAUSED, [])
    assert "espeak-ng" in scene.life.standing("spring").reason


async def test_a_new_text_whose_prompts_cannot_be_played_pauses_the_campaign() -> None:
    scene = Scene()
    await scene.life.start("spring", MIA)
    scene.save(WITH_MESSAGE.format(trunk="sim"))
    scene.floor.unplayable = "prompts/hello.wav: cannot be read"
    assert await scene.life.saved("spring") is S.PAUSED
    assert scene.told()[1] is PauseRequested
    await scene.life.settle()
    assert "hello.wav" in scene.life.standing("spring").reason


async def test_what_the_rules_want_said_keeps_a_campaign_a_draft() -> None:
    scene = Scene()
    scene.save(TEXT.format(trunk="sim").replace('"fictional"', '"us-federal-telemarketing"'))
    scene.open()
    with pytest.raises(NotReady, match="hear who has called"):
        await scene.life.start("spring", MIA)


async def test_predictive_pacing_is_told_of_the_answers_before_it() -> None:
    scene = Scene()
    scene.save(TEXT.format(trunk="sim").replace('"progressive"', '"predictive"'))
    await scene.life.saved("spring")
    await scene.life.start("spring", MIA)
    assert scene.floor.recalled == ["spring"]


async def test_pacing_that_is_set_anew_is_told_of_the_answers_before_it() -> None:
    scene = Scene()
    await scene.life.start("spring", MIA)
    predictive = TEXT.format(trunk="sim").replace('"progressive"', '"predictive"')
    scene.save(predictive)
    await scene.life.saved("spring")
    assert scene.floor.recalled == ["spring"]
    scene.save(predictive.replace("09:00-20:00", "10:00-12:00"))
    await scene.life.saved("spring")
    assert scene.floor.recalled == ["spring"], "the pacer is the same, and knows of them"
