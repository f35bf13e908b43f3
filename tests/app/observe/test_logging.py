from __future__ import annotations

import io
import json
import logging
import re
import warnings
from contextlib import contextmanager

import pytest
import structlog

from app.errors import CannotStart
from app.observe.logging import Intake, configure_logging

SECRET = "Zq9-a-secret-of-ours"


def test_a_line_is_json_with_the_time_in_utc_and_what_is_bound(lines):
    structlog.contextvars.bind_contextvars(request_id="r1", user_id="u1")
    structlog.get_logger("app.test").info("something", number=1)
    line = lines.one()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line.pop("timestamp"))
    assert line == {
        "level": "info",
        "event": "something",
        "logger": "app.test",
        "number": 1,
        "request_id": "r1",
        "user_id": "u1",
    }


def test_libraries_that_log_the_standard_way_come_out_the_same(lines):
    structlog.contextvars.bind_contextvars(request_id="r1")
    logging.getLogger("alembic.runtime").info("Running upgrade %s -> %s", "a", "b")
    line = lines.one()
    del line["timestamp"]
    assert line == {
        "level": "info",
        "event": "Running upgrade a -> b",
        "logger": "alembic.runtime",
        "request_id": "r1",
    }


def test_warnings_come_out_too(lines):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old ways", stacklevel=1)
    assert (lines.one()["level"], lines.one()["logger"]) == ("warning", "py.warnings")


@pytest.mark.parametrize(("level", "heard"), [("DEBUG", 4), ("info", 3), ("WARNING", 2), ("Error", 1)])
def test_the_level_holds_for_both(log_to, level, heard):
    for log in (structlog.get_logger, logging.getLogger):
        lines = log_to(log_level=level)
        for name in ("debug", "info", "warning", "error"):
            getattr(log("app.test"), name)("x")
        assert len(lines.all()) == heard


def test_an_unknown_level_stops_the_start(settings_of):
    with pytest.raises(CannotStart, match=r"TMW_LOG_LEVEL is 'LOUD'\. Use one of DEBUG, INFO, WARNING, ERROR\."):
        configure_logging(settings_of(log_level="LOUD"), io.BytesIO())


def test_talkative_libraries_are_kept_short(log_to):
    lines = log_to(log_level="DEBUG")
    logging.getLogger("httpx").info("HTTP Request: GET http://example.org")
    logging.getLogger("uvicorn.error").info('%s - "WebSocket %s" [accepted]', "127.0.0.1:1", "/graphql?token=a")
    logging.getLogger("uvicorn.error").info("connection open")
    logging.getLogger("uvicorn.error").info("Shutting down")
    assert [line["event"] for line in lines.all()] == ["Shutting down"]


@pytest.mark.parametrize("log", [structlog.get_logger("app.test"), logging.getLogger("app.test")])
def test_an_exception_is_shown_without_the_secrets_in_it(lines, log):
    try:
        int(f"redis://:{SECRET}@cache:6379")
    except ValueError:
        log.exception("no luck")
    line = lines.one()
    assert line["level"] == "error"
    assert line["exception"].startswith("Traceback (most recent call last):\n  File ")
    assert line["exception"].endswith(
        "ValueError: invalid literal for int() with base 10: 'redis://:[hidden]@cache:6379'"
    )
    assert SECRET not in lines.text


def test_a_secret_in_the_arguments_of_a_standard_message_is_hidden(lines):
    logging.getLogger("redis").warning("AUTH failed, password=%s", SECRET)
    assert lines.one()["event"] == "AUTH failed, password=[hidden]"


@pytest.mark.parametrize(
    "setting",
    [
        {"signing_key": SECRET},
        {"database_url": f"postgresql://me:{SECRET}@db/x"},
        {"redis_url": "redis://:Zq9%2Da-secret-of-ours@db/0"},
    ],
)
def test_secrets_of_the_settings_are_known_by_heart(log_to, setting):
    lines = log_to(**setting)
    structlog.get_logger("app.test").info("x", innocent=f"before {SECRET} after")
    assert lines.one()["innocent"] == "before [hidden] after"


def test_a_secret_made_later_can_be_told(settings_of, lines):
    redactor = configure_logging(settings_of(), lines.stream)
    redactor.hide(SECRET)
    structlog.get_logger("app.test").info(f"made {SECRET}")
    assert lines.one()["event"] == "made [hidden]"


@contextmanager
def pytest_not_listening():
    """It cannot bear everything that we can."""
    root = logging.getLogger()
    kept, root.handlers = root.handlers, [handler for handler in root.handlers if isinstance(handler, Intake)]
    try:
        yield
    finally:
        root.handlers = kept


class Grumpy:
    def __str__(self) -> str:
        raise RuntimeError

    __repr__ = __str__


@pytest.mark.parametrize(
    "value",
    [Grumpy(), 2**100, float("nan"), "\ud800", b"\xff", {1: {2: 3}}, object],
    ids=["grumpy", "large", "nan", "surrogate", "bytes", "mapping", "type"],
)
def test_whatever_is_logged_gives_a_line(lines, value):
    structlog.get_logger("app.test").info("x", value=value)
    with pytest_not_listening():
        logging.getLogger("app.test").info("y %s", value)
    assert [line["level"] for line in lines.all()] == ["info", "info"]


def test_a_standard_message_with_the_wrong_arguments_gives_a_line(lines):
    with pytest_not_listening():
        logging.getLogger("app.test").info("%d apples", "many")
    assert lines.one()["event"] == "%d apples"


class Closed(io.BytesIO):
    def write(self, _: object) -> int:
        raise BrokenPipeError


def test_a_log_that_nobody_reads_stops_nothing(log_to):
    log_to(Closed())
    structlog.get_logger("app.test").info("x")
    logging.getLogger("app.test").info("y")


class Terminal(io.BytesIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "log_format", "is_json", "colours"),
    [
        (io.BytesIO, "auto", True, False),
        (Terminal, "auto", False, True),
        (Terminal, "json", True, False),
        (io.BytesIO, "console", False, False),
    ],
)
def test_people_at_a_terminal_get_columns(log_to, stream, log_format, is_json, colours):
    lines = log_to(stream(), log_format=log_format)
    structlog.get_logger("app.test").warning("something", path="/graphql", token="abc")
    assert ("\x1b[" in lines.text) is colours
    if is_json:
        assert json.loads(lines.text)["path"] == "/graphql"
    else:
        plain = re.sub(r"\x1b\[\d*m", "", lines.text)
        assert re.search(r"^\S+Z \[warning *\] something +\[app.test\] path=/graphql token=\[hidden\]\n$", plain)


def test_nobody_can_write_to_the_terminal_through_a_log(log_to):
    lines = log_to(log_format="console")
    structlog.get_logger("app.test").info("one\nfake line \x1b[2J", path="/\x1b]0;title\x07")
    assert lines.text.count("\n") == 1
    assert "\x1b" not in lines.text


def test_the_last_configuration_counts(log_to):
    log = structlog.get_logger("app.test")
    first, second = log_to(), log_to(log_level="WARNING")
    log.info("x")
    log.warning("y")
    logging.getLogger("z").warning("z")
    assert first.all() == []
    assert [line["event"] for line in second.all()] == ["y", "z"]
