"""The account of the demo: the same each time, known only to who can read the state folder."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from app.embedded.places import make_folder

_FILE = "demo-account.json"


@dataclass(frozen=True, slots=True)
class Account:
    username: str
    password: str

    @property
    def email(self) -> str:
        return f"{self.username}@example.org"


def demo_account(state_dir: Path) -> Account:
    """Made up when it is first asked for."""
    path = make_folder(state_dir) / _FILE
    if path.exists():
        return Account(**json.loads(path.read_text()))
    account = Account("demo", secrets.token_urlsafe(12))
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(asdict(account), file)
    return account
