"""Every setting of the platform. Nothing outside `app/` reads the environment."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent

Commas = Annotated[tuple[str, ...], NoDecode]
# (name, value); one without a name has an empty one.
Named = Annotated[tuple[tuple[str, str], ...], NoDecode]
FromRoot = Annotated[Path, AfterValidator(lambda path: path if path.is_absolute() else ROOT / path)]


_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,29}")


def named(text: str) -> tuple[tuple[str, str], ...]:
    """Reads "value" or "name=value,name=value". Raises ValueError when two have the same name."""
    found = [_named(part.strip()) for part in text.split(",") if part.strip()]
    names = [name for name, _ in found]
    if len(set(names)) < len(names):
        raise ValueError("give each of them a name of its own: name=value,name=value")
    return tuple(found)


def _named(part: str) -> tuple[str, str]:
    name, sign, value = part.partition("=")
    return (name, value) if sign and _NAME.fullmatch(name) else ("", part)


def _is_address(url: str) -> bool:
    """Raises ValueError where the port is none."""
    parts = urlsplit(url)
    rest = parts.query or parts.fragment or parts.port == 0
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not rest


class LogFormat(StrEnum):
    auto = "auto"
    json = "json"
    console = "console"


class Settings(BaseSettings):
    """Read from the environment (prefix `TMW_`), then from `.env`, then the defaults below."""

    model_config = SettingsConfigDict(
        env_prefix="TMW_", env_file=ROOT / ".env", extra="ignore", frozen=True, env_ignore_empty=True
    )

    # Where to listen
    host: str = Field("127.0.0.1", description="Address the API listens on.")
    port: int = Field(8000, ge=1, le=65535, description="Port the API listens on.")
    public_url: str | None = Field(
        None,
        description="Address that people reach the API at; used in mails and links. Default: http://HOST:PORT.",
    )
    trusted_hosts: Commas = Field(
        ("*",), description="Host names the API answers to, comma separated; *.example.org covers subdomains."
    )
    trusted_proxies: Commas = Field(
        (),
        description="Addresses or networks of proxies whose X-Forwarded-For and X-Request-Id are believed.",
    )
    cors_origins: Commas = Field((), description="Origins of browser front ends that may call the API.")

    # Where things are kept
    state_dir: FromRoot = Field(Path("var"), description="Folder of the embedded database, broker, keys and files.")
    database_url: SecretStr | None = Field(
        None, description="postgresql://user:password@host/name. Unset: an embedded PostgreSQL is started."
    )
    read_database_url: SecretStr | None = Field(
        None, description="A read replica for queries. Unset: queries go to the database above."
    )
    redis_url: SecretStr | None = Field(
        None, description="redis://... or rediss://... or unix:///... Unset: an embedded Valkey is started."
    )
    storage_url: str | None = Field(
        None,
        description="s3://bucket/prefix?endpoint=https://host&region=name: where files are kept. "
        "Unset: in the folder blobs of TMW_STATE_DIR.",
    )
    storage_key_id: SecretStr | None = Field(
        None, description="Access key of the bucket. Unset: found where programs on AWS find theirs."
    )
    storage_secret_key: SecretStr | None = Field(None, description="The secret that belongs to that key.")
    database_pool: int = Field(20, ge=1, description="Connections kept open for writing, per process.")
    database_overflow: int = Field(30, ge=0, description="Further connections under load, per process.")
    database_read_pool: int = Field(10, ge=1, description="Connections kept for reading, per process.")
    database_recycle_s: int = Field(3600, ge=1, description="Age at which a connection is renewed.")
    database_statement_timeout_ms: int = Field(15_000, ge=100, description="No statement runs longer than this.")

    # Who may come in
    signing_key: SecretStr | None = Field(
        None, description="Secret of at least 32 characters that signs access tokens (HS256)."
    )
    signing_keys: SecretStr | None = Field(
        None,
        description="JSON list of JWKs with kid and alg (HS256, RS256, EdDSA) for rotation: "
        "the first signs, all verify. Wins over TMW_SIGNING_KEY.",
    )
    access_token_minutes: int = Field(30, ge=1, description="Life of an access token.")
    refresh_token_days: int = Field(7, ge=1, description="Life of a refresh token.")
    token_audience: str = Field("trademaster-web", description="Audience and issuer written into tokens.")
    login_attempts_per_account: int = Field(10, ge=1, description="Failed logins per account in 15 minutes.")
    login_attempts_per_address: int = Field(50, ge=1, description="Failed logins per address in 15 minutes.")
    registration_open: bool = Field(True, description="Whether anybody may register.")

    # How much one may ask
    max_body_bytes: int = Field(1_000_000, ge=1_000, description="Largest body of a GraphQL request.")
    max_upload_bytes: int = Field(100_000_000, ge=1_000, description="Largest file that may be sent.")
    read_processes: int = Field(2, ge=1, description="Processes in which the API looks into data, at most.")
    read_memory_mb: int = Field(1_500, ge=300, description="Memory of each of them, in MB.")
    transfer_minutes: int = Field(15, ge=1, description="Life of a link that a file is sent to or fetched from.")
    max_depth: int = Field(15, ge=1, description="Deepest nesting of a query.")
    max_aliases: int = Field(30, ge=0, description="Most aliases in a document.")
    max_root_fields: int = Field(20, ge=1, description="Most root fields in an operation.")
    max_tokens: int = Field(5_000, ge=100, description="Most tokens in a document.")
    max_cost: int = Field(20_000, ge=10, description="Highest cost of an operation; see docs/api.md.")
    rate_per_minute: int = Field(600, ge=1, description="Requests a minute per user, or per address when nobody.")
    list_rate_per_minute: int = Field(100, ge=1, description="Requests with a list in them, a minute.")
    max_sockets: int = Field(10_000, ge=1, description="Open sockets and event streams, per process.")
    max_sockets_per_user: int = Field(50, ge=1, description="Those of one user, or of one address when nobody.")
    live_buffer: int = Field(
        500,
        ge=10,
        description="Events of a job that are kept in memory for all who watch it, and that one of them is handed at "
        "once. Who is further behind reads from the database.",
    )
    introspection: bool | None = Field(None, description="Schema introspection. Unset: on in embedded mode only.")
    graphiql: bool | None = Field(None, description="GraphiQL at /graphql. Unset: on in embedded mode only.")
    trusted_documents_only: bool = Field(False, description="Admit only operations that were registered by hash.")

    # Work
    training_slots: int = Field(1, ge=1, description="Jobs that one training worker runs at once.")
    evaluation_slots: int = Field(2, ge=1, description="Jobs that one evaluation worker runs at once.")
    data_slots: int = Field(4, ge=1, description="Jobs that one data worker runs at once.")
    inspection_memory_mb: int = Field(3_000, ge=500, description="Memory that reading or making a dataset may take.")
    inspection_seconds: int = Field(1_800, ge=10, description="No reading or making of a dataset runs longer.")
    training_memory_mb: int = Field(4_000, ge=500, description="Memory that one training may take.")
    training_device: str = Field("cpu", description="Where the embedded engine trains: cpu, cuda, mps.")
    checkpoint_every_s: float = Field(15.0, gt=0, description="How often a training is kept, to go on from there.")
    job_timeout_s: int = Field(86_400, ge=1, description="No job runs longer than this.")

    # TradeMaster services
    trademaster_url: Named = Field(
        (),
        description="Where a TradeMaster service listens, such as http://127.0.0.1:8080; or several, each with "
        "a name: lab=http://one:8080,big=http://two:8080. See docs/trademaster.md.",
    )
    trademaster_trainings: int = Field(1, ge=1, description="Runs at once on each of them, over all workers.")
    trademaster_stall_s: Named = Field(
        (("", "900"),),
        description="After so many seconds without a new line a run there is warned of, and after as many again it has "
        "failed. By task where they differ: 900,portfolio_management=1800.",
    )

    # Mail
    smtp_url: SecretStr | None = Field(
        None,
        description="smtp://user:password@host:587 or smtps://... "
        "Unset: mails go to the log, their text only in embedded mode.",
    )
    mail_from: str = Field("TradeMaster Web <no-reply@localhost>", description="Sender of mails.")

    # What operators see
    log_format: LogFormat = Field(LogFormat.auto, description="json, console, or auto: console on a terminal.")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    sentry_dsn: SecretStr | None = Field(None, description="Report errors to Sentry.")
    otel_endpoint: str | None = Field(None, description="Send traces to this OTLP/HTTP endpoint.")
    shutdown_grace_s: float = Field(10.0, ge=0, description="Time that running requests get at a stop.")

    @field_validator("trusted_hosts", "trusted_proxies", "cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("trademaster_url", "trademaster_stall_s", mode="before")
    @classmethod
    def _by_name(cls, value: object) -> object:
        return named(value) if isinstance(value, str) else value

    @field_validator("trademaster_url")
    @classmethod
    def _are_addresses(cls, value: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        if not all(_is_address(url) for _, url in value):
            raise ValueError("write an address such as http://127.0.0.1:8080, or several as name=address,name=address")
        return value

    @field_validator("trademaster_stall_s")
    @classmethod
    def _are_seconds(cls, value: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        if any(not text.isdecimal() or int(text) < 1 for _, text in value):
            raise ValueError("write whole seconds, and those of a task as task=seconds")
        return value

    @property
    def embedded(self) -> bool:
        """Whether this is somebody's own machine: the platform brings its own database."""
        return self.database_url is None

    @property
    def url(self) -> str:
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def trademaster_services(self) -> dict[str, str]:
        """Addresses, by the names of the engines."""
        return {f"trademaster:{name}" if name else "trademaster": url for name, url in self.trademaster_url}

    def with_(self, **changes: object) -> Self:
        return self.model_copy(update=changes)
