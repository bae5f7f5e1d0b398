"""What a board of 2,000 tasks costs a browser: to open, to drop a card, to scroll, and to hear of 1,000 changes.

Chromium without a window, on the machine of the service and PostgreSQL. Where there is none, or no built page, a line
says so and nothing is measured.
"""

import asyncio
import shutil
from pathlib import Path

import httpx

from benchmarks import browsing
from benchmarks.browsing import A_HEAP as A_BATCH
from benchmarks.browsing import TASKS, Site
from benchmarks.connection import HOST
from benchmarks.servers import API, Served, environment, serving
from taskapi.core.db import migrations
from taskapi.embedded import EmbeddedServer, ensure_database
from taskapi.web.build import DIST, stamp_of

NAME = "page"
ROUNDS, QUICK_ROUNDS = 10, 3
_DATABASE = "page"
_PASSWORD = "a long and quiet afternoon"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_PRIORITIES = ("none", "low", "none", "medium", "high", "none", "urgent")
_LABELS = ("bug", "design", "help wanted", "customer")
_COLOR = "#228be6"


def page(postgres: EmbeddedServer, directory: Path, *, quick: bool) -> dict[str, float]:
    """Measure in a database of its own, print what came of it, and return it by names for the budgets."""
    print(f"\n## The page, a board of {TASKS:,} tasks\n")
    chromium = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if chromium is None or stamp_of(DIST) is None:
        missing = "no Chromium (apt-get install chromium)" if chromium is None else "no built page (make web)"
        print(f"Not measured: there is {missing}.", flush=True)
        return {}
    url = postgres.url(_DATABASE)
    asyncio.run(_prepare(postgres, url))
    with serving(API, environment(url, TASKAPI_ENVIRONMENT="development"), directory) as served, _client(served) as api:
        site = furnished(f"http://{HOST}:{served.port}", api)
        found = browsing.look(site, chromium, QUICK_ROUNDS if quick else ROUNDS)
    print(browsing.told(found), flush=True)
    return {f"page/{name}": value for name, value in found.items()}


def furnished(url: str, client: httpx.Client) -> Site:
    """Registers somebody and fills a project of theirs, through the API."""
    site = Site(url, "owner", _PASSWORD, "BIG", client)
    person = {"username": site.username, "email": "owner@example.org", "password": _PASSWORD}
    client.post("/auth/register", json=person).raise_for_status()
    signed_in = client.post("/auth/login", json={"username": site.username, "password": _PASSWORD}).json()
    client.headers["Authorization"] = f"Bearer {signed_in['access_token']}"
    client.post("/projects", json={"key": site.project, "name": "A big project"}).raise_for_status()
    base = f"/projects/{site.project}"
    statuses = [status["key"] for status in client.get(f"{base}/statuses").json()["items"]]
    labels = [client.post(f"{base}/labels", json={"name": name, "color": _COLOR}).json()["id"] for name in _LABELS]
    mine = [signed_in["user"]["id"]]
    for first in range(0, TASKS, A_BATCH):
        operations = [
            {
                "op": "create",
                "project": site.project,
                "title": f"Task {number}: {'a few more words ' * (number % 5)}".strip(" :"),
                "status": statuses[number % len(statuses)],
                "priority": _PRIORITIES[number % len(_PRIORITIES)],
                "label_ids": labels[: number % 4],
                "assignee_ids": mine if number % 3 == 0 else [],
                "due_on": f"2030-01-{number % 28 + 1:02}" if number % 2 == 0 else None,
            }
            for number in range(first, first + A_BATCH)
        ]
        client.post("/tasks/batch", json={"operations": operations}).raise_for_status()
    return site


async def _prepare(postgres: EmbeddedServer, url: str) -> None:
    await ensure_database(postgres, _DATABASE)
    await migrations.upgrade(url)


def _client(served: Served) -> httpx.Client:
    return httpx.Client(base_url=f"http://{HOST}:{served.port}/api/v1", timeout=60)
