"""Structured logs: one JSON object a line on standard error, with request and trace ids.

No value that may hold a secret is logged; the last processor drops keys that are named like one, so that a slip is
not a leak.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Protocol

import orjson
import structlog
from opentelemetry import trace

from app.telemetry.log_sampling import Sampler

_SECRET_KEY = re.compile(r"password|passwd|secret|token|authorization|cookie|credential", re.IGNORECASE)


class Stream(Protocol):
    """As much of a stream of text as loggers use."""

    def write(self, text: str, /) -> int:
        """Write."""
        ...

    def flush(self) -> None:
        """Hand on what is held back."""
        ...


def configure_logs(
    process: str, instance: str, level: str = "INFO", stream: Stream | None = None, sampler: Sampler | None = None
) -> None:
    """Send this process' logs, and those of libraries, to standard error as JSON lines.

    Args:
        process: the service's name, e.g. "gateway".
        instance: the replica's name, e.g. "gateway-1".
        level: the lowest level that is written.
        stream: where lines go in the place of standard error.
        sampler: thins out floods; without one every line is written.
    """
    to: Any = sys.stderr if stream is None else stream
    number = logging.getLevelNamesMapping()[level]
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_process(process, instance),
        _add_trace,
        structlog.processors.format_exc_info,
        _drop_secrets,
    ]
    structlog.configure(
        processors=[*([sampler.processor] if sampler else []), *shared, _render_text],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=to),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(to)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[_forget_meta, _render_text])
    )
    if sampler is not None:
        handler.addFilter(sampler.filter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(number, logging.WARNING))


def get_logger(name: str) -> Any:
    """A logger that carries its module's name; safe to make at import, it binds to nothing."""
    return structlog.get_logger(module=name)


def _render_text(_: object, __: str, event: MutableMapping[str, Any]) -> str:
    try:
        return orjson.dumps(event, default=repr).decode()
    except orjson.JSONEncodeError:
        return json.dumps(event, default=repr)  # half a character of a path, or a number of more than 64 bits


def _forget_meta(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event.pop("_record", None)
    event.pop("_from_structlog", None)
    return event


def _add_process(process: str, instance: str) -> Any:
    def add(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["process"] = process
        event["instance"] = instance
        return event

    return add


def _add_trace(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = f"{context.trace_id:032x}"
        event["span_id"] = f"{context.span_id:016x}"
    return event


def _drop_secrets(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in event:
        if _SECRET_KEY.search(key):
            event[key] = "***"
    return event
