# noqa: INP001
"""Makes the Python environment and installs the locked packages, before anything but the standard library is there.

Run by ./tmw as: bootstrap.py VENV LOCK. Two at once wait for each other; one that was killed is made up for.
Run as bootstrap.py VENV requirements-engine.lock it adds the training engine to an environment that is there.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NEEDED_MB = 500
ENGINE_NEEDED_MB = 1_500
BASE = "requirements.lock"
ENGINE = "requirements-engine.lock"
LOG = "install.log"
ENGINE_LOG = "install-engine.log"

# What pip says, and what a person can do about it.
REMEDIES = (
    (("No space left", "Disk quota"), "the disk is full; make room and run the same command again."),
    (("Permission denied",), "a file or folder may not be written; see {log}."),
    (
        ("NewConnectionError", "Max retries", "Temporary failure in name resolution", "ConnectTimeout", "ProxyError"),
        "pip cannot reach its package index; check the network, or pip's settings, and run the same command again.",
    ),
    (
        ("SSLError", "CERTIFICATE_VERIFY_FAILED"),
        "pip does not trust its package index; set PIP_CERT to the right file.",
    ),
    (
        ("DO NOT MATCH THE HASHES",),
        "the package index gave a package that differs from the locked one; see {log}, and do not use that index.",
    ),
    (
        ("No matching distribution", "Could not find a version"),
        "a package has no build for Python {python} on this machine; name another Python with TMW_PYTHON (see {log}).",
    ),
)


class Lacking(Exception):
    """One sentence about what is missing, with the remedy."""


def say(sentence: str) -> None:
    print(f"tmw: {sentence}", file=sys.stderr, flush=True)  # noqa: T201


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Only one process works on the environment; the system frees the lock of one that was killed."""
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another tmw is at work on the Python environment; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_current(folder: Path, lock: Path) -> bool:
    marker = folder / f".{lock.name}"
    if (folder / ".unfinished").exists() or not (folder / "bin/python").exists() or not marker.exists():
        return False
    return marker.read_bytes() == lock.read_bytes()


def is_sound(folder: Path) -> bool:
    """Whether the environment that is there can be built upon."""
    if (folder / ".unfinished").exists() or not (folder / "pyvenv.cfg").exists():
        return False
    probe = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([folder / "bin/python", "-I", "-c", probe], capture_output=True).returncode == 0  # noqa: S603, PLW1510
    except OSError:
        return False


def check_module(name: str) -> None:
    if importlib.util.find_spec(name) is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise Lacking(
            f"Python {version} at {sys.executable} comes without its {name} module; install it (on Debian and Ubuntu: "
            f"apt install python{version}-venv), or name another Python with TMW_PYTHON."
        )


def check_room(folder: Path, needed_mb: int = NEEDED_MB) -> None:
    free = shutil.disk_usage(folder).free // 1_000_000
    if free < needed_mb:
        raise Lacking(
            f"there is no room for the Python environment: {folder} has {free} MB free and {needed_mb} MB are needed; "
            "make room, or move it with TMW_VENV."
        )


def claim(folder: Path) -> None:
    """Make the folder, or refuse to touch one that holds something else."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        names = {path.name for path in folder.iterdir()}
    except OSError as problem:
        raise Lacking(
            f"the Python environment cannot be made in {folder} ({problem.strerror}); "
            "name a folder that you may write to with TMW_VENV."
        ) from None
    if not os.access(folder, os.W_OK):
        raise Lacking(f"the folder {folder} may not be written to; name another one with TMW_VENV.")
    if names - {".lock"} and not names & {"pyvenv.cfg", ".unfinished"}:
        raise Lacking(
            f"the folder {folder} holds something else than a Python environment; name another with TMW_VENV."
        )


def make(folder: Path) -> None:
    check_module("venv")
    check_module("ensurepip")
    say(f"making the Python environment in {folder} ...")
    for path in folder.iterdir():
        if path.name in {".lock", ".unfinished"}:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    venv.EnvBuilder(with_pip=True, symlinks=True, prompt="tmw").create(folder)


def install(folder: Path, lock: Path) -> bool:
    count = sum("==" in line for line in lock.read_text().splitlines())
    say(f"installing {count} packages (about a minute) ...")
    return pip(folder, lock, LOG, "--require-hashes", "--no-deps", "--only-binary=:all:")


def install_engine(folder: Path, lock: Path) -> bool:
    """Torch comes in builds of one version that differ by machine, so it has no hashes, and brings what its build
    needs. TMW_ENGINE_INDEX names an index of builds, such as that of the small ones without CUDA."""
    say("installing the training engine, PyTorch (some hundred megabytes; trainings wait for it) ...")
    index = os.environ.get("TMW_ENGINE_INDEX")
    return pip(folder, lock, ENGINE_LOG, "--only-binary=:all:", *(["--extra-index-url", index] if index else []))


def pip(folder: Path, lock: Path, log: str, *options: str) -> bool:
    command: list[str | Path] = [folder / "bin/python", "-I", "-m", "pip", "install", "--no-input", *options]
    command += ["--disable-pip-version-check", "--progress-bar=off", "-r", lock]
    with (folder / log).open("wb") as output:
        environment = os.environ | {"PIP_USER": "0", "PIP_RETRIES": os.environ.get("PIP_RETRIES", "2")}
        done = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, env=environment)  # noqa: S603, PLW1510
    return done.returncode == 0


def remedy(log: Path) -> str:
    text = log.read_text(errors="replace")
    for signs, cure in REMEDIES:
        if any(sign in text for sign in signs):
            return cure.format(log=log, python=f"{sys.version_info.major}.{sys.version_info.minor}")
    return f"see {log}."


def mark(folder: Path, lock: Path) -> None:
    """Later calls compare these copies. The locked packages of development hold those of running, too."""
    for name in {lock.name, BASE}:
        shutil.copyfile(lock.with_name(name), folder / f".{name}")


def bring_up_to_date(folder: Path, lock: Path) -> None:
    claim(folder)
    with alone(folder):
        if is_current(folder, lock):
            return
        check_room(folder)
        sound = is_sound(folder)
        unfinished = folder / ".unfinished"
        unfinished.touch()
        if not sound:
            make(folder)
        done = install(folder, lock)
        # pip came to an end, so the environment is whole; the mark stays only when we are killed.
        unfinished.unlink()
        if not done:
            raise Lacking(f"the packages could not be installed: {remedy(folder / LOG)}")
        mark(folder, lock)


def add_engine(folder: Path, lock: Path) -> None:
    """What is there already is not touched, so that a platform that runs in this environment does not notice."""
    with alone(folder):
        if is_current(folder, lock):
            return
        check_room(folder, ENGINE_NEEDED_MB)
        if not install_engine(folder, lock):
            raise Lacking(f"the training engine could not be installed: {remedy(folder / ENGINE_LOG)}")
        shutil.copyfile(lock, folder / f".{lock.name}")


def main() -> int:
    began = time.monotonic()
    folder, lock = Path(sys.argv[1]), Path(sys.argv[2])
    bring = add_engine if lock.name == ENGINE else bring_up_to_date
    try:
        bring(folder, lock)
    except Lacking as lacking:
        say(str(lacking))
        return 1
    except OSError as problem:
        say(f"the Python environment could not be made in {folder} ({problem}); make room there, or give access.")
        return 1
    except subprocess.CalledProcessError:
        say(f"pip could not be put into {folder}; name another Python with TMW_PYTHON.")
        return 1
    except KeyboardInterrupt:
        say("stopped; the next call goes on.")
        return 130
    what = "the training engine is there" if bring is add_engine else "ready"
    say(f"{what} after {time.monotonic() - began:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
