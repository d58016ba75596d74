"""`python -m lists.sample [COUNT] [SEED]`: a sample list as CSV on standard output."""

from __future__ import annotations

import sys

from lists.sample.generator import SAMPLE_SIZE, csv_text, generate

arguments = [int(argument) for argument in sys.argv[1:3]]
count = arguments[0] if arguments else SAMPLE_SIZE
seed = arguments[1] if len(arguments) > 1 else 0
sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
sys.stdout.write(csv_text(generate(count, seed)))
