"""`taskapi user …`: what can be said about accounts. What it does is imported when it is asked for."""

from typing import Annotated, Literal

import typer

app = typer.Typer(
    no_args_is_help=True,
    help="Accounts, as administrators see to them; also while the service is running. Every act is in the change log.",
)

Who = Annotated[str, typer.Argument(metavar="WHO", show_default=False, help="Username, e-mail address or id.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
_NO_JSON = False


@app.command("list")
def list_users(
    search: Annotated[str | None, typer.Option(help="Part of the username, full name or e-mail address.")] = None,
    role: Annotated[Literal["admin", "user"] | None, typer.Option(help="Only these.")] = None,
    active: Annotated[bool | None, typer.Option("--active/--disabled", help="Only these.")] = None,
    as_json: AsJson = _NO_JSON,
) -> None:
    """Everybody, by username."""
    from taskapi.cli.user import acts

    acts.list_all(search=search, role=role, is_active=active, as_json=as_json)


@app.command()
def show(who: Who, as_json: AsJson = _NO_JSON) -> None:
    """One account."""
    from taskapi.cli.user import acts

    acts.show(who, as_json=as_json)


@app.command()
def disable(who: Who) -> None:
    """Lock somebody out: sessions end, and nothing signs in any more. `enable` undoes it."""
    from taskapi.cli.user import acts

    acts.set_active(who, is_active=False)


@app.command()
def enable(who: Who) -> None:
    """Let somebody who was disabled sign in again."""
    from taskapi.cli.user import acts

    acts.set_active(who, is_active=True)


@app.command("role")
def change_role(
    who: Who,
    role: Annotated[
        Literal["admin", "user"], typer.Argument(metavar="ROLE", show_default=False, help="admin or user.")
    ],
) -> None:
    """Make somebody an administrator, or an ordinary user again."""
    from taskapi.cli.user import acts

    acts.change_role(who, role)


@app.command()
def sign_out(who: Who) -> None:
    """End whatever opens somebody's account but the password: sessions, API tokens, identities, mailed links."""
    from taskapi.cli.user import acts

    acts.sign_out(who)


@app.command()
def totp_off(who: Who) -> None:
    """Take somebody's authenticator app off: it is lost, or somebody else set it up. They get a mail."""
    from taskapi.cli.user import acts

    acts.take_totp_off(who)


@app.command()
def undo_email_change(who: Who) -> None:
    """Give an account its address of before back, within seven days of a change that its owner did not make."""
    from taskapi.cli.user import acts

    acts.undo_email_change(who)


@app.command()
def delete(
    who: Who,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase an account, for good. What its owner wrote stays, as by a deleted user."""
    from taskapi.cli.user import acts

    acts.delete(who, unasked=yes)


@app.command()
def reset_link(who: Who) -> None:
    """Print a link to set a new password, for somebody whom no mail reaches: for 30 minutes and one use."""
    from taskapi.cli.user import acts

    acts.print_reset_link(who)
