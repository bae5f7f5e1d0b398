"""/docs and /redoc work without the internet, under a policy of their own."""

import re

import httpx
import pytest

from tests.support.factory import Factory

PAGES = ["/docs", "/redoc", "/docs/oauth2-redirect"]


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_refers_to_nobody_elses_address(path: str, client: httpx.AsyncClient) -> None:
    page = await client.get(path)
    assert page.headers["content-type"].startswith("text/html")
    assert re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", page.text) == []


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_everything_a_page_refers_to_is_there(path: str, client: httpx.AsyncClient) -> None:
    page = (await client.get(path)).text
    addresses = re.findall(r"""(?:src|href|spec-url|url)(?:=|:\s*)["']([^"']+)["']""", page)
    assert "/openapi.json" in addresses
    assert len(addresses) >= 3
    for address in addresses:
        answer = await client.get(address)
        assert answer.status_code == 200, address
        assert answer.content


async def test_tokens_go_with_the_tab(client: httpx.AsyncClient) -> None:
    """In the browser's storage they would be there for whoever opens the page next."""
    assert '"persistAuthorization": false' in (await client.get("/docs")).text


async def test_redoc_fetches_no_picture_from_its_maker(client: httpx.AsyncClient) -> None:
    (script,) = re.findall(r'<script src="([^"]+)"', (await client.get("/redoc")).text)
    answer = await client.get(script)
    assert answer.headers["content-type"].startswith("text/javascript")
    assert len(answer.content) > 1_000_000
    assert re.findall(rb'src:"(?:https?:)?//', answer.content) == []
    assert b"cdn.redoc.ly" not in answer.content


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_fetches_from_us_alone(path: str, client: httpx.AsyncClient) -> None:
    headers = (await client.get(path)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "http" not in policy
    assert "unsafe-eval" not in policy
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"


async def test_redoc_comes_without_the_logo_of_its_maker_and_only_once(client: httpx.AsyncClient) -> None:
    script = await client.get("/_docs/redoc.standalone.js")
    assert "cdn.redoc.ly" not in script.text
    again = await client.get("/_docs/redoc.standalone.js", headers={"If-None-Match": script.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_authorize_signs_in_with_the_password_form(client: httpx.AsyncClient, make: Factory) -> None:
    document = (await client.get("/openapi.json")).json()
    scheme = document["components"]["securitySchemes"]["OAuth2PasswordBearer"]
    maria = await make.user("maria")
    form = {"grant_type": "password", "username": "maria", "password": "correct horse battery"}
    answer = await client.post(scheme["flows"]["password"]["tokenUrl"], data=form)
    assert (answer.json()["token_type"], answer.json()["user"]["id"]) == ("bearer", str(maria.id))


async def test_the_api_itself_keeps_the_strict_policy(client: httpx.AsyncClient) -> None:
    assert "default-src 'none'" in (await client.get("/openapi.json")).headers["content-security-policy"]
