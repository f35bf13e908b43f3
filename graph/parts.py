"""The stores that are read and the use cases that are called, by noun. The factory in app/ fills these in."""

from dataclasses import dataclass

from domain.accounts.stores import AccountReads
from domain.projects.service import Projects
from domain.projects.stores import ProjectReads


@dataclass(frozen=True, slots=True)
class About:
    """What the platform says of itself."""

    version: str
    registration_open: bool


@dataclass(frozen=True, slots=True)
class Reads:
    accounts: AccountReads
    projects: ProjectReads


@dataclass(frozen=True, slots=True)
class UseCases:
    projects: Projects
