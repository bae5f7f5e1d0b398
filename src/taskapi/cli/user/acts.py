"""`taskapi user …`: the same services as the administrators' routes, asked by whoever has a shell."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

import typer
from pydantic import ValidationError

from taskapi.auth import accounts
from taskapi.auth import queries as account_queries
from taskapi.auth.emails import service as emails
from taskapi.auth.recovery import service as recovery
from taskapi.auth.second_factor import service as second_factor
from taskapi.cli import home
from taskapi.cli.first_people import parts_of
from taskapi.core import startup
from taskapi.core.callers import SHELL
from taskapi.core.db import reachability
from taskapi.core.db.database import unit_of_work
from taskapi.core.db.session import DbSession
from taskapi.core.lists.paging import MAX_LIMIT
from taskapi.core.mail.sending import link_to
from taskapi.core.observing import logs
from taskapi.core.refused import Refused
from taskapi.core.resources.document import Document, Fields
from taskapi.core.secrets.one_time import Purpose
from taskapi.models import SystemRole
from taskapi.personal_data.deletion import service as deletion
from taskapi.settings import Settings
from taskapi.users import service as users
from taskapi.users.schemas import UserFilter, UserUpdate

T = TypeVar("T")
_COLUMNS = ("username", "email", "role", "state", "id")


def list_all(*, search: str | None, role: str | None, is_active: bool | None, as_json: bool) -> None:
    chosen = _chosen(search, role, is_active)
    found = asyncio.run(_list_all(_prepared(), chosen))
    if as_json:
        _print_json(found)
        return
    rows = [_COLUMNS, *(tuple(_in_words(person)[name] for name in _COLUMNS) for person in found)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_COLUMNS))]
    for row in rows:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def show(who: str, *, as_json: bool) -> None:
    person = _do(_prepared(), who, _show).fields()
    if as_json:
        _print_json(person)
        return
    for name, value in person.items():
        typer.echo(f"{name:<15} {'' if value is None else value}".rstrip())


def set_active(who: str, *, is_active: bool) -> None:
    _update(who, UserUpdate(is_active=is_active))
    typer.echo(f"{who} {'can sign in' if is_active else 'is disabled, and signed out everywhere'}")


def change_role(who: str, role: str) -> None:
    _update(who, UserUpdate(role=SystemRole(role)))
    typer.echo(f"{who} is {'an administrator' if role == SystemRole.ADMIN else 'an ordinary user'}")


def sign_out(who: str) -> None:
    _do(_prepared(), who, lambda session, user_id: users.sign_out(session, SHELL, user_id))
    typer.echo(f"{who} is signed out everywhere; their API tokens are revoked")


def take_totp_off(who: str) -> None:
    _do(_prepared(), who, lambda session, user_id: second_factor.disable_of(session, SHELL, user_id))
    typer.echo(f"{who} signs in without an authenticator app")


def undo_email_change(who: str) -> None:
    _do(_prepared(), who, lambda session, user_id: emails.undo_change_of(session, SHELL, user_id))
    typer.echo(f"{who} has the address of before again, where a link to set a new password goes")


def delete(who: str, *, unasked: bool) -> None:
    if not unasked and not sys.stdin.isatty():
        raise Refused("there is no terminal to ask on: --yes if the account shall really be erased")
    settings = _prepared()
    if not unasked:
        person = _do(settings, who, _show).fields()
        typer.confirm(f"Erase {person['username']} ({person['email']}) for good?", abort=True)
    _do(settings, who, lambda session, user_id: deletion.delete_user(session, SHELL, user_id, None))
    typer.echo(f"{who} is deleted")


def print_reset_link(who: str) -> None:
    """The link alone goes to standard output."""
    settings = _prepared()
    if home.secret_file(settings).is_file():
        settings = home.with_secret(settings)
    # A link made with another key than the service's would open nothing.
    startup.require_safe(settings)
    token_id = _do(settings, who, lambda session, user_id: recovery.make_reset_link(session, SHELL, user_id))
    typer.echo(link_to(settings, Purpose.RESET_PASSWORD, token_id))
    typer.echo("Good for 30 minutes and one use; whoever opens it sets the password: hand it over safely.", err=True)


def _chosen(search: str | None, role: str | None, is_active: bool | None) -> UserFilter:
    wanted = SystemRole(role) if role else None
    try:
        return UserFilter(q=search, role=wanted, is_active=is_active, sort="username", limit=MAX_LIMIT)
    except ValidationError:
        raise Refused("--search takes one line of up to 200 characters") from None


async def _list_all(settings: Settings, chosen: UserFilter) -> list[Fields]:
    people: list[Fields] = []
    async with parts_of(settings) as parts, parts.database.autocommit() as session:
        while True:
            found = await users.list_users(session, SHELL, chosen)
            people += [json.loads(row["body"]) for row in found.rows]
            if not found.has_more:
                return people
            chosen = chosen.going_on(found)


async def _show(session: DbSession, user_id: UUID) -> Document:
    return await users.get_user(session, SHELL, user_id)


def _update(who: str, data: UserUpdate) -> None:
    _do(_prepared(), who, lambda session, user_id: users.update_user(session, SHELL, user_id, data, None))


def _do(settings: Settings, who: str, act: Callable[[DbSession, UUID], Awaitable[T]]) -> T:
    """One act about one account, in a transaction."""

    async def do() -> T:
        async with parts_of(settings) as parts, unit_of_work(parts.database) as session:
            return await act(session, await _find(session, who))

    return asyncio.run(do())


async def _find(session: DbSession, who: str) -> UUID:
    """By id, username or e-mail address. Older versions let people choose another's id for a username."""
    named = await accounts.find(session, who)
    found = {user_id for user_id in (named and named["id"], await _with_id(session, who)) if user_id}
    if not found:
        raise Refused(f"there is no user {who}", exit_code=1)
    if len(found) > 1:
        raise Refused(f"{who} is the id of one person and the username of another: give an e-mail address", exit_code=1)
    return found.pop()


async def _with_id(session: DbSession, who: str) -> UUID | None:
    """Whoever has this id, deleted accounts included."""
    try:
        user_id = UUID(who)
    except ValueError:
        return None
    return user_id if await session.fetch_row(account_queries.ACCOUNT, of_user=user_id) is not None else None


def _prepared() -> Settings:
    settings = home.with_database(startup.load_settings())
    logs.configure(settings, sys.stderr)  # standard output is for what was asked
    asyncio.run(reachability.require_database(settings.database))
    return settings


def _in_words(person: Fields) -> dict[str, str]:
    return {**person, "email": person["email"] or "", "state": "active" if person["is_active"] else "disabled"}


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
