"""What a refusal puts onto the do-not-call registers: for whom it holds, and on which numbers."""

from __future__ import annotations

from enum import StrEnum

from lists.value import value


class RefusalReaches(StrEnum):
    """Whose calls, and for what, somebody is not called any more who has refused. The later is the wider."""

    PURPOSE = "purpose"  # the client's calls for the purpose of the one that was refused
    CLIENT = "client"  # all calls of the client
    HOUSE = "house"  # all calls of everybody who calls from here


class RefusalBlocks(StrEnum):
    """On which numbers. The later is the wider."""

    NUMBER = "number"  # that on which the person has refused
    PERSON = "person"  # all that the client knows of the person, and those that come with later lists


@value
class RefusalRule:
    """What a campaign or a rule set says of it."""

    reaches: RefusalReaches
    blocks: RefusalBlocks

    def wider(self, other: RefusalRule) -> RefusalRule:
        """What keeps to both."""
        return RefusalRule(
            max(self.reaches, other.reaches, key=list(RefusalReaches).index),
            max(self.blocks, other.blocks, key=list(RefusalBlocks).index),
        )


USUAL = RefusalRule(RefusalReaches.CLIENT, RefusalBlocks.NUMBER)
"""Of campaigns that say nothing of it."""

UNSAID = RefusalRule(RefusalReaches.PURPOSE, RefusalBlocks.NUMBER)
"""Of rules that say nothing of it: less there is not, so a campaign's own word holds."""
