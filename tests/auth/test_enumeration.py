"""Nobody learns from an answer who has an account (threat T2); registering a taken name or address is the exception."""

import re
from typing import Any

import httpx
import pytest

from tests.support.answers import headers, problem
from tests.support.factory import PASSWORD, Factory, Person

SECRET = "not the password of anybody"


def shown(answer: httpx.Response) -> tuple[int, str, dict[str, str]]:
    """All that a stranger sees but for the request's own id."""
    body = re.sub(re.escape(answer.headers["x-request-id"]), "", answer.text)
    return answer.status_code, body, headers(answer)


@pytest.mark.parametrize(
    ("path", "known", "unknown"),
    [
        ("login", {"username": "ana"}, {"username": "nobody"}),
        ("login", {"username": "ana@example.com"}, {"username": "nobody@example.com"}),
        ("login", {"username": "disabled"}, {"username": "nobody"}),
        ("password/forgot", {"email": "ana@example.com"}, {"email": "nobody@example.com"}),
        ("password/forgot", {"email": "disabled@example.com"}, {"email": "nobody@example.com"}),
        ("email/resend", {"email": "ana@example.com"}, {"email": "nobody@example.com"}),
    ],
)
async def test_known_and_unknown_look_the_same(
    path: str,
    known: dict[str, Any],
    unknown: dict[str, Any],
    client: httpx.AsyncClient,
    ana: Person,
    make: Factory,
    tables: Any,
) -> None:
    disabled = await make.user("disabled")
    await tables.execute("UPDATE users SET is_active = false WHERE id = $1", disabled.id)
    password = {"password": SECRET} if path == "login" else {}
    answers = [await client.post(f"/api/v1/auth/{path}", json=body | password) for body in (known, unknown)]
    assert shown(answers[0]) == shown(answers[1])


async def test_the_right_password_of_a_disabled_account_looks_like_a_wrong_one(
    client: httpx.AsyncClient, ana: Person, tables: Any
) -> None:
    await tables.execute("UPDATE users SET is_active = false WHERE id = $1", ana.id)
    tries = [{"username": "ana", "password": word} for word in (PASSWORD, SECRET)]
    answers = [await client.post("/api/v1/auth/login", json=body) for body in tries]
    assert shown(answers[0]) == shown(answers[1])


async def test_a_taken_name_or_address_has_to_be_told_at_registration(client: httpx.AsyncClient, ana: Person) -> None:
    """Without mail to prove an address there is no other answer; SECURITY.md says so."""

    async def register(username: str, email: str) -> tuple[int, str]:
        body = {"username": username, "email": email, "password": PASSWORD}
        return problem(await client.post("/api/v1/auth/register", json=body))

    assert await register("ANA", "other@example.com") == (409, "username_taken")
    assert await register("other", "ANA@EXAMPLE.COM") == (409, "email_taken")
