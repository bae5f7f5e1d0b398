"""What tests do with accounts again and again."""

from typing import Any

import httpx

from tests.support.factory import PASSWORD, Person

ME = "/api/v1/users/me"
LOGIN = "/api/v1/auth/login"


async def sign_in(client: httpx.AsyncClient, login: str, password: str = PASSWORD, **more: str) -> httpx.Response:
    return await client.post(LOGIN, json={"username": login, "password": password, **more})


async def is_signed_in(client: httpx.AsyncClient, access_token: str) -> bool:
    response = await client.get(ME, headers={"Authorization": f"Bearer {access_token}"})
    assert response.status_code in {200, 401}, response.text
    return response.status_code == 200


async def verify_address(tables: Any, username: str) -> None:
    await tables.execute("UPDATE users SET email_verified = true WHERE username = $1", username)


async def is_alive(client: httpx.AsyncClient, person: Person) -> bool:
    return await is_signed_in(client, person.access_token)
