"""Logs: one JSON object a line, and only fields that are known to hold nothing personal."""

import logging
import re
import sys
from collections.abc import Collection, MutableMapping
from typing import Any

import structlog

FIELDS = frozenset(
    """
    aggregate aggregate_id as_at attempt code consumer correlation_id count count_of deadline delay_s detail
    duration_ms error event event_id field from generation held_back host key_id level logger method metric name offset
    organisation partition partner path port position process profile reason role route rule service shard
    signal state status subject timestamp to topic trace_id type version where
    """.split()  # noqa: SIM905 a list of a hundred quoted words is harder to read
)
"""Every field that a log line may have. Another is dropped: a new one is added here, where it is looked at."""

SELDOM = 10.0  # seconds between two lines of one place in a library that repeats itself

SUSPECT = re.compile(
    r"[\w.+-]+@[\w-]+\.[\w.]+"  # an e-mail address
    r"|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"  # a postcode
    r"|(?:(?<!\w)\+44|\b0)\d{9,10}\b"  # a telephone number
    r"|\b[A-Z]{2}\d{6}[A-D]\b"  # a national insurance number
    r"|\beyJ[\w-]+\.[\w-]+\.[\w-]+"  # a token
)


def allowed(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Known fields only, and no value that looks like a person's."""
    return {
        name: SUSPECT.sub("[removed]", value) if isinstance(value, str) else value
        for name, value in line.items()
        if name in FIELDS
    }


def error_place(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception as its class and the line that raised it: its text may quote what somebody sent."""
    error = line.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    elif isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        line["error"] = type(error).__name__
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        if trace is not None:
            line["where"] = f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
    return line


def template(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A library's message as it stands in its code, its first line: what it is filled with may be what somebody sent."""
    record = line.get("_record")
    if record is not None:
        line["event"] = str(record.msg).partition("\n")[0]
        if held_back := getattr(record, "held_back", 0):
            line["held_back"] = held_back
    return line


class Seldom(logging.Filter):
    """Lets a library's line through once in a while, with how many were held back since the last: aiokafka says the same
    every 15 ms while a broker is away.
    """

    def __init__(self, names: Collection[str]) -> None:
        super().__init__()
        self._names = names
        self._said: dict[tuple[str, int], tuple[float, int]] = {}
        """When each place of a library's code had its line last, and how many of it were held back since."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] not in self._names:
            return True
        place = (record.pathname, record.lineno)
        last, held_back = self._said.get(place, (0.0, 0))
        if record.created < last + SELDOM:
            self._said[place] = last, held_back + 1
            return False
        self._said[place] = record.created, 0
        record.held_back = held_back
        return True


def configure(service: str, process: str, level: str = "INFO") -> None:
    """All logging of this process, ours and the libraries', as JSON lines on standard output."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        error_place,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, template],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                allowed,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    handler.addFilter(Seldom({"aiokafka"}))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # aiokafka logs whole records at DEBUG, and uvicorn.access whole paths
    for name, quiet in (
        ("aiokafka", "ERROR"),
        ("uvicorn.access", "CRITICAL"),
        ("uvicorn", "WARNING"),
        ("faststream", "ERROR"),
    ):
        logging.getLogger(name).setLevel(quiet)
        logging.getLogger(name).handlers.clear()
    structlog.contextvars.bind_contextvars(service=service, process=process)


def get(name: str) -> structlog.stdlib.BoundLogger:
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def bind(**fields: str) -> None:
    """Say these fields in every line of this task from here on."""
    structlog.contextvars.bind_contextvars(**fields)
