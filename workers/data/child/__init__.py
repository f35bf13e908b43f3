"""Jobs of pure functions, each in a process of its own: hostile files and large data take nothing else along."""

from __future__ import annotations

from workers.data.child.parent import ChildFailed, FailedBy, OnProgress, run_child

__all__ = ["ChildFailed", "FailedBy", "OnProgress", "run_child"]
