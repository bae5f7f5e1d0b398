"""How often one caller may ask: counted by the minute, in the process or, for many processes, in Redis.

`limits` counts in Redis. Its memory storage walks all buckets at each hit: 9 µs with one bucket, 72 with a thousand
addresses, 690 with ten thousand (measured). So a process alone counts in a dictionary of bounded size, in 1 µs.

Windows are fixed, as at GitHub: one increment tells all that the headers have to say. Each bucket has its minute
begin at a second of its own, or all clients that wait for the reset would come back together.
"""

import asyncio
import time
import zlib
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, NamedTuple

import structlog
from limits.aio.storage import RedisStorage
from limits.aio.storage.redis.redispy import RedispyBridge
from limits.errors import ConfigurationError, StorageError
from starlette.types import ASGIApp, Receive, Scope, Send

from taskapi.core import context
from taskapi.core.callers import Caller
from taskapi.core.errors import TooManyRequests, Unavailable
from taskapi.core.http import quotas, refusals, told_refusals
from taskapi.core.http.addresses import network_of
from taskapi.core.http.quotas import Headers
from taskapi.core.observing.metrics import Metrics
from taskapi.core.parts import Parts
from taskapi.settings import SecuritySettings

log = structlog.stdlib.get_logger("taskapi.ratelimit")

Identify = Callable[[Scope], Awaitable[Caller | None]]

_WINDOW: Final = 60
_MAX_BUCKETS: Final = 20_000
_REDIS_SECONDS: Final = 0.2
# What a request waits of that: a frozen Redis makes nobody slower by more than this, and an answer that comes later
# still says that it lives.
_PATIENCE_SECONDS: Final = 0.04
# A connection serves thousands of counts a second in the same data centre, and hundreds between two of them, so
# that eight are more than one process asks for.
_REDIS_CONNECTIONS: Final = 8
_REDIS_RETRY_SECONDS: Final = 5.0
# Without Redis each process counts alone; four of them together then allow what was allowed before.
_SHARE_WITHOUT_REDIS: Final = 4
_LIMITED_PATHS: Final = "/api/"
_BODY_HEADERS: Final = frozenset({b"content-length", b"transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Policy:
    name: str
    quota: int
    """Requests in a minute."""

    @property
    def without_redis(self) -> "Policy":
        return Policy(self.name, max(1, self.quota // _SHARE_WITHOUT_REDIS))


class Tally(NamedTuple):
    policy: Policy
    used: int
    """Requests in this window, the present one included."""
    ends_at: int
    """Unix time."""

    @property
    def is_over(self) -> bool:
        return self.used > self.policy.quota

    @property
    def is_first_over(self) -> bool:
        return self.used == self.policy.quota + 1

    def seconds_left(self) -> int:
        return max(1, self.ends_at - int(time.time()))

    def headers(self) -> Headers:
        return quotas.headers(
            self.policy.name,
            self.policy.quota,
            window=_WINDOW,
            remaining=max(0, self.policy.quota - self.used),
            seconds_left=self.seconds_left(),
            ends_at=self.ends_at,
        )


class LocalCounts:
    """This process's counts. When there are too many buckets, those that are over go, and then the oldest."""

    def __init__(self, most: int = _MAX_BUCKETS) -> None:
        self._most = most
        self._counts: dict[str, tuple[int, int]] = {}

    def __len__(self) -> int:
        return len(self._counts)

    def add(self, bucket: str, ends_at: int) -> int:
        known = self._counts.get(bucket)
        if known is None and len(self._counts) >= self._most:
            self._make_room()
        used = known[1] + 1 if known is not None and known[0] == ends_at else 1
        self._counts[bucket] = (ends_at, used)
        return used

    def _make_room(self) -> None:
        """Down to half, so that the next sweep is far away even while strangers' addresses flood in."""
        now = time.time()
        running = {bucket: count for bucket, count in self._counts.items() if count[0] > now}
        surplus = max(0, len(running) - self._most // 2)
        self._counts = dict(islice(running.items(), surplus, None))


class RedisCounts:
    """The counts that all processes share; takes 200 ms at most, and tries nothing twice."""

    def __init__(self, url: str) -> None:
        try:
            self._storage = RedisStorage(
                f"async+{url}",
                implementation="redispy",
                wrap_exceptions=True,
                key_prefix="taskapi",
                socket_timeout=_REDIS_SECONDS,
                socket_connect_timeout=_REDIS_SECONDS,
                max_connections=_REDIS_CONNECTIONS,
            )
        except ConfigurationError as error:
            raise RuntimeError("REDIS_URL needs the Redis client: pip install 'taskapi[redis]'") from error

    async def add(self, bucket: str, ends_at: int) -> int:
        async with asyncio.timeout(_REDIS_SECONDS):  # to find its address takes time, too
            return await self._storage.incr(f"{bucket}:{ends_at}", _WINDOW)

    async def close(self) -> None:
        bridge = self._storage.bridge
        assert isinstance(bridge, RedispyBridge)
        await bridge.get_connection().aclose()  # type: ignore[attr-defined] # `limits` declares what it uses itself


class RateLimits:
    """Counts by policy and caller; without Redis it goes on by itself, more strictly, and looks again after 5 s."""

    def __init__(self, settings: SecuritySettings, metrics: Metrics) -> None:
        self.user = Policy("user", settings.rate_limit_per_minute)
        self.token = Policy("token", settings.rate_limit_per_minute)
        self.anonymous = Policy("anonymous", settings.rate_limit_anonymous_per_minute)
        self.costly = Policy("auth", settings.rate_limit_auth_per_minute)
        self._metrics = metrics
        self._local = LocalCounts()
        self._shared = RedisCounts(settings.redis_url.get_secret_value()) if settings.redis_url else None
        # Who finds none free waits: that is no failure of Redis.
        self._connections = asyncio.Semaphore(_REDIS_CONNECTIONS)
        self._asking: set[asyncio.Task[int | None]] = set()
        self._lost = False
        self._look_again_at = 0.0

    async def count(self, policy: Policy, who: str) -> Tally:
        bucket = f"{policy.name}:{who}"
        ends_at = _end_of_window(bucket)
        used = None
        if self._shared is not None:
            used = await self._soon(self._count_in_redis(self._shared, bucket, ends_at))
            if used is None:
                self._metrics.rate_limit_fallbacks.inc()
                policy = policy.without_redis
        if used is None:
            used = self._local.add(bucket, ends_at)
        tally = Tally(policy, used, ends_at)
        if tally.is_over:
            self._metrics.rate_limited.labels(policy.name).inc()
            if tally.is_first_over:  # once a window: a flood of requests is no reason for one of lines
                log.warning("ratelimit.hit", policy=policy.name, who=who, quota=policy.quota)
        return tally

    async def close(self) -> None:
        for asking in self._asking:
            asking.cancel()
        if self._shared is not None:
            await self._shared.close()

    async def _soon(self, count: Coroutine[Any, Any, int | None]) -> int | None:
        """The count, or None where it is late; it goes on by itself then."""
        asking = asyncio.create_task(count)
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)
        done, _ = await asyncio.wait({asking}, timeout=_PATIENCE_SECONDS)
        return asking.result() if done else None

    async def _count_in_redis(self, redis: RedisCounts, bucket: str, ends_at: int) -> int | None:
        async with self._connections:
            if self._lost and not self._may_look_again():
                return None
            try:
                used = await redis.add(bucket, ends_at)
            except (StorageError, TimeoutError, OSError) as error:
                self._lose(error)
                return None
        if self._lost:
            self._lost = False
            log.info("ratelimit.redis_is_back")
        return used

    def _may_look_again(self) -> bool:
        """One request does; the others do not wait for it."""
        if time.monotonic() < self._look_again_at:
            return False
        self._look_again_at = time.monotonic() + _REDIS_RETRY_SECONDS
        return True

    def _lose(self, error: Exception) -> None:
        self._look_again_at = time.monotonic() + _REDIS_RETRY_SECONDS
        if not self._lost:
            self._lost = True
            log.error("ratelimit.redis_is_gone", cause=repr(error))


class RateLimited:
    """Counts every request under /api before anything else is done for it; health, metrics and docs are free.

    The handshake of a WebSocket is a request; what is said once it is accepted is not counted here.

    A good token counts for its user, or for itself when it is an API token, so that a script that runs wild does
    not lock its owner out. All else counts for the address. `costly` are the paths that anybody may post to and
    that cost a hash, a mail or an account each: a token does not raise the limit there.
    """

    def __init__(self, app: ASGIApp, limits: RateLimits, identify: Identify, costly: frozenset[str]) -> None:
        self.app = app
        self.limits = limits
        self.identify = identify
        self.costly = costly

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or not scope["path"].startswith(_LIMITED_PATHS):
            await self.app(scope, receive, send)
            return
        tally = await self._count(scope)
        if tally is not None:
            scope[context.RATE_LIMIT_HEADERS] = tally.headers()
            if tally.is_first_over:
                await told_refusals.tell_limit(_parts(scope).refusals, scope, tally.policy.name)
            if tally.is_over:
                await _refuse(tally, scope, receive, send)
                return
        await self.app(scope, receive, send)

    async def _count(self, scope: Scope) -> Tally | None:
        limits = self.limits
        if scope["path"] in self.costly:
            return await limits.count(limits.costly, _network(scope))
        try:
            caller = await self.identify(scope)
        except Unavailable:
            return None  # nobody's fault but ours, and the route will say so
        if caller is None:
            return await limits.count(limits.anonymous, _network(scope))
        if caller.token_id is not None:
            return await limits.count(limits.token, str(caller.token_id))
        return await limits.count(limits.user, str(caller.id))


async def _refuse(tally: Tally, scope: Scope, receive: Receive, send: Send) -> None:
    seconds = tally.seconds_left()
    error = TooManyRequests(
        f"At most {tally.policy.quota} requests a minute here; try again in {seconds} seconds",
        headers={"Retry-After": str(seconds)},
    )
    if any(name in _BODY_HEADERS for name, _ in scope["headers"]):
        error.headers["Connection"] = "close"  # cheaper than to read the body that nobody wants
    await refusals.refuse(error, scope, receive, send)


def _parts(scope: Scope) -> Parts:
    found: Parts = scope["app"].state.parts
    return found


def _network(scope: Scope) -> str:
    client = scope.get("client")
    return network_of(client[0] if client else None)


def _end_of_window(bucket: str) -> int:
    """The same in every process, whose hash() of a text would differ."""
    now = int(time.time())
    return now + _WINDOW - (now - zlib.crc32(bucket.encode())) % _WINDOW
