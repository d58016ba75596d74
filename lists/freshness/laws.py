"""The laws of all sources together, from all that calls have shown of their numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from lists.freshness.decay import estimate_decay
from lists.freshness.evidence import of_dying, of_passing_on
from lists.freshness.outlook import Laws
from lists.freshness.silence import untold_points
from lists.freshness.standing import Standing


def by_source(standings: Iterable[Standing]) -> dict[str, list[Standing]]:
    found: defaultdict[str, list[Standing]] = defaultdict(list)
    for one in standings:
        found[one.source].append(one)
    return dict(sorted(found.items()))


def laws_of(units: Mapping[str, Sequence[Standing]]) -> Laws:
    """One unit without evidence is one more of their kind."""
    untold = untold_points(units.values())
    return Laws(
        estimate_decay({name: of_dying(standings) for name, standings in units.items()}, list(untold), seed=1),
        estimate_decay({name: of_passing_on(standings) for name, standings in units.items()}, seed=2),
        float(np.median(untold)),
    )
