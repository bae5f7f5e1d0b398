"""Many processes count together in a real redis-server; without it each counts by itself, and nothing fails."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest

from taskapi.core.http import ratelimit
from tests.adversity.observing import until
from tests.core.http.ratelimit.conftest import ME, Limited, Lines, statuses
from tests.support.answers import problem
from tests.support.factory import PASSWORD, Factory
from tests.support.redis import RedisServer

pytestmark = pytest.mark.slow

SECONDS = 0.3


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.thaw()
    server.stop()


@pytest.fixture(autouse=True)
def _looks_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ratelimit._REDIS_RETRY_SECONDS + ratelimit._REDIS_SECONDS < 10
    monkeypatch.setattr(ratelimit, "_REDIS_RETRY_SECONDS", SECONDS)


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> float:
    """Of a busy machine. The answer is what production has."""
    usual = ratelimit._PATIENCE_SECONDS
    monkeypatch.setattr(ratelimit, "_PATIENCE_SECONDS", 10)
    return usual


@asynccontextmanager
async def stranger(service: Factory) -> AsyncIterator[httpx.AsyncClient]:
    async with service.client() as client:
        yield client
    await service.app.state.rate_limits.close()


def fallbacks(service: Factory) -> float:
    found: float | None = service.app.state.parts.metrics.registry.get_sample_value(
        "taskapi_rate_limit_fallbacks_total"
    )
    assert found is not None
    return found


async def test_two_processes_have_one_count(limited: Limited, redis: RedisServer) -> None:
    first, second = limited(anonymous=4, REDIS_URL=redis.url), limited(anonymous=4, REDIS_URL=redis.url)
    async with stranger(first) as one, stranger(second) as another:
        assert await statuses(one, 2) == [401] * 2
        assert await statuses(another, 2) == [401] * 2
        refused = await one.get(ME)
        assert problem(refused) == (429, "too_many_requests")
        assert refused.headers["ratelimit-policy"] == '"anonymous";q=4;w=60'
        assert await statuses(another, 1) == [429]
    assert fallbacks(first) == fallbacks(second) == 0


async def test_what_is_counted_is_forgotten_after_the_minute(limited: Limited, redis: RedisServer) -> None:
    service = limited(REDIS_URL=redis.url)
    async with stranger(service) as client, service.client(await service.user()) as somebody:
        await statuses(client, 1)
        await statuses(somebody, 1)
        keys = [line.decode() for line in redis.ask("KEYS", "*").split(b"\r\n") if line.startswith(b"taskapi:")]
        assert sorted(key.split(":")[1] for key in keys) == ["anonymous", "user"]
        for key in keys:
            assert 1 <= int(redis.ask("TTL", key).strip(b":\r\n")) <= 60


async def test_a_hundred_at_once_are_all_counted(
    limited: Limited, redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ratelimit, "_REDIS_SECONDS", 10)  # of how many, and not how fast on a busy machine
    service = limited(anonymous=70, REDIS_URL=redis.url)
    async with stranger(service) as client:
        answers = await asyncio.gather(*(client.get(ME) for _ in range(100)))
    assert sorted(answer.status_code for answer in answers) == [401] * 70 + [429] * 30
    assert fallbacks(service) == 0


async def test_when_redis_goes_each_process_is_stricter_until_it_is_back(
    limited: Limited, redis: RedisServer, lines: Lines
) -> None:
    service = limited(anonymous=40, REDIS_URL=redis.url)
    async with stranger(service) as client:
        assert await statuses(client, 3) == [401] * 3
        redis.stop()
        assert await statuses(client, 12) == [401] * 10 + [429] * 2, "a quarter, and never a 500"
        assert (await client.get(ME)).headers["ratelimit-policy"] == '"anonymous";q=10;w=60'
        assert fallbacks(service) == 13
        redis.start()
        await asyncio.sleep(SECONDS)
        answer = await client.get(ME)
        assert (answer.status_code, answer.headers["ratelimit"].partition(";t=")[0]) == (401, '"anonymous";r=39')
    told = [line["event"] for line in lines if line["event"] != "ratelimit.hit"]
    assert told == ["ratelimit.redis_is_gone", "ratelimit.redis_is_back"]


@pytest.mark.alone
async def test_while_it_is_gone_one_request_at_a_time_looks_for_it(
    limited: Limited, redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Longer than sixty requests take on a busy machine: eight connections would make the last of them wait for 15 s.
    monkeypatch.setattr(ratelimit, "_REDIS_SECONDS", 2)
    service = limited(REDIS_URL=redis.url)
    async with stranger(service) as client:
        await client.get(ME)
        redis.freeze()
        started = time.monotonic()
        answers = await asyncio.gather(*(client.get(ME) for _ in range(60)))
        assert {answer.status_code for answer in answers} == {401}
        assert time.monotonic() - started < 6, "no request waits for more than one that fails"
        monkeypatch.setattr(ratelimit, "_REDIS_RETRY_SECONDS", 60)
        await asyncio.sleep(SECONDS)
        await client.get(ME)
        started = time.monotonic()
        await asyncio.gather(*(client.get(ME) for _ in range(60)))
        assert time.monotonic() - started < 2, "nobody looks"
        assert fallbacks(service) == 121


@pytest.mark.alone
async def test_no_request_waits_for_a_redis_that_says_nothing(
    limited: Limited, redis: RedisServer, monkeypatch: pytest.MonkeyPatch, patience: float
) -> None:
    """Not those before anybody knows, nor the one that looks whether it is back."""
    assert patience <= 0.05
    monkeypatch.setattr(ratelimit, "_PATIENCE_SECONDS", patience)
    monkeypatch.setattr(ratelimit, "_REDIS_SECONDS", 20)
    service = limited(REDIS_URL=redis.url)
    async with stranger(service) as client:
        redis.freeze()
        before = time.monotonic()
        for _ in range(20):  # more than it has connections
            assert (await client.get(ME)).status_code == 401
        assert time.monotonic() - before < 20, "the first of them alone would have waited for so long"
        assert fallbacks(service) == 20
        service.app.state.rate_limits._lose(TimeoutError())
        await asyncio.sleep(SECONDS)
        before = time.monotonic()
        assert (await client.get(ME)).status_code == 401
        assert time.monotonic() - before < 10
        redis.thaw()

        async def it_counts_again() -> bool:
            return (await client.get(ME)).headers["ratelimit-policy"] == '"anonymous";q=1000;w=60'

        await until(it_counts_again)


async def test_a_service_starts_without_redis_and_finds_it_later(limited: Limited, redis: RedisServer) -> None:
    redis.stop()
    service = limited(anonymous=40, REDIS_URL=redis.url)
    async with stranger(service) as client:
        assert await statuses(client, 2) == [401] * 2
        assert fallbacks(service) == 2
        redis.start()
        await asyncio.sleep(SECONDS)
        assert (await client.get(ME)).headers["ratelimit-policy"] == '"anonymous";q=40;w=60'


@pytest.mark.parametrize("fault", ["CONFIG SET requirepass secret", "CONFIG SET maxmemory 1", "REPLICAOF 127.0.0.1 1"])
async def test_a_redis_that_refuses_is_one_that_is_gone(limited: Limited, redis: RedisServer, fault: str) -> None:
    service = limited(anonymous=40, REDIS_URL=redis.url)
    redis.ask(*fault.split())
    async with stranger(service) as client:
        assert await statuses(client, 11) == [401] * 10 + [429]


async def test_guessing_passwords_is_limited_without_redis_too(limited: Limited, redis: RedisServer) -> None:
    redis.stop()
    service = limited(REDIS_URL=redis.url)
    await service.user("maria")
    async with stranger(service) as client:
        wrong = {"username": "maria", "password": f"not {PASSWORD}"}
        answers = [await client.post("/api/v1/auth/login", json=wrong) for _ in range(12)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2
    assert answers[-1].json()["code"] == "too_many_sign_ins"


@pytest.mark.parametrize("url", ["localhost:6379", "memcached://127.0.0.1", "http://127.0.0.1"])
def test_another_kind_of_address_is_refused_at_the_start(limited: Limited, url: str) -> None:
    with pytest.raises(ValueError, match="must look like redis://"):
        limited(REDIS_URL=url)
