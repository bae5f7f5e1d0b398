"""`taskapi create-admin` and `seed`: the people that come from the shell."""

import asyncio
import sys

import typer

from taskapi.cli import home
from taskapi.cli.accounts import accounts, create_admin, generate_password
from taskapi.core import logs, reachability, startup
from taskapi.core.refused import Refused
from taskapi.seed import demo
from taskapi.settings import Environment, Settings


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
    logs.configure(settings)
    asyncio.run(reachability.require_database(settings.database))


async def _create_administrator(settings: Settings, username: str, email: str, password: str) -> None:
    async with accounts(settings) as sign_ins:
        await create_admin(sign_ins, username, email, password)


async def _seed(settings: Settings, password: str) -> demo.Added:
    async with accounts(settings) as sign_ins:
        return await demo.plant(sign_ins, password)
