"""The analysers that a leg can be listened to with, by the names that `Listen` orders."""

from __future__ import annotations

from collections.abc import Mapping

from dialer.media.tap import AnalyserFactory

ANALYSERS: Mapping[str, AnalyserFactory] = {}
