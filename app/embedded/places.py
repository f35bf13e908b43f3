"""Where an embedded PostgreSQL may lie and as whom it runs: it refuses to run as root."""

from __future__ import annotations

import hashlib
import os
import pwd
import stat
from errno import ENOTDIR
from pathlib import Path

from app.embedded.children import Account
from app.errors import CannotStart

ELSEWHERE = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108 - checked to be ours before use
UNPRIVILEGED = ("postgres", "nobody")


def short_hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def make_folder(path: Path) -> Path:
    """Make a folder of our own. When we are root, others must be able to pass through it."""
    mode = 0o711 if os.geteuid() == 0 else 0o700
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    try:
        for folder in reversed(missing):
            folder.mkdir(exist_ok=True)
            folder.chmod(mode)
        if not path.is_dir():
            raise NotADirectoryError(ENOTDIR, os.strerror(ENOTDIR), str(path))
        return path.resolve()
    except OSError as problem:
        raise CannotStart(
            f"The folder {path} cannot be made ({problem.strerror}).",
            "Set TMW_STATE_DIR to a folder that you may write to.",
        ) from problem


def make_private(path: Path, account: Account | None) -> Path:
    path.mkdir(exist_ok=True)
    path.chmod(0o700)
    if account is not None:
        os.chown(path, account.uid, account.gid)
    return path


def account_for(data: Path) -> Account | None:
    """The user that PostgreSQL runs as; None: as ourselves. Data that is there already names its user."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return _owner_of(data)
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, name)
    return Account(65534, 65534, "nobody")


def _owner_of(path: Path) -> Account:
    status = path.stat()
    try:
        name = pwd.getpwuid(status.st_uid).pw_name
    except KeyError:
        name = str(status.st_uid)
    return Account(status.st_uid, status.st_gid, name)


def can_enter(folder: Path, account: Account | None) -> bool:
    """Whether the account may pass through the folder and all folders above it, by its name and by its real path."""
    if account is None:
        return True
    steps = {step for path in (folder.absolute(), folder.resolve()) for step in (path, *path.parents)}
    return all(_allows(step, stat.S_IXOTH, account) for step in steps)


def can_read(path: Path, account: Account | None) -> bool:
    return account is None or (can_enter(path.parent, account) and _allows(path, stat.S_IROTH, account))


def _allows(path: Path, others_bit: int, account: Account) -> bool:
    status = path.stat()
    if status.st_uid == account.uid:
        return bool(status.st_mode & (others_bit << 6))
    if status.st_gid == account.gid:
        return bool(status.st_mode & (others_bit << 3))
    return bool(status.st_mode & others_bit)


def base_for(folder: Path, account: Account | None) -> Path:
    """The folder itself, or, where that is out of the account's reach, one made elsewhere for it."""
    if can_enter(folder, account):
        return folder
    name = "trademaster-web-" + short_hash(folder)
    for parent in ELSEWHERE:
        if os.access(parent, os.W_OK) and can_enter(parent, account) and _is_ours(parent / name):
            return make_folder(parent / name)
    raise unreachable(folder, account)


def unreachable(folder: Path, account: Account | None) -> CannotStart:
    return CannotStart(
        f"The database runs as the user {account.name if account else 'of this process'}, who cannot enter {folder}.",
        "Let others pass through the folders above it (chmod o+x), or set TMW_DATABASE_URL to a database of your own.",
    )


def _is_ours(path: Path) -> bool:
    """Anybody may make names in /var/tmp: take only a folder that we made."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return True
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()
