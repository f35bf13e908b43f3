"""Where the database and the broker are: a person's own, the embedded ones that run, or ones started here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from app.embedded.postgres import EmbeddedPostgres
from app.embedded.server import EmbeddedServer
from app.embedded.valkey import EmbeddedValkey
from app.errors import CannotStart
from app.settings import Settings


@dataclass(frozen=True, slots=True, repr=False)
class Endpoints:
    """Addresses with their passwords: never to be shown."""

    database_url: str
    read_database_url: str | None
    redis_url: str


def embedded(settings: Settings) -> tuple[EmbeddedPostgres | None, EmbeddedValkey | None]:
    """The servers that the platform brings along, not started; None where a person named one of their own."""
    return (
        None if settings.database_url else EmbeddedPostgres(settings.state_dir / "postgres"),
        None if settings.redis_url else EmbeddedValkey(settings.state_dir / "valkey"),
    )


@contextmanager
def open_endpoints(settings: Settings, *, start: bool) -> Iterator[Endpoints]:
    """The addresses for as long as the block runs. What is started here is stopped at its end."""
    postgres, valkey = embedded(settings)
    with ExitStack() as stack:
        yield endpoints(
            settings,
            database_url=_attach(postgres, stack, start=start) if postgres else None,
            redis_url=_attach(valkey, stack, start=start) if valkey else None,
        )


def endpoints(settings: Settings, *, database_url: str | None, redis_url: str | None) -> Endpoints:
    """The addresses out of the settings, completed by those of embedded servers."""
    return Endpoints(
        database_url=_given(settings.database_url) or database_url or "",
        read_database_url=_given(settings.read_database_url),
        redis_url=_given(settings.redis_url) or redis_url or "",
    )


def _given(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret is not None else None


def _attach(server: EmbeddedServer, stack: ExitStack, *, start: bool) -> str:
    url = server.running()
    if url is None and not start:
        raise CannotStart("No platform is running here.", "Start it with ./tmw up.")
    if url is None:
        stack.callback(server.stop)
        url = server.start()
    return url
