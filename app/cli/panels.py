"""What `up` shows when the platform is ready."""

from __future__ import annotations

from contextlib import suppress

from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from app.cli.say import out
from app.client.account import Account
from app.settings import Settings


def announce(settings: Settings, demo: Account | None = None) -> None:
    with suppress(OSError):
        out().print(_panel(settings, demo))


def _panel(settings: Settings, demo: Account | None) -> Panel:
    rows = Table.grid(padding=(0, 3))
    rows.add_column(style="dim")
    rows.add_column(overflow="fold")
    rows.add_row("GraphiQL", Text(f"{settings.url}/graphql", style="bold cyan"))
    rows.add_row("Health", f"{settings.url}/ready")
    rows.add_row("Metrics", f"{settings.url}/metrics")
    if demo:
        rows.add_row("Demo", Text(f"log in as {demo.username} with the password {demo.password}"))
    rows.add_row("Data", _data(settings))
    rows.add_row("Stop", "Ctrl-C; the data stays")
    return Panel(
        rows,
        title="[bold]TradeMaster Web[/bold] is ready",
        title_align="left",
        border_style="green",
        padding=(1, 2),
        expand=False,
    )


def _data(settings: Settings) -> str:
    own = [name for name, url in (("PostgreSQL", settings.database_url), ("Redis", settings.redis_url)) if url]
    where = str(settings.state_dir)
    return f"{where}, and your own {' and '.join(own)}" if own else where
