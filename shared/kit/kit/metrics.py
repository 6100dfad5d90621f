"""Every metric of every process: name, labels, meaning, unit. Names of topics and codes only; never an id."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry()
SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)

REQUESTS = Histogram(
    "http_request_seconds",
    "Time to answer a request",
    ["method", "route", "status"],
    buckets=SECONDS,
    registry=REGISTRY,
)
RECORDED = Counter("events_recorded_total", "Events written to journal and outbox", ["type"], registry=REGISTRY)
PUBLISHED = Counter("outbox_published_total", "Outbox rows acknowledged by the broker", ["topic"], registry=REGISTRY)
PUBLISH_FAILED = Counter("outbox_failures_total", "Rounds in which a send failed", ["code"], registry=REGISTRY)
OUTBOX_WAITING = Gauge("outbox_waiting", "Rows in the outbox at the last look", registry=REGISTRY)
OUTBOX_AGE = Gauge(
    "outbox_oldest_age_seconds", "Age of the oldest row in the outbox at the last look", registry=REGISTRY
)
RELAY_LEADER = Gauge("relay_shards", "Shards that this relay leads", registry=REGISTRY)
APPLIED = Counter(
    "records_applied_total", "Events whose effect was committed", ["consumer", "topic"], registry=REGISTRY
)
DUPLICATES = Counter(
    "records_duplicate_total", "Events seen before, passed over", ["consumer", "topic"], registry=REGISTRY
)
SET_ASIDE = Counter(
    "records_set_aside_total", "Records kept as dead letters", ["consumer", "topic", "kind"], registry=REGISTRY
)
REFUSED = Counter("claims_refused_total", "Claims answered with a refusal", ["partner", "code"], registry=REGISTRY)
FENCED = Counter("batches_fenced_total", "Stale batches turned away", ["consumer", "topic"], registry=REGISTRY)
BATCH = Histogram("batch_seconds", "Time of one batch's transaction", ["consumer"], buckets=SECONDS, registry=REGISTRY)
RETRIES = Counter("batch_retries_total", "Batches tried again later", ["consumer", "code"], registry=REGISTRY)
LAG = Gauge("consumer_lag", "End of the log minus position", ["consumer", "topic", "partition"], registry=REGISTRY)
STOPPED = Gauge(
    "partition_stopped", "1 while a person must look", ["consumer", "topic", "partition"], registry=REGISTRY
)
MISSING = Gauge(
    "topics_missing", "Topics that a reader waits for, and nobody has made", ["consumer"], registry=REGISTRY
)
REBUILT = Counter("consumer_rebuilt_total", "Dead consumers made anew", ["consumer"], registry=REGISTRY)
DEADLINES = Counter(
    "deadlines_fired_total", "Deadlines that fell due and were acted on", ["deadline"], registry=REGISTRY
)
LOOPS = Counter("loop_turns_total", "What came of what a worker's loop took up", ["loop", "outcome"], registry=REGISTRY)
DENIED = Counter("access_denied_total", "Requests turned away", ["status"], registry=REGISTRY)


def exposition() -> bytes:
    """The metrics in Prometheus's text format."""
    return generate_latest(REGISTRY)
