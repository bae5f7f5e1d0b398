"""The built page in a browser: opened, signed in to, looked at by axe, and listened to."""

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import ConsoleMessage, Page, Route

from taskapi.web.build import DIST, stamp_of
from tests.support.factory import PASSWORD, Person
from tests.support.optional import need

_ROOT = Path(__file__).parents[2]
_HOOK = _ROOT / "hatch_build.py"
_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_SECONDS = 15
_MARKING = """<link rel="icon" href="data:,"><script>localStorage.setItem("taskapi.signed-in", "1")</script>"""
_SCHEMES = ("light", "dark")
# Of what axe finds no more than the faults comes back.
_LOOK = "([within, options]) => axe.run(within ?? document, options).then(({ violations }) => violations)"
# What a scheme can do wrong.
OF_COLOURS = ("color-contrast", "link-in-text-block")
# Streams end as late as they do for people: in other tests they last a moment, and a page would only come again.
SETTINGS = {"TASKAPI_RATE_LIMIT": "off", "TASKAPI_STREAM_SECONDS": "3600"}
# A page hears of another scheme in its next frame, and its colours change by and by: looked at in between, it has
# those of both.
_SETTLED = """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
    const changing = document.getAnimations().filter((one) => one instanceof CSSTransition);
    Promise.allSettled(changing.map((one) => one.finished)).then(() => done());
})))"""


def build() -> None:
    """By what `make web` does, which lets one build at a time: the processes of a run wait for the first of them."""
    need((_ROOT / "web" / "package.json").is_file(), "this clone has no page")
    done = subprocess.run([sys.executable, _HOOK], capture_output=True, text=True, check=False)
    need("is not built: Installing" not in done.stderr, "what builds the page cannot be had: make web")
    assert done.returncode == 0, done.stdout + done.stderr
    need(stamp_of(DIST), "TASKAPI_WEB=skip leaves the page out")


async def sign_in(page: Page, url: str, person: Person | str, password: str = PASSWORD) -> None:
    """The context of the page has a session, and the next page that is opened in it goes on with that.

    The form does the same, at the cost of two pages that most tests do not look at: `fill_in`.
    """
    username = person if isinstance(person, str) else person.username
    answer = await page.context.request.post(
        f"{url}/api/v1/auth/login",
        data={"username": username, "password": password, "session": "cookie"},
        headers={"X-Requested-By": "tests"},
    )
    assert answer.ok, await answer.text()
    await page.route(f"{url}/marked", _mark)
    await page.goto(f"{url}/marked")
    await page.unroute(f"{url}/marked", _mark)


async def _mark(route: Route) -> None:
    """Where this mark is the page asks for its session. It is kept by origin, so an address of it has to be open."""
    await route.fulfill(content_type="text/html", body=_MARKING)


async def fill_in(page: Page, url: str, person: Person | str, password: str = PASSWORD) -> None:
    """Through the form, as people do, and until it has led on from there."""
    username = person if isinstance(person, str) else person.username
    await page.goto(f"{url}/sign-in")
    await page.get_by_label("Username or e-mail").fill(username)
    # Beside it may be a button that shows what is typed, and behind its name the mark of what is required.
    await page.get_by_label("Password").and_(page.locator("input")).fill(password)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.wait_for_url(lambda address: "/sign-in" not in address)


async def press(page: Page, keys: str) -> None:
    """One after the other, like a hand, which does not wait until a busy page has heard of the first."""
    await asyncio.gather(*(page.keyboard.press(key) for key in keys.split(" ")))


async def accessible(page: Page, *, schemes: Sequence[str] = _SCHEMES) -> None:
    """axe finds nothing in what the page shows now; nothing but colours depends on the scheme."""
    for scheme in schemes:
        found = await faults(page, scheme, _RULES if scheme == schemes[0] else OF_COLOURS)
        assert found == [], f"{page.url} in {scheme}:\n" + "\n".join(found)


async def faults(page: Page, scheme: str, rules: Sequence[str] = _RULES, within: str | None = None) -> list[str]:
    """What axe finds in what the page shows now or in a part of it, by the rules of some tags or by single ones."""
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await page.evaluate(_SETTLED)
    options = {
        "runOnly": {"type": "tag" if rules is _RULES else "rule", "values": list(rules)},
        "resultTypes": ["violations"],
    }
    # Half a megabyte of script: once for each document.
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    found = await page.evaluate(_LOOK, [within, options])
    return [
        f"{scheme}: {fault['id']}: {node['html'][:200]} {node['failureSummary']}"
        for fault in found
        for node in fault["nodes"]
    ]


class Complaints:
    """What goes wrong in a page while nobody looks: errors in its console, and requests that leave the machine."""

    def __init__(self, page: Page) -> None:
        # With what it was about, which a browser's own words do not say.
        self._found: list[tuple[str, str]] = []
        self._expected: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._found.append((str(error), "")))
        page.on("request", lambda request: self._look(request.url))

    def expect(self, part: str) -> None:
        """A test that provokes a refusal says which: browsers write each 4xx into the console."""
        self._expected.append(part)

    def unexpected(self) -> list[str]:
        return [f"{text} {where}" for text, where in self._found if not any(part in text for part in self._expected)]

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._found.append((message.text, message.location["url"]))

    def _look(self, url: str) -> None:
        if not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")):
            self._found.append((f"a request to {url}", ""))


class Held:
    """Writes, or whatever is asked, that are on their way for as long as a test wants."""

    def __init__(self, *, also_reads: bool = False) -> None:
        self._also_reads = also_reads
        self._released = asyncio.Event()

    async def hold(self, route: Route) -> None:
        if self._also_reads or route.request.method != "GET":
            await self._released.wait()
        await route.continue_()

    def release(self) -> None:
        self._released.set()

    def stop(self) -> None:
        self._released.clear()


async def until(read: Callable[[], Awaitable[Any]], wanted: Any) -> None:
    """Till it is so: what the page has sent may still be on its way."""
    async with asyncio.timeout(_SECONDS):
        while await read() != wanted:  # noqa: ASYNC110 - others send
            await asyncio.sleep(0.05)


@contextmanager
def foreign_site(folder: Path) -> Iterator[str]:
    """A page that is none of ours, on a port of its own."""
    (folder / "index.html").write_text("<!doctype html><title>elsewhere</title>")
    handler = partial(_Silent, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        pass
