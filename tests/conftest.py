"""One server and one migrated template a run; a clone of it for each worker; a rolled-back transaction for each test.

A run in several processes has a controller, which runs no test: it starts the server, and stops it when all workers
have ended, also after Ctrl-C. A run in one process starts it when the first test asks.
"""

import os
import sys
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import ExitStack, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import settings as hypothesis_settings
from sqlalchemy import make_url

from taskapi.core.db.database import Database
from taskapi.core.observing import logs
from taskapi.core.secrets.passwords import Passwords
from taskapi.main import create_app
from taskapi.settings import Settings
from tests.support import databases
from tests.support.databases import RolledBackDatabase, Template
from tests.support.factory import Factory, MadeProject, Person
from tests.support.shell import Shell
from tests.support.statements import Counting, counting
from tests.support.turns import turn

ClientFor = Callable[[Person | None], httpx.AsyncClient]
SECRET_KEY = "a secret of the tests, and long enough"
RATE_LIMITS = (
    "TASKAPI_RATE_LIMIT_PER_MINUTE",
    "TASKAPI_RATE_LIMIT_ANONYMOUS_PER_MINUTE",
    "TASKAPI_RATE_LIMIT_AUTH_PER_MINUTE",
)
PLATFORMS = ("DATABASE_URL", "DATABASE_READ_URL", "DATABASE_DIRECT_URL", "REDIS_URL", "STORAGE_URL", "HOST", "PORT")
_TESTS = Path(__file__).parent
# These folders ask every route and every table at once, so that all of their tests count as slow.
_OF_THE_WHOLE = {"adversity", "browser", "chaos", "clients", "mutants", "proof"}
_OF_ALL_WORKERS = pytest.StashKey[dict[str, str]]()
# How long an example takes says how busy the machine is.
hypothesis_settings.register_profile("taskapi", deadline=None)
hypothesis_settings.load_profile("taskapi")


@pytest.fixture(scope="session", autouse=True)
def _environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests see the settings they make, not those of whoever runs them."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("TASKAPI_")}
    kept |= {name: os.environ.pop(name) for name in PLATFORMS if name in os.environ}
    os.environ["TASKAPI_SECRET_KEY"] = SECRET_KEY
    # All tests call from one address; limits that nobody reaches are counted like any others.
    os.environ |= dict.fromkeys(RATE_LIMITS, "1000000")
    # Whoever asks every route for an answer waits for the end of a stream, too.
    os.environ["TASKAPI_STREAM_SECONDS"] = "0.2"
    os.environ["TASKAPI_STORAGE_URL"] = tmp_path_factory.mktemp("files").as_uri()
    logs.configure(Settings(server={"log_level": "error"}))
    yield
    for name in ("TASKAPI_SECRET_KEY", "TASKAPI_STREAM_SECONDS", "TASKAPI_STORAGE_URL", *RATE_LIMITS):
        del os.environ[name]
    os.environ.update(kept)


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item: pytest.Item) -> None:
    if item.path.relative_to(_TESTS).parts[0] in _OF_THE_WHOLE:
        item.add_marker(pytest.mark.slow)
        item.add_marker(pytest.mark.whole)


def is_alone(item: pytest.Item) -> bool:
    return item.get_closest_marker("alone") is not None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits most comes first: one worker waits while others compute, and at the end none has much left.

    What runs alone comes last, when the others are at something short, or through.
    """
    items.sort(key=lambda item: (is_alone(item), item.get_closest_marker("slow") is None))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """In the controller, for each worker before it starts: tells it what all of them share."""
    config = node.config
    if _OF_ALL_WORKERS not in config.stash:
        stack = ExitStack()
        config.add_cleanup(stack.close)
        url = stack.enter_context(databases.admin_url())
        config.stash[_OF_ALL_WORKERS] = {
            "server": url,
            "template": stack.enter_context(databases.template(url)).name,
            "turns": stack.enter_context(TemporaryDirectory()),
        }
    node.workerinput.update(config.stash[_OF_ALL_WORKERS])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    told = getattr(item.config, "workerinput", None)
    with turn(Path(told["turns"]), is_alone=is_alone(item)) if told else nullcontext():
        return (yield)


@pytest.fixture(scope="session")
def server(_environment: None, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a running server's maintenance database."""
    told = getattr(request.config, "workerinput", None)
    with nullcontext(told["server"]) if told else databases.admin_url() as url:
        yield url


@pytest.fixture(scope="session")
def template(server: str, request: pytest.FixtureRequest) -> Iterator[Template]:
    told = getattr(request.config, "workerinput", None)
    with nullcontext(Template(make_url(server), told["template"])) if told else databases.template(server) as made:
        yield made


@pytest.fixture
async def database_url(template: Template) -> AsyncIterator[str]:
    """A migrated database of the test's own, for real commits and many connections."""
    async with template.cloned("test") as url:
        yield url


@pytest.fixture(scope="session")
async def shared_database(template: Template) -> AsyncIterator[RolledBackDatabase]:
    async with template.cloned("shared") as url:
        database = RolledBackDatabase(databases.settings_for(url))
        yield database
        await database.dispose()


@pytest.fixture(scope="session")
def quick_passwords() -> Iterator[Passwords]:
    """Hashing is real Argon2id, at a thousandth of the cost."""
    passwords = Passwords(memory_kib=8, passes=1)
    yield passwords
    passwords.close()


@pytest.fixture(scope="session")
def shared_app(shared_database: RolledBackDatabase, quick_passwords: Passwords) -> FastAPI:
    return create_app(Settings(), shared_database, quick_passwords)


@pytest.fixture
async def tables(shared_database: RolledBackDatabase) -> AsyncIterator[Any]:
    """The connection of this test's transaction: what it writes is gone afterwards."""
    async with shared_database.rolled_back() as driver:
        yield driver


@pytest.fixture
def count_statements(tables: Any) -> Counting:
    """`async with count_statements() as seen:` what is sent to the database, a round trip each."""
    return counting(tables)


@pytest.fixture
def app(shared_app: FastAPI, tables: Any) -> FastAPI:
    shared_app.state.parts.refusals._known.clear()  # of the tests before, which are told once a minute
    return shared_app


@pytest.fixture
def make(app: FastAPI) -> Factory:
    return Factory(app)


@pytest.fixture
async def client(make: Factory) -> AsyncIterator[httpx.AsyncClient]:
    """Nobody, until told otherwise."""
    async with make.client() as client:
        yield client


@pytest.fixture
async def client_for(make: Factory) -> AsyncIterator[ClientFor]:
    opened: list[httpx.AsyncClient] = []

    def open_for(person: Person | None) -> httpx.AsyncClient:
        opened.append(make.client(person))
        return opened[-1]

    yield open_for
    for client in opened:
        await client.aclose()


@pytest.fixture
async def web(make: Factory) -> MadeProject:
    """The project that most tests speak of."""
    return await make.project(key="WEB", name="Website")


@pytest.fixture
async def owner(web: MadeProject, client_for: ClientFor) -> httpx.AsyncClient:
    """The client of whoever owns it."""
    return client_for(web.owner)


@pytest.fixture
def direct_url(database_url: str) -> str:
    """The same, past a pooler where there is one: for migrations, and whatever holds things in a session."""
    return databases.past_pooler(database_url)


@pytest.fixture
async def live(database_url: str, quick_passwords: Passwords) -> AsyncIterator[Factory]:
    """The application on a database of its own with a real pool: for races, commits and failures."""
    database = Database(databases.patient_settings_for(database_url))
    yield Factory(create_app(Settings(), database, quick_passwords))
    await database.dispose()


@pytest.fixture(scope="session")
def bytecode(request: pytest.FixtureRequest) -> Path | None:
    cache: pytest.Cache | None = getattr(request.config, "cache", None)
    return cache.mkdir("bytecode") if cache and sys.dont_write_bytecode else None


@pytest.fixture
def shell(tmp_path: Path, bytecode: Path | None) -> Shell:
    return Shell(tmp_path, bytecode)
