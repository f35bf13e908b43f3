"""How long a test waits for what surely comes: only a broken one waits so long, however busy the machine is."""

from __future__ import annotations

PATIENCE_S = 60.0
