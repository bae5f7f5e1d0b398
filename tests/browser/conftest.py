"""A Chromium of the machine's own, and a service for it to look at; skipped where there is no Chromium."""

import shutil
from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from taskapi.core.db.database import Database
from taskapi.core.secrets.passwords import Passwords
from taskapi.main import create_app
from taskapi.settings import Settings
from tests.adversity.serving import Service, serve
from tests.support import databases, pages
from tests.support.databases import Template
from tests.support.factory import Factory, MadeProject
from tests.support.optional import need
from tests.support.pages import Complaints

_NAMES = ("chromium", "chromium-browser", "google-chrome")
# As root there is no sandbox to be had, and in a container little shared memory.
_ARGUMENTS = ("--no-sandbox", "--disable-dev-shm-usage")
_PATIENCE = 30_000


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    need(found, "no Chromium on this machine: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=_ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture(scope="module", autouse=True)
def _streams_that_last() -> Iterator[None]:
    """As long as a page is open: elsewhere in the suite a stream ends at once, and a page would come again for ever."""
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("TASKAPI_STREAM_SECONDS")
        yield


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport={"width": 1300, "height": 1000})
    context.set_default_timeout(_PATIENCE)
    expect.set_options(timeout=_PATIENCE)
    yield await context.new_page()
    await context.close()


@pytest.fixture(scope="module")
async def browsed_database(template: Template) -> AsyncIterator[str]:
    async with template.cloned("browsed") as url:
        yield url


@pytest.fixture(scope="module")
def service(browsed_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with serve(browsed_database, tmp_path_factory.mktemp("browsed"), **pages.SETTINGS) as served:
        yield served


@pytest.fixture(scope="session")
def built() -> None:
    """The page, as `make web` builds it."""
    pages.build()


@pytest.fixture(scope="module")
async def people(browsed_database: str, quick_passwords: Passwords) -> AsyncIterator[Factory]:
    """Makes whom and what a page shows, in the database of the service; who is made signs in by `pages.sign_in`."""
    database = Database(databases.patient_settings_for(browsed_database))
    yield Factory(create_app(Settings(), database, quick_passwords))
    await database.dispose()


@pytest.fixture
async def project(people: Factory) -> MadeProject:
    project = await people.project(key="WEB")
    await people.task(project)
    return project


@pytest.fixture
async def flawless(page: Page) -> AsyncIterator[Complaints]:
    """Whatever a test does: no error in the console, none in the page, and no request that leaves the machine."""
    complaints = Complaints(page)
    yield complaints
    assert complaints.unexpected() == []
