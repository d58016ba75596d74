"""Prometheus metrics: what the service counts, under names that begin with `dialer_`.

Figures of campaigns are those of the overview, so that console, reports and metrics cannot disagree. They are of
the day: at midnight they begin at 0 again, which Prometheus takes for a restart, as it should.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, generate_latest
from prometheus_client import Counter as Total
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from dialer.api.schemas import Overview
from dialer.web.service import Service

_JOURNAL_BUCKETS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_REQUEST_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0)


class Metrics:
    """One for a running service. `committed` may be called in any thread, the rest in the event loop's."""

    def __init__(self, service: Service) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(namespace="dialer", registry=self._registry)
        self._registry.register(_Floor(service))
        self._journal = Histogram(
            "dialer_journal_latency_seconds",
            "Of each commit of the journal: for how long its first write had been queued, when it was committed.",
            buckets=_JOURNAL_BUCKETS,
            registry=self._registry,
        )
        self._requests = Histogram(
            "dialer_api_request_seconds",
            "Requests of the control API, streams until their end.",
            ["method", "status"],
            buckets=_REQUEST_BUCKETS,
            registry=self._registry,
        )
        self._dropped = Total(
            "dialer_api_dropped_total",
            "Connections of the control API dropped, by cause: garbage, silent, crowded.",
            ["cause"],
            registry=self._registry,
        )

    def committed(self, waited_s: float) -> None:
        """The journal has committed, and the first write of the commit had been queued for so long."""
        self._journal.observe(waited_s)

    def requested(self, method: str, status: int, elapsed_s: float) -> None:
        known = method if method in _METHODS else "other"
        self._requests.labels(known, str(status)).observe(elapsed_s)

    def dropped(self, cause: str) -> None:
        self._dropped.labels(cause).inc()

    def text(self) -> bytes:
        """Everything in Prometheus' text format. In the event loop's thread."""
        return generate_latest(self._registry)


_METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"})


class _Floor(Collector):
    """The overview as metrics."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def describe(self) -> Iterable[Metric]:
        return ()  # nothing is collected before it is asked for: the service may not have started

    def collect(self) -> Iterable[Metric]:
        overview = self._service.overview(None)
        up = GaugeMetricFamily("dialer_running", "1 while the service dials, 0 while it starts or drains.")
        up.add_metric((), float(overview.service.state == "running"))
        yield up
        yield from _of_campaigns(overview)
        yield from _of_floor(overview)
        queued = GaugeMetricFamily("dialer_journal_queued", "Writes that wait for the next commit.")
        queued.add_metric((), self._service.journal.queued)
        yield queued
        yield from _of_network(self._service.counters)


def _of_campaigns(overview: Overview) -> Iterable[Metric]:
    state = GaugeMetricFamily(
        "dialer_campaign_state", "1 for the state a campaign is in.", labels=("campaign", "state")
    )
    attempts = CounterMetricFamily(
        "dialer_attempts", "Attempts on record today, by outcome.", labels=("campaign", "outcome")
    )
    counters = {
        name: CounterMetricFamily(f"dialer_{name}", text, labels=("campaign",))
        for name, text in (
            ("live", "Attempts answered by a person today."),
            ("machine", "Attempts answered by a machine today."),
            ("abandoned", "Live answers that reached no agent in time today."),
            ("rpc", "Right-party contacts today."),
        )
    }
    ready = GaugeMetricFamily("dialer_leads_at_hand", "Leads leased and permitted.", labels=("campaign",))
    for row in overview.campaigns:
        state.add_metric((row.name, row.state.value), 1.0)
        for outcome, count in row.figures.outcomes.items():
            attempts.add_metric((row.name, outcome), count)
        figures = row.figures
        for name, count in (
            ("live", figures.live),
            ("machine", figures.machine),
            ("abandoned", figures.abandoned),
            ("rpc", figures.rpc),
        ):
            counters[name].add_metric((row.name,), count)
        ready.add_metric((row.name,), row.leads.at_hand)
    yield from (state, attempts, *counters.values(), ready)


def _of_network(counters: Mapping[str, int]) -> Iterable[Metric]:
    sip = CounterMetricFamily(
        "dialer_sip", "What SIP counted, datagrams dropped by reason among it.", labels=("what",)
    )
    rtp = CounterMetricFamily("dialer_rtp", "Packets of audio.", labels=("what",))
    for name, count in sorted(counters.items()):
        kind, _, what = name.partition("_")
        if kind in ("sip", "rtp"):
            (sip if kind == "sip" else rtp).add_metric((what,), count)
    yield from (sip, rtp)


def _of_floor(overview: Overview) -> Iterable[Metric]:
    agents = GaugeMetricFamily("dialer_agents", "Agents on duty.", labels=("campaign", "state"))
    for (campaign, state), count in Counter((row.campaign, row.state) for row in overview.agents).items():
        agents.add_metric((campaign, state), count)
    calls = GaugeMetricFamily("dialer_calls", "Calls in progress.", labels=("campaign", "state"))
    for (campaign, state), count in Counter((row.campaign, row.state) for row in overview.calls).items():
        calls.add_metric((campaign, state), count)
    lines = GaugeMetricFamily("dialer_trunk_lines_in_use", "Calls on a trunk.", labels=("trunk",))
    channels = GaugeMetricFamily("dialer_trunk_lines", "Calls that a trunk takes at once.", labels=("trunk",))
    for trunk in overview.trunks:
        lines.add_metric((trunk.name,), trunk.in_use)
        channels.add_metric((trunk.name,), trunk.channels)
    yield from (agents, calls, lines, channels)
