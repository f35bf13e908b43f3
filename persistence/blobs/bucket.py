"""Content in a bucket that speaks S3, named by an address such as s3://bucket/prefix?endpoint=https://host&region=eu."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from obstore.store import S3Store

from persistence.blobs.objects import ObjectStorage

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config

OPTIONS = frozenset({"endpoint", "region"})
SECONDS = timedelta(seconds=1)


class BadAddress(ValueError):
    """The sentence says what is wrong with it."""


def bucket_storage(address: str, *, key_id: str | None, secret: str | None, scratch: Path) -> ObjectStorage:
    """Without a key, the store finds credentials where programs on AWS find theirs. Asks for nothing yet."""
    bucket, prefix, options = _read(address)
    config: S3Config = {"bucket": bucket, "region": options.get("region", "us-east-1")}
    client: ClientConfig = {"connect_timeout": 5 * SECONDS, "timeout": 60 * SECONDS}
    if endpoint := options.get("endpoint"):
        config["endpoint"] = endpoint
        client["allow_http"] = endpoint.startswith("http://")
    if key_id and secret:
        config |= {"access_key_id": key_id, "secret_access_key": secret}
    scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    retry: RetryConfig = {"max_retries": 3, "retry_timeout": 60 * SECONDS}
    store = S3Store(prefix=prefix or None, config=config, client_options=client, retry_config=retry)
    return ObjectStorage(store, scratch=scratch)


def _read(address: str) -> tuple[str, str, dict[str, str]]:
    parts = urlsplit(address)
    options = dict(parse_qsl(parts.query))
    if parts.scheme != "s3" or not parts.hostname:
        raise BadAddress("is no address of a bucket")
    if parts.username or parts.password:
        raise BadAddress("holds credentials, which belong into settings of their own")
    if unknown := options.keys() - OPTIONS:
        raise BadAddress(f"has {', '.join(sorted(unknown))}, which is no option")
    return parts.hostname, parts.path.strip("/"), options
