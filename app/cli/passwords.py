"""A password for a command: never as an argument, where other users of the machine would see it."""

from __future__ import annotations

import os
import sys

import typer

from app.errors import CannotStart

VARIABLE = "TMW_ADMIN_PASSWORD"


def read_password(*, from_stdin: bool) -> str:
    """Out of standard input, else the environment, else a person is asked twice."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    given = os.environ.get(VARIABLE)
    if given:
        return given
    if not sys.stdin.isatty():
        raise CannotStart("There is no password.", f"Give it with --password-stdin or in {VARIABLE}.")
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password
