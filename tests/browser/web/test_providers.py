"""Signing in with an account that somebody has elsewhere."""

import socket
from collections.abc import Iterator

import pytest
from playwright.async_api import Page, expect

from tests.adversity.serving import Service, serve
from tests.support import openid
from tests.support.databases import connect
from tests.support.factory import Factory
from tests.support.openid import OpenIdProvider
from tests.support.pages import Complaints

pytestmark = pytest.mark.usefixtures("built")


@pytest.fixture(scope="module")
def provider() -> Iterator[OpenIdProvider]:
    with openid.running() as provider:
        yield provider


@pytest.fixture(scope="module")
def service(
    provider: OpenIdProvider, browsed_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """It knows the provider, and the address that the provider sends people back to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    known = {
        "TASKAPI_RATE_LIMIT": "off",
        "TASKAPI_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "TASKAPI_OUTBOUND_ALLOWED_NETWORKS": "127.0.0.0/8",
        "TASKAPI_OIDC_PROVIDERS": "fake",
        "TASKAPI_OIDC_FAKE_ISSUER": provider.issuer,
        "TASKAPI_OIDC_FAKE_CLIENT_ID": openid.CLIENT_ID,
        "TASKAPI_OIDC_FAKE_CLIENT_SECRET": openid.CLIENT_SECRET,
    }
    folder = tmp_path_factory.mktemp("providing")
    with serve(browsed_database, folder, ("taskapi",), port, **known) as served:
        yield served


def jane(provider: OpenIdProvider, subject: str, email: str) -> None:
    provider.reset({"sub": subject, "email": email, "email_verified": True, "name": "Jane Doe"})


async def test_who_comes_for_the_first_time_has_an_account_and_comes_where_they_wanted(
    page: Page, service: Service, provider: OpenIdProvider, flawless: Complaints
) -> None:
    jane(provider, "first", "jane@example.net")
    await page.goto(f"{service.url}/settings/identities")
    await page.get_by_role("link", name="Continue with Fake").click()
    identities = page.get_by_role("list", name="Your providers").get_by_role("listitem")
    await expect(identities).to_contain_text("jane@example.net")
    assert "#" not in page.url
    flawless.expect("409")
    # She has no password: without the provider she would have no way in.
    await page.get_by_role("button", name="Remove jane@example.net").click()
    await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    await expect(page.get_by_role("status").filter(has_text="Set a password first")).to_be_visible()
    await expect(identities).to_have_count(1)


async def test_an_identity_is_linked_to_the_account_of_its_address_and_taken_off(
    page: Page,
    service: Service,
    provider: OpenIdProvider,
    people: Factory,
    browsed_database: str,
    flawless: Complaints,
) -> None:
    ana = await people.user()
    tables = await connect(browsed_database)
    await tables.execute("UPDATE users SET email_verified = true WHERE id = $1", ana.id)
    await tables.close()
    jane(provider, "second", ana.email)
    await page.goto(f"{service.url}/sign-in")
    await page.get_by_role("link", name="Continue with Fake").click()
    await expect(page.get_by_role("button", name="Your account")).to_be_visible()
    await page.goto(f"{service.url}/settings/identities")
    await page.get_by_role("button", name=f"Remove {ana.email}").click()
    await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    await expect(page.get_by_text("You sign in with your password alone.")).to_be_visible()


async def test_an_address_that_the_provider_did_not_prove_opens_nothing(
    page: Page, service: Service, provider: OpenIdProvider, people: Factory, flawless: Complaints
) -> None:
    ana = await people.user()
    jane(provider, "third", ana.email)
    provider.person["email_verified"] = False
    await page.goto(f"{service.url}/sign-in")
    await page.get_by_role("link", name="Continue with Fake").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.get_by_role("link", name="Start again").click()
    await expect(page.get_by_role("link", name="Continue with Fake")).to_be_visible()
