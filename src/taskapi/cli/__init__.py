"""The command `taskapi`: what can be said to it. What it does is imported when it is asked for."""

import sys
from pathlib import Path
from typing import Annotated

import typer

import taskapi
from taskapi.cli.analytics import commands as analytics_commands
from taskapi.cli.audit import commands as audit_commands
from taskapi.cli.user import commands as user_commands
from taskapi.core.refused import Refused

_SERVICE = "Service"
_DATABASE = "Database"
_HELP = "Help"

app = typer.Typer(
    name="taskapi",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Tasks and projects over an API. Settings are environment variables TASKAPI_<NAME>, or lines in .env.",
)

app.add_typer(analytics_commands.app, name="analytics", rich_help_panel=_DATABASE)
app.add_typer(audit_commands.app, name="audit", rich_help_panel=_DATABASE)
app.add_typer(user_commands.app, name="user", rich_help_panel=_DATABASE)

Host = Annotated[str | None, typer.Option(help="Address to listen on; 0.0.0.0 is every interface. [TASKAPI_HOST]")]
Port = Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on; 0: any. [TASKAPI_PORT]")]


def main() -> None:
    try:
        app()
    except Refused as refused:
        for line in str(refused).splitlines():
            typer.echo(f"taskapi: {line}", err=True)
        sys.exit(refused.exit_code)


def _print_version(wanted: bool) -> None:
    if wanted:
        version()
        raise typer.Exit


@app.callback()
def _taskapi(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command(rich_help_panel=_SERVICE)
def run(
    host: Host = None,
    port: Port = None,
    page_builder: Annotated[Path | None, typer.Option("--page-builder", hidden=True)] = None,
) -> None:
    """Everything in one process tree: PostgreSQL unless DATABASE_URL is set, migrations, worker and API."""
    typer.echo("Starting taskapi")  # the first time, what is imported next is compiled: seconds
    from taskapi.cli import everything

    everything.run(host, port, page_builder)


@app.command(rich_help_panel=_SERVICE)
def serve(
    host: Host = None,
    port: Port = None,
    workers: Annotated[int, typer.Option(min=1, help="API processes.")] = 1,
    reload: Annotated[bool, typer.Option("--reload", help="Start again when the code changes.")] = False,
) -> None:
    """The API alone, on the database of DATABASE_URL."""
    from taskapi.cli import serving

    serving.serve(host, port, workers=workers, reload=reload)


@app.command(rich_help_panel=_SERVICE)
def worker(
    once: Annotated[
        bool, typer.Option("--once", help="Do what there is to do, and end: exit 1 if some failed.")
    ] = False,
    with_parent: Annotated[bool, typer.Option("--with-parent", hidden=True)] = False,
) -> None:
    """What happens after requests and by itself: mails, webhooks, rules, emptying the trash. Any number may run."""
    from taskapi.cli import working

    working.work(once=once, with_parent=with_parent)


@app.command(rich_help_panel=_SERVICE)
def healthcheck(
    worker: Annotated[bool, typer.Option("--worker", help="Ask for this machine's worker, not its API.")] = False,
    whichever: Annotated[bool, typer.Option("--any", help="Ask for whichever of the two runs here.")] = False,
) -> None:
    """Exit 0 when the API of this machine is ready, else 1; for containers."""
    from taskapi import healthcheck

    healthcheck.check(worker=worker, whichever=whichever)


@app.command(rich_help_panel=_DATABASE)
def migrate(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit 3 when migrations are pending.")] = False,
    schema_only: Annotated[bool, typer.Option("--schema-only", hidden=True)] = False,
) -> None:
    """Bring the database up to date. Any number may try at once: one does it."""
    from taskapi.cli import migrating

    migrating.migrate(check=check, schema_only=schema_only)


@app.command(rich_help_panel=_DATABASE)
def backup(
    file: Annotated[str, typer.Argument(help="Where it goes; - is standard output. It appears when it is whole.")],
) -> None:
    """Everything in one file, database and uploaded files: also while the service is running."""
    from taskapi.cli.backup import saving

    saving.back_up(file)


@app.command(rich_help_panel=_DATABASE)
def restore(
    file: Annotated[Path, typer.Argument(help="What `taskapi backup` wrote.")],
    replace: Annotated[bool, typer.Option("--replace", help="Lose what is in the database now.")] = False,
) -> None:
    """Bring back what a backup holds: all of it or nothing. Stop the API and the workers first."""
    from taskapi.cli.backup import restoring

    restoring.restore(file, replace=replace)


@app.command(rich_help_panel=_DATABASE)
def create_admin(
    username: Annotated[str | None, typer.Option(help="The name to sign in with; asked for if absent.")] = None,
    email: Annotated[str | None, typer.Option(help="The e-mail address; asked for if absent.")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input instead of asking.")
    ] = False,
) -> None:
    """Create an administrator; also while the service is running."""
    from taskapi.cli import first_people

    first_people.create_administrator(username, email, password_stdin=password_stdin)


@app.command(rich_help_panel=_DATABASE)
def seed(
    yes: Annotated[bool, typer.Option("--yes", help="Also in production.")] = False,
) -> None:
    """Fill in a demo: four people, three projects, sixty tasks. Doing it again adds nothing."""
    from taskapi.cli import first_people

    first_people.seed(even_in_production=yes)


@app.command(rich_help_panel=_HELP)
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Check settings, database and machine; every failure names its remedy. Exit 1 when something fails."""
    from taskapi.cli import examination

    examination.examine(as_json=as_json)


@app.command(rich_help_panel=_HELP)
def openapi(
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file; else standard output.")] = None,
) -> None:
    """Print the OpenAPI document of the API."""
    from taskapi.cli import contract

    contract.write(output)


@app.command(rich_help_panel=_HELP)
def version() -> None:
    """Print the version."""
    typer.echo(f"taskapi {taskapi.__version__}")
