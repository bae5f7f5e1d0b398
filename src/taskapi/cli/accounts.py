"""People made from the shell: the first administrator, and those whom `create-admin` asks for."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pydantic import ValidationError

from taskapi.auth.service import SignIns
from taskapi.core.db import Database, unit_of_work
from taskapi.core.errors import AppError
from taskapi.core.passwords import Passwords
from taskapi.core.refused import Refused
from taskapi.core.tokens import Tokens
from taskapi.models import SystemRole
from taskapi.settings import Settings
from taskapi.users import queries
from taskapi.users import service as users
from taskapi.users.schemas import Register

_UNAMBIGUOUS = "abcdefghjkmnpqrstuvwxyz23456789"  # for reading off a screen


@asynccontextmanager
async def accounts(settings: Settings) -> AsyncIterator[SignIns]:
    """What the service makes accounts with, without the service. Its failures become refusals."""
    database = Database(settings.database)
    passwords = Passwords()
    security = settings.security
    tokens = Tokens(security.secret_key.get_secret_value(), security.access_token_minutes * 60)
    try:
        yield SignIns(database, tokens, passwords, security)
    except AppError as error:
        reasons = [fault["detail"] for fault in error.members.get("errors", [])] or [error.detail]
        raise Refused("\n".join(f"{error.title}: {reason}" for reason in reasons), exit_code=1) from error
    finally:
        passwords.close()
        await database.dispose()


async def create_admin(sign_ins: SignIns, username: str, email: str, password: str) -> None:
    data = _registration(username=username, email=email, password=password)
    async with unit_of_work(sign_ins.database) as session:
        await users.create_user(session, sign_ins, data, SystemRole.ADMIN)


async def has_admin(sign_ins: SignIns) -> bool:
    async with unit_of_work(sign_ins.database) as session:
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
