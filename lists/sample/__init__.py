"""Invented people on numbers reserved for fiction, to try the product with.

`people.csv` beside this file is `generate(400)`, made by `python -m lists.sample`.
"""

from __future__ import annotations

from lists.sample.generator import COLUMNS, LIMIT, SAMPLE_SIZE, csv_text, generate

__all__ = ["COLUMNS", "LIMIT", "SAMPLE_SIZE", "csv_text", "generate"]
