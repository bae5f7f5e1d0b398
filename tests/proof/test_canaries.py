"""No secret that is stored comes out: of no answer, event, job or log line, whoever asks for what (T18)."""

import base64
import io
import sys
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import structlog
from structlog.typing import EventDict

from taskapi.core.observing import logs
from taskapi.models import Base
from taskapi.settings import Settings
from taskapi.tasks.schemas import Expand
from tests.proof.requests import Operation, has_keys, operations, valid
from tests.proof.world import Kind, Persona, World
from tests.support.authenticator import set_up
from tests.support.factory import PASSWORD

SECRET_COLUMNS = {
    "api_tokens.secret_hash",
    "recovery_codes.code_hash",
    "second_factors.secret",
    "share_links.password_hash",
    "share_links.token_hash",
    "users.password_hash",
    "webhooks.previous_secret",
    "webhooks.secret",
}
# Named so, and no secret: which API token acted, what shows that the log, or the row of a file, is what it was, until
# when a secret is good.
OTHERS = {
    *("events.token_id", "seals.hash", "sealed_names.digest", "webhooks.old_secret_until"),
    *("imports.token_id", "task_external_ids.digest"),
}
_SUSPICIOUS = ("hash", "secret", "token", "password", "cipher", "digest", "private")
_LINK_PASSWORD = "canary of a share link"
# What answers with a new secret, once, to whom it belongs.
_TELLS_ONCE = {
    "POST /auth/login",
    "POST /auth/token",
    "POST /auth/refresh",
    "POST /auth/tokens",
    "POST /auth/totp",
    "POST /auth/totp/confirm",
    "POST /auth/totp/recovery-codes",
    "POST /projects/{project}/share-links",
    "POST /projects/{project}/webhooks",
    "POST /projects/{project}/webhooks/{webhook_id}/rotate-secret",
}


def test_every_column_that_sounds_like_a_secret_is_listed() -> None:
    columns = {f"{table.name}.{column.name}" for table in Base.metadata.tables.values() for column in table.columns}
    assert columns >= SECRET_COLUMNS | OTHERS
    assert {name for name in columns if any(word in name.partition(".")[2] for word in _SUSPICIOUS)} == (
        SECRET_COLUMNS | OTHERS
    )


@pytest.fixture
async def canaries(world: World) -> AsyncIterator[set[str]]:
    """Every secret column of everybody filled, and each secret in every form that it could come out in."""
    async with world.undone():
        known = set(world.tokens.values()) | {person.refresh_token for person in world.people.values()}
        for persona in (Persona.OWNER, Persona.SYSTEM_ADMIN):
            app = await set_up(world.client(persona))
            known |= {app.secret, *app.recovery_codes}
        path = f"/api/v1/projects/{world.home.project}/share-links"
        link = await world.client(Persona.OWNER).post(path, json={"password": _LINK_PASSWORD})
        known |= {link.json()["token"], _LINK_PASSWORD, PASSWORD}
        path = f"/api/v1/projects/{world.home.project}/webhooks/{world.home.webhook}/rotate-secret"
        known |= {(await world.client(Persona.OWNER).post(path)).json()["secret"]}
        for name in SECRET_COLUMNS:
            table, _, column = name.partition(".")
            rows = await world.tables.fetch(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL")
            assert rows, f"no {name} is filled"
            known |= {form for row in rows for form in _forms(row[0])}
        assert all(len(secret) > 8 for secret in known)
        yield known


@contextmanager
def _logged() -> Iterator[list[str]]:
    """Every line from debug on, as the processors leave it, before any of them hides what it knows as secret."""
    lines: list[str] = []

    def keep(_: object, __: str, event: EventDict) -> EventDict:
        lines.append(str(event))
        raise structlog.DropEvent

    kept = structlog.get_config()
    for logger in _loggers():
        vars(logger).pop("bind", None)  # or it would go on as it was configured when it was first used
    structlog.configure(
        processors=[structlog.processors.format_exc_info, keep],
        wrapper_class=structlog.make_filtering_bound_logger(0),
        cache_logger_on_first_use=False,
    )
    try:
        yield lines
    finally:
        structlog.configure(**kept)
        logs.configure(Settings(server={"log_level": "error"}))


def _loggers() -> Iterator[Any]:
    modules = [module for name, module in sys.modules.items() if name.startswith("taskapi.")]
    return (vars(module)["log"] for module in modules if "log" in vars(module))


@pytest.mark.parametrize("persona", [Persona.OWNER, Persona.SYSTEM_ADMIN])
async def test_no_secret_comes_out(persona: Persona, world: World, canaries: set[str]) -> None:
    with _logged() as lines:
        for operation in operations(world.app):
            for by_key in {False, has_keys(operation)}:
                told = await _run(world, operation, persona, by_key=by_key)
                _hold_none(operation.name, told, canaries)
    assert lines, "nothing was logged"
    _hold_none("the log", "\n".join(lines), canaries - {world.person(persona).access_token})


async def _run(world: World, operation: Operation, persona: Persona, *, by_key: bool) -> str:
    """Whatever a request lets out: its answer, its events and its jobs."""
    async with world.undone():
        if "/totp" in operation.path:
            await world.tables.execute("DELETE FROM second_factors")
        request = await valid(world, operation, persona, Kind.OWN, by_key=by_key)
        path = request.path + (f"?expand={','.join(Expand)}" if operation.name == "GET /tasks" else "")
        answer = await type(request)(operation, path, request.body).send(world.client(persona))
        body = _unpacked(answer.content) if answer.content[:2] == b"PK" else answer.text
        shown = "" if operation.name in _TELLS_ONCE else body.replace(path, "")
        events = await world.tables.fetch("SELECT t::text FROM events t")
        jobs = await world.tables.fetch("SELECT t::text, convert_from(payload, 'UTF8') FROM jobs.pgqueuer t")
    return "\n".join([shown, str(answer.headers), *(str(tuple(row)) for row in (*events, *jobs))])


def _forms(secret: Any) -> set[str]:
    if isinstance(secret, str):
        return {secret}
    return {secret.hex(), base64.b64encode(secret).decode(), base64.urlsafe_b64encode(secret).decode().rstrip("=")}


def _unpacked(archive: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        return "\n".join(files.read(name).decode() for name in files.namelist())


def _hold_none(where: str, text: str, canaries: set[str]) -> None:
    leaked = [canary for canary in canaries if canary in text]
    assert not leaked, f"{where} tells {leaked}: {text[max(0, text.find(leaked[0]) - 200) :][:500]}"
