"""The process that does the toy's work. It ends when nobody listens any more."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.chaos.toy import CHECKPOINT_EVERY, after, said, start


def main() -> None:
    request = json.loads(sys.stdin.readline())
    if not request.get("stubborn"):
        threading.Thread(target=end_with_the_parent, daemon=True).start()
    state, done = start(request["seed"]), 0
    if request["kept"]:
        kept = json.loads(request["kept"])
        state, done = kept["state"], kept["step"]
    for step in range(done + 1, request["steps"] + 1):
        # Stands for the work.
        time.sleep(request["pace_s"])
        state = after(state, step)
        for line in said(state, step):
            say(line)
        if step == request.get("breaks_at"):
            say({"broken": "It cannot be done."})
        if step % CHECKPOINT_EVERY == 0:
            path = Path(request["folder"], f"{step}.json")
            path.write_text(json.dumps({"state": state, "step": step}))
            say({"checkpoint": str(path), "step": step})
    say({"result": state})


def say(line: dict[str, Any]) -> None:
    # Who is stubborn goes on though nobody listens.
    with suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


def end_with_the_parent() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    main()
