"""People made from the shell: the first administrator, those whom `create-admin` asks for, and those of the demo."""

import asyncio
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import typer
from pydantic import ValidationError

from taskapi import background
from taskapi.cli import home
from taskapi.core import startup
from taskapi.core.db import reachability
from taskapi.core.db.database import unit_of_work
from taskapi.core.errors import AppError
from taskapi.core.observing import logs
from taskapi.core.parts import Parts
from taskapi.core.refused import Refused
from taskapi.models import SystemRole
from taskapi.seed import demo
from taskapi.settings import Environment, Settings
from taskapi.users import queries
from taskapi.users import service as users
from taskapi.users.schemas import Register

_UNAMBIGUOUS = "abcdefghjkmnpqrstuvwxyz23456789"  # for reading off a screen


def create_administrator(username: str | None, email: str | None, *, password_stdin: bool) -> None:
    settings = home.with_database(startup.load_settings())
    if not password_stdin and not sys.stdin.isatty():
        raise Refused("there is no terminal to ask for the password on: give it with --password-stdin")
    if password_stdin and not (username and email):
        raise Refused("--password-stdin needs --username and --email")
    _prepare(settings)
    username = username or typer.prompt("Username")
    email = email or typer.prompt("E-mail address")
    password = (
        sys.stdin.readline().rstrip("\r\n")
        if password_stdin
        else typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    )
    asyncio.run(_create_administrator(settings, username, email, password))
    typer.echo(f"{username} is an administrator")


def seed(*, even_in_production: bool) -> None:
    settings = home.with_database(startup.load_settings())
    is_production = settings.environment is Environment.PRODUCTION
    if is_production and not even_in_production:
        raise Refused("this is production: --yes if its users shall really see demo people and projects")
    _prepare(settings)
    # Where others can reach it, nobody may sign in with a password that is printed in public.
    password = generate_password() if is_production else demo.PASSWORD
    added = asyncio.run(_seed(settings, password))
    typer.echo(f"Added {added.people} people, {added.projects} projects and {added.tasks} tasks")
    if added.people or not is_production:
        typer.echo(f"Sign in as {', '.join(person.username for person in demo.PEOPLE)}; password {password}")


def _prepare(settings: Settings) -> None:
    """Before anything is asked for: nobody types a password twice to learn that there is no database."""
    # What the commands say stands on standard output, and nothing beside it.
    logs.configure(settings, sys.stderr)
    asyncio.run(reachability.require_database(settings.database))


async def _create_administrator(settings: Settings, username: str, email: str, password: str) -> None:
    async with parts_of(settings) as parts:
        await create_admin(parts, username, email, password)


async def _seed(settings: Settings, password: str) -> demo.Added:
    async with parts_of(settings) as parts:
        return await demo.plant(parts, password)


@asynccontextmanager
async def parts_of(settings: Settings) -> AsyncIterator[Parts]:
    """What the service acts with, without the service. Its failures become refusals."""
    background.connect()
    parts = Parts.build(settings)
    try:
        yield parts
    except AppError as error:
        reasons = [fault["detail"] for fault in error.members.get("errors", [])] or [error.detail]
        raise Refused("\n".join(f"{error.title}: {reason}" for reason in reasons), exit_code=1) from error
    finally:
        await parts.close()


async def create_admin(parts: Parts, username: str, email: str, password: str) -> None:
    data = _registration(username=username, email=email, password=password)
    async with unit_of_work(parts.database) as session:
        await users.create_user(session, parts, data, SystemRole.ADMIN)


async def has_admin(parts: Parts) -> bool:
    async with unit_of_work(parts.database) as session:
        return bool(await session.fetch_rows(queries.ACTIVE_ADMINISTRATORS))


def generate_password() -> str:
    """99 bits, in four groups."""
    return "-".join("".join(secrets.choice(_UNAMBIGUOUS) for _ in range(5)) for _ in range(4))


def _registration(**fields: Any) -> Register:  # noqa: ANN401 - whatever was typed
    try:
        return Register(**fields)
    except ValidationError as invalid:
        faults = invalid.errors(include_input=False, include_url=False)
        lines = [f"{fault['loc'][0]}: {fault['msg'].removeprefix('Value error, ')}" for fault in faults]
        raise Refused("\n".join(lines)) from None
