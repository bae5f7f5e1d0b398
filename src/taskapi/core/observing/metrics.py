"""Prometheus: what every service of this kind is asked for, and nothing by user or by id."""

import os
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values
from prometheus_client.gc_collector import GCCollector
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_shared: Path | None = None


def share(folder: Path, number: int) -> None:
    """Sum this process's figures with those of its siblings; said before any Metrics are made.

    Each has files of its number in `folder`, which whoever has that number after it goes on with: what the dead have
    counted stays counted, or every death would look like a reset of all. A figure costs twice as much to count then.
    """
    global _shared  # noqa: PLW0603 - one a process, as the library has it
    _shared = folder
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    values.ValueClass = values.MultiProcessValue(lambda: number)  # type: ignore[no-untyped-call]


class Metrics:
    """One a process and application; a registry of its own, so that two applications in a test do not collide."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._requests = Counter(
            "taskapi_http_requests_total", "Requests answered", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "taskapi_http_request_duration_seconds",
            "Time from the first byte in to the last byte out",
            ("method", "route"),
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
            registry=self.registry,
        )
        self.rate_limited = Counter(
            "taskapi_rate_limited_total", "Requests answered with 429", ("policy",), registry=self.registry
        )
        self.rate_limit_fallbacks = Counter(
            "taskapi_rate_limit_fallbacks_total",
            "Requests this process had to count by itself, more strictly, for Redis was away",
            registry=self.registry,
        )
        self.in_progress = Gauge(
            "taskapi_http_requests_in_progress",
            "Requests under way",
            multiprocess_mode="livesum",
            registry=self.registry,
        )
        self.in_progress.set(0)  # those that a predecessor died with are under way no more
        self.database_takes_writes = Gauge(
            "taskapi_database_takes_writes",
            "0 while the database refuses writes, for want of space or as a standby; else 1",
            multiprocess_mode="livemin",
            registry=self.registry,
        )
        self.database_takes_writes.set(1)
        # As the last look at /health/ready found them, whichever of several processes was asked.
        self.schema_ahead = Gauge(
            "taskapi_schema_ahead",
            "1 while the database has migrations of a newer version than this one",
            multiprocess_mode="mostrecent",
            registry=self.registry,
        )
        self.garbage_pauses = Histogram(
            "taskapi_gc_pause_seconds",
            "Collections of garbage that held the process for more than 5 ms",
            buckets=(0.01, 0.025, 0.05, 0.1, 0.25),
            registry=self.registry,
        )
        self.standby_reads = Counter(
            "taskapi_standby_reads_total",
            "Reads that could go to the standby, by the server that they went to",
            ("server",),
            registry=self.registry,
        )
        self.standby_lag = Gauge(
            "taskapi_standby_lag_seconds",
            "How far the standby is known to be behind; infinite while nobody is sent there",
            multiprocess_mode="livemax",
            registry=self.registry,
        )
        self.streams = Gauge(
            "taskapi_streams",
            "Clients that follow the changes live",
            multiprocess_mode="livesum",
            registry=self.registry,
        )
        self.streams.set(0)
        self._series: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """`route` is the path template: an id in a label would make a series for each."""
        series = self._series.get((method, route, status))
        if series is None:
            series = (
                self._requests.labels(method, route, str(status)),
                self._seconds.labels(method, route),
            )
            self._series[method, route, status] = series
        series[0].inc()
        series[1].observe(seconds)

    def render(self) -> bytes:
        if _shared is None:
            return generate_latest(self.registry)
        siblings = CollectorRegistry()
        MultiProcessCollector(siblings, path=str(_shared))  # type: ignore[no-untyped-call]
        return generate_latest(siblings)
