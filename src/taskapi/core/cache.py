"""What may be forgotten at any time: bytes by a key that says all they depend on, in Redis where there is one.

A key is never written twice with different bytes, so nothing here can be stale. Redis that is slow or away costs a
request some milliseconds, and then nobody anything for a while: what is cached can always be made again.
"""

import asyncio
import time
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = structlog.stdlib.get_logger("taskapi.cache")

_PREFIX: Final = "taskapi:cache:"
_KEPT_SECONDS: Final = 24 * 3600
_LARGEST: Final = 1024 * 1024
_PATIENCE_SECONDS: Final = 0.05
_RETRY_SECONDS: Final = 5.0
_CONNECTIONS: Final = 8


class Cache:
    def __init__(self, url: str | None) -> None:
        """Without an address it keeps nothing."""
        self._url = url
        self._client: Redis | None = None
        self._rests_until = 0.0

    async def get(self, key: str) -> bytes | None:
        client = self._redis()
        if client is None:
            return None
        try:
            found = await asyncio.wait_for(client.get(_PREFIX + key), _PATIENCE_SECONDS)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, a request goes on without it
            self._rest(error)
            return None
        assert found is None or isinstance(found, bytes)
        return found

    async def put(self, key: str, value: bytes) -> None:
        client = self._redis()
        if client is None or len(value) > _LARGEST:
            return
        try:
            await asyncio.wait_for(client.set(_PREFIX + key, value, ex=_KEPT_SECONDS), _PATIENCE_SECONDS)
        except Exception as error:  # noqa: BLE001
            self._rest(error)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    def _redis(self) -> "Redis | None":
        if self._url is None or time.monotonic() < self._rests_until:
            return None
        if self._client is None:
            from redis.asyncio import Redis  # noqa: PLC0415 - an extra; `core.startup` has looked for it

            self._client = Redis.from_url(self._url, max_connections=_CONNECTIONS)
        return self._client

    def _rest(self, error: Exception) -> None:
        self._rests_until = time.monotonic() + _RETRY_SECONDS
        log.warning("cache.unreachable", error=type(error).__name__)
