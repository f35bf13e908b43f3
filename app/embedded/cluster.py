"""The first data of an embedded PostgreSQL: made aside, then put in place, so that it is whole or not there."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from app.embedded import children, places
from app.embedded.children import Account
from app.errors import CannotStart

DATABASE = "trademaster"
DRAFT = "draft-"

# Sorting by code point and a lower() that knows Unicode, the same on every machine and after every upgrade of it.
LOCALE = ("--encoding=UTF8", "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")


def environment() -> dict[str, str]:
    """Nothing of ours reaches the server: neither PG* variables nor secrets."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class Cluster:
    """Runs the programs that work on data whose server is down."""

    programs: Path
    account: Account | None
    durable: bool = True

    def make(self, data: Path, password: str) -> None:
        home = data.parent
        for old in home.glob(DRAFT + "*"):
            shutil.rmtree(old)
        draft = places.make_private(Path(tempfile.mkdtemp(prefix=DRAFT, dir=home)), self.account)
        secret = self._secret(draft / "password", password)
        sync = () if self.durable else ("--no-sync",)
        words = (
            "-D",
            draft / "data",
            "--username=postgres",
            "--auth=scram-sha-256",
            f"--pwfile={secret}",
            *LOCALE,
            *sync,
        )
        self._run("initdb", *words, cwd=draft)
        self._tell(draft / "data", f"CREATE DATABASE {DATABASE};")
        (draft / "data").rename(data)
        shutil.rmtree(draft)

    def set_password(self, data: Path, password: str) -> None:
        self._tell(data, f"ALTER USER postgres PASSWORD '{password}';")

    def _secret(self, path: Path, password: str) -> Path:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(password)
        if self.account is not None:
            os.chown(path, self.account.uid, self.account.gid)
        return path

    def _tell(self, data: Path, statement: str) -> None:
        loose = () if self.durable else ("-F",)
        self._run("postgres", "--single", *loose, "-D", data, "postgres", cwd=data, say=statement + "\n")

    def _run(self, program: str, *words: str | Path, cwd: Path, say: str = "") -> None:
        command = children.tethered([self.programs / program, *words], death=signal.SIGKILL, account=self.account)
        done = subprocess.run(  # noqa: S603
            command,
            cwd=cwd,
            env=environment(),
            input=say.encode(),
            capture_output=True,
            start_new_session=True,
            check=False,
        )
        if done.returncode or b"ERROR:" in done.stderr:
            raise _failed(program, done.stderr.decode(errors="replace"))


def _failed(program: str, said: str) -> CannotStart:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if "ERROR" in line or "FATAL" in line or "error:" in line or "could not" in line]
    return CannotStart(
        f"The embedded PostgreSQL could not be made ready ({program}): {(telling or lines or ['it said nothing'])[0]}.",
        "Make room or give access where it says so, or set TMW_DATABASE_URL to a PostgreSQL of your own.",
    )
