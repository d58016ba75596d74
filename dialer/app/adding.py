"""A campaign added to a home: by this process, or through the service that owns it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from campaigns.prompt import FOLDER
from dialer.api.edits import CampaignAdded
from dialer.api.schemas import ProblemRow
from dialer.app.reach import Reached, Tell, make_way, reach_home
from dialer.clock import SystemClock
from dialer.operations.add_campaign import add_campaign
from dialer.operations.check_campaign import check_campaign
from dialer.telephony.prompt_desk import prompt_trial


def run_add(home: Path, file: Path, tell: Tell, progress: Callable[[int], None] | None = None) -> CampaignAdded:
    """Store the campaign of a file. Raises `CampaignFileError`, also for a client, a caller id or a list that the
    home does not have; and as `reach_home`."""
    make_way(home)
    with reach_home(home, "dialer campaign add", tell) as reached:
        if reached.service is not None:
            return _through(reached, file)
        added = add_campaign(
            file,
            write=reached.write,
            reader=reached.reader,
            now=SystemClock().now(),
            trunks=[trunk.name for trunk in reached.settings.trunks],
            settings=reached.settings,
            try_prompt=prompt_trial(home / FOLDER),
            progress=progress,
        )
    return CampaignAdded(
        campaign=added.campaign.name,
        replaced=added.replaced,
        state=added.state,
        leads=added.leads.total,
        warnings=[
            ProblemRow(
                file=problem.file,
                line=problem.line,
                column=problem.column,
                field=problem.field,
                text=problem.text,
                advice=problem.advice,
            )
            for problem in added.warnings
        ],
    )


def _through(reached: Reached, file: Path) -> CampaignAdded:
    from dialer.api.edits import CampaignText
    from dialer.api.requests import put_campaign

    if reached.service is None:
        raise TypeError("nobody to ask")
    # Whatever is wrong in itself is told without troubling the service.
    checked = check_campaign(file, library=None)
    text = CampaignText(toml=checked.body, filename=str(file))
    return reached.service.call(put_campaign(checked.campaign.name, text))
