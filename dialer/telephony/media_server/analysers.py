"""The analysers that a leg can be listened to with, by the names that `Listen` orders. Loaded when the first legs
are there: numpy takes longer than all the rest."""

from __future__ import annotations

from collections.abc import Mapping

from dialer.media.tap import Analyser, AnalyserFactory


def load_analysers() -> None:
    """What would otherwise be loaded at the first call that is listened to, which would be late for it."""
    import dialer.media.amd.analysers
    from dialer.media.amd.model import trained

    del dialer
    trained()


def _machine(settings: Mapping[str, float]) -> Analyser:
    from dialer.media.amd.analysers import MachineDetector

    return MachineDetector(settings)


def _network(settings: Mapping[str, float]) -> Analyser:
    from dialer.media.amd.analysers import NetworkListener

    return NetworkListener(settings)


ANALYSERS: Mapping[str, AnalyserFactory] = {"machine": _machine, "network": _network}
