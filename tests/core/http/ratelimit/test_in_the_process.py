"""Who is counted together, what the answers say of it, and which check comes first."""

import re

import pytest

from taskapi import api
from taskapi.core.http.ratelimit import LocalCounts
from taskapi.main import create_app
from taskapi.settings import DatabaseSettings, Settings
from tests.core.http.ratelimit.conftest import FORGOT, ME, Clock, Limited, Lines, at, statuses
from tests.support.answers import problem
from tests.support.api_tokens import api_token, carrying
from tests.support.factory import PASSWORD, Factory

pytestmark = pytest.mark.slow

# Failures of these are counted by the sign-in limits, and successes are an office's morning.
EVERYDAY = {
    *("/api/v1/auth/login", "/api/v1/auth/token", "/api/v1/auth/refresh"),
    # Of what is not signed by us it costs a digest, and mail programs of an office press it from one address.
    "/api/v1/notifications/unsubscribe",
}


async def test_an_answer_says_how_much_is_left(limited: Limited, clock: Clock) -> None:
    service = limited(user=5)
    async with service.client(await service.user()) as client:
        for remaining in (4, 3):
            headers = (await client.get(ME)).headers
            assert headers["ratelimit-policy"] == '"user";q=5;w=60'
            found = re.fullmatch(rf'"user";r={remaining};t=(\d+)', headers["ratelimit"])
            assert found
            assert 1 <= int(found[1]) <= 60
            assert headers["x-ratelimit-limit"] == "5"
            assert headers["x-ratelimit-remaining"] == str(remaining)
            assert int(headers["x-ratelimit-reset"]) - int(clock.now) == int(found[1])


async def test_who_asks_too_often_waits_for_the_next_minute(limited: Limited, clock: Clock) -> None:
    service = limited(user=3)
    async with service.client(await service.user()) as client:
        assert await statuses(client, 3) == [200] * 3
        refused = await client.get(ME)
        assert problem(refused) == (429, "too_many_requests")
        assert refused.headers["ratelimit"].startswith('"user";r=0;t=')
        seconds = int(refused.headers["retry-after"])
        assert refused.headers["ratelimit"] == f'"user";r=0;t={seconds}'
        clock.pass_(seconds - 1)
        assert await statuses(client, 1) == [429]
        clock.pass_(1)
        assert await statuses(client, 4) == [200, 200, 200, 429]


async def test_strangers_are_told_so_before_they_are_told_to_sign_in(limited: Limited) -> None:
    async with limited(anonymous=2).client() as client:
        assert await statuses(client, 3) == [401, 401, 429]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/v1/tasks/NO-1", None),
        ("GET", "/api/v1/nothing/here", None),
        ("GET", "/api/v1/tasks?limit=wrong", None),
        ("PUT", "/api/v1/tasks", None),
        ("POST", "/api/v1/projects", {"nonsense": 1}),
        ("POST", "/api/v1/auth/login", {}),
    ],
)
async def test_the_limit_comes_before_the_route_and_the_shape_of_the_request(
    limited: Limited, method: str, path: str, body: dict[str, int] | None
) -> None:
    service = limited(user=1)
    async with service.client(await service.user()) as client:
        first = await client.request(method, path, json=body)
        assert first.status_code in {404, 405, 422}
        assert first.headers["x-ratelimit-remaining"] == "0"
        assert problem(await client.request(method, path, json=body)) == (429, "too_many_requests")


async def test_a_body_that_nobody_will_read_ends_the_connection(limited: Limited) -> None:
    async with limited(auth=1).client() as client:
        await client.post(FORGOT, json={"email": "a@example.com"})
        refused = await client.post(FORGOT, json={"email": "a@example.com"})
        assert (refused.status_code, refused.headers["connection"]) == (429, "close")
    async with limited(anonymous=1).client() as client:
        await client.get(ME)
        assert "connection" not in (await client.get(ME)).headers


async def test_users_are_counted_apart_and_their_sessions_together(limited: Limited) -> None:
    service = limited(user=2)
    maria, ana = await service.user("maria"), await service.user("ana")
    async with service.client(maria) as first, service.client() as second, service.client(ana) as other:
        elsewhere = await second.post("/api/v1/auth/login", json={"username": "maria", "password": PASSWORD})
        carrying(second, elsewhere.json()["access_token"])
        assert await statuses(first, 1) == [200]
        assert await statuses(second, 2) == [200, 429]
        assert await statuses(other, 1) == [200]


async def test_an_api_token_runs_wild_without_locking_its_owner_out(limited: Limited) -> None:
    service = limited(user=2)
    maria = await service.user()
    tokens = [await api_token(service, maria, "users:read") for _ in range(2)]
    async with service.client() as script, service.client() as another, service.client(maria) as page:
        assert await statuses(carrying(script, tokens[0]), 3) == [200, 200, 429]
        assert (await script.get(ME)).headers["ratelimit-policy"] == '"token";q=2;w=60'
        assert await statuses(carrying(another, tokens[1]), 1) == [200]
        assert await statuses(page, 2) == [200, 200]


@pytest.mark.parametrize("path", [ME, "/api/v1/auth/login", "/api/v1/nothing"])
async def test_made_up_tokens_count_for_the_address(limited: Limited, path: str) -> None:
    service = limited(anonymous=3)
    seen = []
    for number in range(5):
        async with at(service, "192.0.2.1", Authorization=f"Bearer made-up-{number}") as client:
            seen.append((await client.get(path)).status_code)
    assert seen[3:] == [429, 429]
    assert 429 not in seen[:3]
    async with service.client(await service.user()) as client:
        assert await statuses(client, 1) == [200]


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
async def test_a_thousand_made_up_addresses_are_one(limited: Limited, header: str) -> None:
    service = limited(anonymous=50)
    async with at(service, "192.0.2.1") as client:
        seen = [
            (await client.get(ME, headers={header: f"{prefix}198.51.{n // 250}.{n % 250}"})).status_code
            for n in range(1000)
            for prefix in ("for=" if header == "Forwarded" else "",)
        ]
    assert seen == [401] * 50 + [429] * 950


async def test_behind_a_trusted_proxy_the_address_it_saw_counts(limited: Limited) -> None:
    service = limited(anonymous=2, trusted_proxies="10.0.0.0/8")
    async with at(service, "10.0.0.1") as proxy:
        seen = [
            (await proxy.get(ME, headers={"X-Forwarded-For": f"203.0.113.{n}, 198.51.100.7"})).status_code
            for n in range(4)
        ]
        assert seen == [401, 401, 429, 429]
        other = await proxy.get(ME, headers={"X-Forwarded-For": "198.51.100.8"})
        assert other.status_code == 401


async def test_an_address_with_a_port_is_that_address(limited: Limited) -> None:
    service = limited(anonymous=2, trusted_proxies="10.0.0.0/8")
    hops = ("198.51.100.7:1", "198.51.100.7:2", "198.51.100.7", "[2001:db8::7]:9", "2001:db8::7", "[2001:db8::7]")
    async with at(service, "10.0.0.1") as proxy:
        seen = [(await proxy.get(ME, headers={"X-Forwarded-For": hop})).status_code for hop in hops]
    assert seen == [401, 401, 429, 401, 401, 429]


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
async def test_a_customer_of_ipv6_has_one_count_for_all_addresses(
    limited: Limited, first: str, second: str, *, together: bool
) -> None:
    service = limited(anonymous=1)
    async with at(service, first) as one, at(service, second) as another:
        assert await statuses(one, 1) == [401]
        assert await statuses(another, 1) == [429 if together else 401]


async def test_what_costs_a_hash_or_a_mail_is_limited_for_the_address_whoever_asks(limited: Limited) -> None:
    service = limited(auth=2)
    person = await service.user()
    async with service.client() as stranger, service.client(person) as somebody:
        for client in (stranger, somebody):
            answer = await client.post(FORGOT, json={"email": "nobody@example.com"})
            assert (answer.status_code, answer.headers["ratelimit-policy"]) == (202, '"auth";q=2;w=60')
        for client in (stranger, somebody):
            assert (await client.post(FORGOT, json={"email": "nobody@example.com"})).status_code == 429
            # The rest goes on.
            assert (await client.post("/api/v1/auth/login", json={})).status_code == 422


def test_every_route_that_anybody_may_post_to_is_costly_or_everyday(limited: Limited) -> None:
    open_to_all = {
        path
        for path, operations in limited().app.openapi()["paths"].items()
        if path.startswith("/api/v1/") and "post" in operations and not operations["post"]["security"]
    }
    assert open_to_all == api.COSTLY | EVERYDAY


async def test_health_metrics_and_docs_are_free(limited: Limited) -> None:
    async with limited(anonymous=1).client() as client:
        for path in ("/health/live", "/health/ready", "/health", "/metrics", "/docs", "/openapi.json", "/problems"):
            for _ in range(3):
                answer = await client.get(path)
                assert answer.status_code == 200, path
                assert "ratelimit" not in answer.headers


async def test_nothing_is_counted_when_switched_off(limited: Limited) -> None:
    async with limited(anonymous=1, rate_limit="off").client() as client:
        assert await statuses(client, 3) == [401] * 3
        assert "ratelimit" not in (await client.get(ME)).headers


async def test_a_service_without_its_database_does_not_count_people_as_strangers(limited: Limited) -> None:
    person = await limited().user()
    broken = Settings.model_validate({"security": {"rate_limit_anonymous_per_minute": 1}})
    nowhere = broken.model_copy(
        update={"database": DatabaseSettings(DATABASE_URL="postgresql://nobody@127.0.0.1:1/nowhere")}
    )
    async with Factory(create_app(nowhere)).client(person) as client:
        assert await statuses(client, 3) == [503] * 3


async def test_a_flood_leaves_one_line_in_the_log_and_a_figure(limited: Limited, lines: Lines) -> None:
    service = limited(anonymous=2)
    async with at(service, "192.0.2.9") as client:
        await statuses(client, 12)
    assert lines == [
        {"event": "ratelimit.hit", "policy": "anonymous", "who": "192.0.2.9", "quota": 2, "log_level": "warning"}
    ]
    assert 'taskapi_rate_limited_total{policy="anonymous"} 10.0' in service.app.state.parts.metrics.render().decode()


def test_addresses_do_not_pile_up(clock: Clock) -> None:
    counts = LocalCounts(most=100)
    later = int(clock.now) + 60
    for number in range(1000):
        counts.add(f"anonymous:{number}", later)
        assert len(counts) <= 100
    assert counts.add("anonymous:999", later) == 2, "the newest are kept"
    clock.pass_(61)
    for number in range(1000, 1101):
        counts.add(f"anonymous:{number}", later + 60)
    assert counts.add("anonymous:999", later + 60) == 1


async def test_callers_are_counted_by_what_cannot_be_chosen(limited: Limited) -> None:
    """A request id, user agent or cookie of one's own opens no other bucket."""
    service = limited(user=2)
    person = await service.user()
    seen = []
    async with service.client(person) as client:
        for number in range(4):
            varied = {"User-Agent": str(number), "X-Request-ID": str(number), "Cookie": f"session={number}"}
            seen.append((await client.get(ME, headers=varied)).status_code)
    assert seen == [200, 200, 429, 429]


async def test_head_counts_like_get(limited: Limited) -> None:
    async with limited(anonymous=2).client() as client:
        assert [(await client.head(ME)).status_code for _ in range(3)] == [401, 401, 429]
