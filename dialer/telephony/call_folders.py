"""Where the sound of calls lies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from campaigns.prompt import FOLDER


@dataclass(frozen=True, slots=True)
class CallFolders:
    """`prompts`: people's own sound files, by client. `made`: prompts ready for playing; may be emptied at any
    time. `recordings`: by day and client."""

    prompts: Path
    made: Path
    recordings: Path

    @classmethod
    def of_home(cls, home: Path) -> CallFolders:
        """Those of an installation."""
        return cls(home / FOLDER, home / FOLDER / ".made", home / "recordings")
