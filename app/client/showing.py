"""What goes on in a job, shown in a terminal: its log above, how far it is below."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.text import Text

COLOURS = {"DEBUG": "dim", "INFO": "", "WARNING": "yellow", "ERROR": "bold red"}
# The measure that is shown while it runs, by what the task is judged by.
TELLING = ("sharpe", "saving_bps", "validation_score")


async def show(events: AsyncIterator[dict[str, Any]], console: Console) -> tuple[str, dict[str, Any] | None]:
    """Until the job is over: how it ended, and its result."""
    status, result, last = "", None, ""
    with _bar(console) as bar:
        task = bar.add_task("waiting", total=100, figures="")
        async for event in events:
            match event["__typename"]:
                case "JobLogEvent":
                    last = event["message"]
                    console.print(Text(last, COLOURS[event["level"]]), soft_wrap=True)
                case "JobMetricEvent":
                    bar.update(task, figures=_figures(event) or bar.tasks[task].fields["figures"])
                case "JobProgressEvent":
                    bar.update(task, completed=event["percent"], description=_where(event))
                case "JobStatusEvent":
                    status = event["status"]
                    bar.update(task, description=status.lower())
                    # The log has mostly ended with it.
                    if event["errorMessage"] and event["errorMessage"] not in last:
                        console.print(Text(event["errorMessage"], COLOURS["ERROR"]), soft_wrap=True)
                case "JobResultEvent":
                    result = event["body"]
                case "JobHistoryGone":
                    console.print(f"What came before event {event['oldestSeq']} is not kept any more.", style="yellow")
        bar.update(task, completed=100 if status == "COMPLETED" else bar.tasks[task].completed)
    return status, result


def _bar(console: Console) -> Progress:
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[figures]}")
    return Progress(*columns, console=console)


def _where(event: dict[str, Any]) -> str:
    epoch = f"epoch {event['epoch']} of {event['epochs']}" if event["epochs"] else "training"
    speed = f", {event['stepsPerSecond']:,.0f} steps/s" if event["stepsPerSecond"] else ""
    left = f", {event['secondsLeft']:,.0f} s left" if event["secondsLeft"] else ""
    return epoch + speed + left


def _figures(event: dict[str, Any]) -> str:
    values = {value["name"]: value["value"] for value in event["values"]}
    name = next((name for name in TELLING if name in values), None)
    return f"{event['split'].lower()} {name} {values[name]:.2f}" if name and event["split"] == "VALID" else ""
