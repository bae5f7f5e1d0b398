"""A program: the service under requests full of secrets. Its log goes to stdout, the secrets it was given to stderr."""

import asyncio
import json
import os
import sys

import httpx
import structlog

from taskapi.core.http.route import router
from taskapi.core.observing import logs
from taskapi.core.secrets.passwords import Passwords
from taskapi.main import create_app
from taskapi.settings import Settings

log = structlog.stdlib.get_logger("taskapi.talkative")
routes = router("/api/v1/failing", "tasks")


@routes.get("/{number}")
async def fail(number: int) -> None:
    password = os.environ["CANARY_PASSWORD"]
    log.info("told by mistake", password=password, refresh_token=password, Authorization=password)
    raise LookupError(number)


async def talk(client: httpx.AsyncClient, password: str) -> list[str]:
    auth = "/api/v1/auth"
    account = {"username": "maria", "email": "maria@example.com", "password": password}
    await client.post(f"{auth}/register", json=account, headers={"X-Request-ID": "registering"})
    await client.post(f"{auth}/register", json=account | {"password": "canary"})
    await client.post(
        f"{auth}/register", content=f'{{"password": "{password}"', headers={"Content-Type": "application/json"}
    )
    await client.post(f"{auth}/login", json={"username": "maria", "password": password + "x"})
    pair = (await client.post(f"{auth}/login", json={"username": "maria", "password": password})).json()
    form = (await client.post(f"{auth}/token", data={"username": "maria", "password": password})).json()
    headers = {"Authorization": f"Bearer {pair['access_token']}", "Cookie": f"session={password}"}
    second = (await client.post(f"{auth}/refresh", json={"refresh_token": pair["refresh_token"]})).json()
    await client.get("/api/v1/users/me", headers=headers | {"X-Request-ID": "reading"})
    await client.get("/api/v1/tasks", params={"q": password}, headers=headers)
    await client.get("/api/v1/failing/7", headers=headers)
    await client.get("/api/v1/users/me", headers={"Authorization": f"Bearer {second['access_token']}x"})
    await client.post(f"{auth}/refresh", json={"refresh_token": f"{form['refresh_token']}x"})
    await client.get("/health/live")
    pairs = (pair, form, second)
    return [password, *(found[name] for found in pairs for name in ("access_token", "refresh_token"))]


async def main() -> None:
    settings = Settings()
    logs.configure(settings)
    app = create_app(settings, passwords=Passwords(memory_kib=8, passes=1))
    app.router.routes.extend(routes.routes)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        secrets = await talk(client, os.environ["CANARY_PASSWORD"])
    await app.state.parts.database.dispose()
    app.state.parts.passwords.close()
    sys.stderr.write(json.dumps(secrets))


if __name__ == "__main__":
    asyncio.run(main())
