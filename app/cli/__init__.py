"""The command line `tmw`. What a command needs is imported when it runs, so that each starts fast."""

import sys
from errno import EACCES, EDQUOT, ENOSPC, EPERM, EROFS

import typer

from app.cli import datasets, development, doctor, documents, serving, tokens, users, watching
from app.cli.say import refuse
from app.errors import CannotStart

app = typer.Typer(
    help="TradeMaster Web: a GraphQL back end for reinforcement-learning trading research.",
    epilog="First steps: ./tmw up, then open the address that it shows.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
OUT_OF_OUR_HANDS = (EACCES, EDQUOT, ENOSPC, EPERM, EROFS)
PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}

app.command(rich_help_panel="Run")(serving.up)
app.command(rich_help_panel="Run")(serving.serve)
app.command(rich_help_panel="Run")(serving.worker)
app.command(rich_help_panel="Run")(watching.demo)
app.command(rich_help_panel="Run")(watching.watch)
app.command(hidden=True)(watching.furnish)
app.command(rich_help_panel="Look after")(serving.engine)
app.command(rich_help_panel="Look after")(serving.migrate)
app.command(rich_help_panel="Look after")(serving.seed)
app.command(rich_help_panel="Look after")(doctor.doctor)
app.add_typer(users.app, name="user", rich_help_panel="Look after")
app.add_typer(tokens.app, name="token", rich_help_panel="Look after")
app.add_typer(datasets.app, name="datasets", rich_help_panel="Look after")
app.add_typer(documents.app, name="documents", rich_help_panel="Look after")
app.command(rich_help_panel="Look after")(serving.settings)
app.command(rich_help_panel="Develop", context_settings=PASS_ON)(development.test)
app.command(rich_help_panel="Develop", context_settings=PASS_ON)(development.soak)
app.command(rich_help_panel="Develop")(development.check)
app.command(rich_help_panel="Develop")(development.schema)
app.command(rich_help_panel="Develop")(development.migration)


def main() -> None:
    """Every refusal is one sentence and exit code 1."""
    try:
        app(prog_name="./tmw")
    except CannotStart as refusal:
        refuse(str(refusal))
        sys.exit(1)
    except OSError as problem:
        if problem.errno not in OUT_OF_OUR_HANDS:
            raise
        where = problem.filename or "the disk"
        refuse(f"{where}: {problem.strerror}. Make room or give access there, or set TMW_STATE_DIR to another folder.")
        sys.exit(1)
