"""One way for every line of log, ours and that of libraries: cleaned of secrets, to standard output."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import suppress
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

import structlog
from pydantic import SecretStr
from structlog.typing import Processor

from app.errors import CannotStart
from app.observe.person import add_user
from app.observe.redaction import Redactor
from app.observe.rendering import Finish, Render, console, json_line
from app.observe.reports import report
from app.settings import LogFormat, Settings

_LEVELS = {"DEBUG": logging.DEBUG, "INFO": logging.INFO, "WARNING": logging.WARNING, "ERROR": logging.ERROR}
_TALKATIVE = ("httpx", "httpcore", "asyncio", "urllib3")


def configure_logging(settings: Settings, stream: BinaryIO | None = None) -> Redactor:
    """May be called again; the last call counts. Returns the redactor, to which secrets made later can be told."""
    level = _level(settings.log_level)
    out = stream or sys.stdout.buffer
    redactor = Redactor(_secrets_of(settings))
    chain: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        add_user,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        report,
        structlog.processors.format_exc_info,
        Finish(redactor, _render(settings.log_format, out)),
    ]
    structlog.configure(
        processors=[structlog.stdlib.add_logger_name, *chain],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *name: Output(out, *name),
        cache_logger_on_first_use=False,
    )
    _take_over_stdlib(level, Intake(chain, Output(out)))
    return redactor


class Output:
    """Writes lines. A log that cannot be written does not take the server along."""

    __slots__ = ("_stream", "name")

    def __init__(self, stream: BinaryIO, name: str = "app") -> None:
        self._stream = stream
        self.name = name

    def info(self, line: bytes) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(line + b"\n")
            self._stream.flush()

    debug = warning = error = critical = info


class Intake(logging.Handler):
    """Takes in what libraries log the standard way."""

    def __init__(self, chain: list[Processor], output: Output) -> None:
        super().__init__()
        self._chain = chain
        self._output = output

    def emit(self, record: logging.LogRecord) -> None:
        event: Any = {"event": _message(record), "logger": record.name, "exc_info": record.exc_info}
        try:
            for process in self._chain:
                event = process(self._output, record.levelname.lower(), event)
        except Exception:  # noqa: BLE001
            event = b"a line of log was lost"
        self._output.info(event)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001
        return str(record.msg)


def _take_over_stdlib(level: int, intake: Intake) -> None:
    logging.captureWarnings(capture=True)
    logging.basicConfig(level=level, handlers=[intake], force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    uvicorn = logging.getLogger("uvicorn.error")
    uvicorn.filters = [_not_about_one_socket]


def _not_about_one_socket(record: logging.LogRecord) -> bool:
    """The access log has its own line for each socket."""
    text = str(record.msg)
    return '"WebSocket %s"' not in text and text not in ("connection open", "connection closed")


def _render(wanted: LogFormat, out: BinaryIO) -> Render:
    terminal = out.isatty()
    if wanted is LogFormat.console or (wanted is LogFormat.auto and terminal):
        return console(colors=terminal)
    return json_line


def _level(name: str) -> int:
    try:
        return _LEVELS[name.upper()]
    except KeyError:
        raise CannotStart(f"TMW_LOG_LEVEL is {name!r}.", f"Use one of {', '.join(_LEVELS)}.") from None


def _secrets_of(settings: Settings) -> Iterator[str]:
    values: MutableMapping[str, Any] = dict(settings)
    for value in values.values():
        if isinstance(value, SecretStr):
            text = value.get_secret_value()
            yield text
            with suppress(ValueError):
                password = urlsplit(text).password or ""
                yield from (password, unquote(password))
