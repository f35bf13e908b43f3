"""PyTorch: whether it is there, and how it comes to be. It is never imported here."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import sys

from app.settings import ROOT


def torch_is_there() -> bool:
    """Looks for it without importing it, which costs seconds and memory."""
    importlib.invalidate_caches()
    return all(importlib.util.find_spec(name) is not None for name in ("torch", "safetensors"))


async def install() -> bool:
    """Waits for another process that installs it just now, such as the one of ./tmw up."""
    script, lock = ROOT / "scripts" / "bootstrap.py", ROOT / "requirements-engine.lock"
    process = await asyncio.create_subprocess_exec(sys.executable, "-I", str(script), sys.prefix, str(lock))
    return await process.wait() == 0
