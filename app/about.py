"""What this platform calls itself."""

from __future__ import annotations

import tomllib

from app.settings import ROOT

VERSION: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
