from __future__ import annotations

import sys

from tests.bench.pacing.table import main

sys.exit(main())
