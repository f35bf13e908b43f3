"""Why the platform cannot start, said to a person."""

from __future__ import annotations


class CannotStart(Exception):
    """One clear sentence about what is missing, and what to do about it. The command line prints it and exits 1."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem} {remedy}".strip())
        self.problem = problem
        self.remedy = remedy
