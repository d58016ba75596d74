"""How often Python looks for garbage that refers to itself, while calls are placed or a day is simulated.

What an attempt makes (events, commands, records) refers to nothing that refers back, and is gone with its last
reference. The collector frees none of it and only walks over what lives long: leads, open transactions, records.
With Python's thresholds that took 8 % of a simulated day, and its full passes held a live floor up for tens of
milliseconds at the moment when somebody says hello.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

THRESHOLDS = (50_000, 20, 50)
"""Objects made and not freed before a look at the youngest; looks at one generation before one at the next. What
can be lost to cycles (tracebacks, mostly) until then is some megabytes."""


@contextmanager
def rare_collections() -> Iterator[None]:
    """Collect rarely, and nothing that is there already, for as long as the block lasts. Of the whole process."""
    before = gc.get_threshold()
    gc.freeze()  # the little garbage in it too: to look for it would take longer than it is worth
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
