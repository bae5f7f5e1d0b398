"""`taskapi audit …`: what can be asked of the change log. What it does is imported when it is asked for."""

from datetime import datetime
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="The change log, as its seals say that it was; also while in service.")


@app.callback()
def _audit() -> None:
    """One command alone would take the place of its group."""


@app.command()
def verify(
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="Only what was sealed from then on, in UTC."),
    ] = None,
    expect: Annotated[
        str | None,
        typer.Option(metavar="HASH", help="A hash that was printed before: the chain must have it."),
    ] = None,
) -> None:
    """Compare the log with its seals; exit 1 and name the first change that differs."""
    from taskapi.cli.audit import verifying

    verifying.verify(since, expect)
