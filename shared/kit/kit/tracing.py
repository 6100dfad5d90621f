"""Trace context: from a request through the outbox and the bus to the effect, one trace (W3C Trace Context)."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

PROPAGATOR = TraceContextTextMapPropagator()


def configure(service: str, process: str, endpoint: str | None) -> None:
    """Spans are made in any case, so that the context goes through the bus; they are kept where an endpoint is set."""
    provider = TracerProvider(resource=Resource.create({"service.name": f"{service}-{process}"}))
    if endpoint:
        # a quarter of a second to import, for processes that keep their traces only
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    trace.set_tracer_provider(provider)


def current_traceparent() -> str | None:
    """The `traceparent` of the span that we are in."""
    carrier: dict[str, str] = {}
    PROPAGATOR.inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def span(name: str, traceparent: str | None = None) -> Iterator[None]:
    """A span, continuing the trace of a `traceparent` that came with a request or event."""
    parent = PROPAGATOR.extract({"traceparent": traceparent}) if traceparent else None
    with trace.get_tracer("kit").start_as_current_span(name, context=parent):
        yield
