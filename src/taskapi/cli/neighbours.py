"""What `taskapi doctor` asks others: Redis, the mail server, and itself by the address that people use."""

import asyncio
from contextlib import aclosing
from typing import Final
from urllib.parse import urlsplit

import aiosmtplib
import httpx

from taskapi.cli.finding import Finding
from taskapi.core import startup
from taskapi.core.mail.mailers import SmtpMailer
from taskapi.core.refused import Refused
from taskapi.core.storage.errors import StorageUnavailable
from taskapi.core.storage.opening import storage_of
from taskapi.core.urls import public_url
from taskapi.settings import Environment, Settings

_SECONDS: Final = 5.0


async def findings(settings: Settings) -> list[Finding]:
    return list(await asyncio.gather(_redis(settings), _mail(settings), _storage(settings), _public_address(settings)))


async def _redis(settings: Settings) -> Finding:
    url = settings.security.redis_url
    if url is None:
        return Finding("redis", ok=True, detail="not set: each process counts requests by itself")
    try:
        startup.require_installed(settings)
    except Refused as refused:
        return Finding.refused("redis", str(refused))
    import redis  # noqa: PLC0415 - an extra
    from redis.asyncio import Redis  # noqa: PLC0415

    remedy = "start it, or correct TASKAPI_REDIS_URL; until then each process counts by itself"
    try:
        async with (
            asyncio.timeout(_SECONDS),
            aclosing(Redis.from_url(url.get_secret_value(), socket_connect_timeout=_SECONDS)) as client,
        ):
            await client.ping()
    except (redis.RedisError, OSError, ValueError) as error:
        return Finding("redis", ok=False, detail=f"no answer ({_reason(error)})", remedy=remedy)
    return Finding("redis", ok=True, detail="answers")


async def _storage(settings: Settings) -> Finding:
    where = settings.storage.url or f"{settings.data_dir}/files"
    try:
        await storage_of(settings).check()
    except StorageUnavailable as error:
        remedy = "correct TASKAPI_STORAGE_URL, or mend what it leads to; until then nobody attaches or reads files"
        return Finding("files", ok=False, detail=f"{where}: {error.detail}", remedy=remedy)
    return Finding("files", ok=True, detail=f"{where} takes files, and gives them back")


async def _mail(settings: Settings) -> Finding:
    url = settings.mail.smtp_url
    if url is None:
        waits = settings.environment is Environment.PRODUCTION
        what = "mails wait, and are put aside in the end" if waits else "mails are printed"
        return Finding("mail", ok=True, detail=f"TASKAPI_SMTP_URL is not set: {what}")
    server = urlsplit(url.get_secret_value()).hostname
    try:
        async with asyncio.timeout(_SECONDS):
            await SmtpMailer(url.get_secret_value()).try_out(_SECONDS)
    except (aiosmtplib.SMTPException, OSError) as error:
        remedy = "correct TASKAPI_SMTP_URL, or mend the server; until then mails wait"
        return Finding("mail", ok=False, detail=f"{server} does not take us ({_reason(error)})", remedy=remedy)
    return Finding("mail", ok=True, detail=f"{server} takes us")


async def _public_address(settings: Settings) -> Finding:
    url = public_url(settings)
    if settings.server.public_url is None:
        return Finding("public address", ok=True, detail=f"TASKAPI_PUBLIC_URL is not set: links begin with {url}")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        remedy = "write it as people type it, such as https://tasks.example.org"
        return Finding("public address", ok=False, detail=f"TASKAPI_PUBLIC_URL is {url}", remedy=remedy)
    try:
        async with httpx.AsyncClient(timeout=_SECONDS, follow_redirects=True) as client:
            answer = await client.get(f"{url}/health/live")
        is_ours = answer.status_code == httpx.codes.OK and answer.json() == {"status": "ok"}
        said = f"{url} answers" if is_ours else f"somebody else answers at {url} ({answer.status_code})"
    except (httpx.HTTPError, ValueError) as error:
        is_ours, said = False, f"no answer of ours at {url} ({_reason(error)})"
    remedy = "start `taskapi serve`, let the proxy of that name pass requests on to it, or correct TASKAPI_PUBLIC_URL"
    return Finding.of("public address", ok=is_ours, detail=said, remedy=remedy)


def _reason(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
