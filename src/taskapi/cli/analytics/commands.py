"""`taskapi analytics …`: what reports read beside tasks. What it does is imported when it is asked for."""

import typer

app = typer.Typer(no_args_is_help=True, help="What reports read beside the tasks; also while in service.")


@app.callback()
def _analytics() -> None:
    """One command alone would take the place of its group."""


@app.command()
def rebuild() -> None:
    """Make the past of tasks anew from the change log. A worker does it; reports of large projects wait for that."""
    from taskapi.cli.analytics import rebuilding

    rebuilding.rebuild()
