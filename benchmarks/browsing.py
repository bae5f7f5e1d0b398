"""A board in Chromium, measured from within: what is painted when, for how long the page stands still, what it keeps.

Times are the browser's own, so that what it costs to drive it is in none of them.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import cycle, islice
from statistics import median
from typing import Any

import httpx
from playwright.sync_api import CDPSession, Locator, Page, sync_playwright

_ARGUMENTS = ("--no-sandbox", "--disable-dev-shm-usage")
_PATIENCE_MS = 60_000
TASKS = 2_000
A_HEAP, HEAPS = 100, 10
"""Of live changes: as many as one request may make."""
_SHOWN_MORE = 4
"""Pages that are loaded below the first of a column."""
_MB = 1_000_000
FIGURES = {
    "opens_ms": "opened, with a warm cache, until cards are painted",
    "drop_ms": "a card dropped, until it is painted in its new column",
    "drop_longest_ms": "the longest of these",
    "scroll/board_ms": "longest task while columns scroll (0: below 50 ms)",
    "scroll/long_board_ms": f"the same with {_SHOWN_MORE} more pages of a column",
    "scroll/list_ms": "longest task while the list scrolls",
    "heap_mb": "heap of the tab",
    "heap_more_mb": f"the same, more after {A_HEAP * HEAPS:,} live changes",
}
"""What `look` finds, and how it is told."""

# Before anything of the page runs: when it first shows cards, and every task that kept it from painting.
_PROBE = """
window.probe = { painted: null, longest: 0, dropped: null };
new PerformanceObserver((seen) => {
  for (const { duration } of seen.getEntries()) probe.longest = Math.max(probe.longest, duration);
}).observe({ type: "longtask" });
const afterPaint = (act) => requestAnimationFrame(() => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => act(performance.now());
  port2.postMessage(null);
});
new MutationObserver((_changes, observer) => {
  if (document.querySelector("article[data-task]") === null) return;
  observer.disconnect();
  afterPaint((now) => { probe.painted = now; });
}).observe(document, { childList: true, subtree: true });
probe.watch = (task, column) => {
  let released = 0;
  probe.dropped = null;
  addEventListener("pointerup", () => { released = performance.now(); }, { capture: true, once: true });
  const is = () => released > 0 && document.querySelector(`[data-column="${column}"] [data-task="${task}"]`) !== null;
  const observer = new MutationObserver(() => {
    if (!is()) return;
    observer.disconnect();
    afterPaint((now) => { probe.dropped = now - released; });
  });
  observer.observe(document.body, { childList: true, subtree: true });
};
"""


@dataclass(frozen=True, slots=True)
class Site:
    """A served project with its tasks, and who owns it."""

    url: str
    username: str
    password: str
    project: str
    client: httpx.Client

    def change(self, number: int) -> None:
        """Gives a task on the first page of a column, and others, another name: so many changes of the log."""
        keys = islice(cycle(range(1, TASKS + 1)), number, number + A_HEAP)
        operations = [
            {"op": "update", "task": f"{self.project}-{key}", "title": f"Changed {number} of {key}"} for key in keys
        ]
        self.client.post("/tasks/batch", json={"operations": operations}).raise_for_status()


def look(site: Site, chromium: str, rounds: int) -> dict[str, float]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        context = browser.new_context(viewport={"width": 1300, "height": 1000})
        context.set_default_timeout(_PATIENCE_MS)
        context.add_init_script(_PROBE)
        page = context.new_page()
        _sign_in(page, site)
        found = {
            "opens_ms": _opening(page, site, rounds),
            **_dropping(page, site, rounds),
            **_scrolling(page, site),
            **_hearing(page, site),
        }
        browser.close()
    return found


def told(found: Mapping[str, float]) -> str:
    return "\n".join(f"- {what}: {found[name]:.1f} {name[-2:].replace('mb', 'MB')}" for name, what in FIGURES.items())


def _sign_in(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/sign-in")
    page.get_by_label("Username or e-mail").fill(site.username)
    page.get_by_label("Password").and_(page.locator("input")).fill(site.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("link", name="A big project").first.wait_for()


def _open(page: Page, site: Site, view: str = "board") -> None:
    page.goto(f"{site.url}/projects/{site.project}/{view}")
    page.locator("[data-task]").first.wait_for()


def _opening(page: Page, site: Site, rounds: int) -> float:
    _open(page, site)  # what is cached, and compiled, is so from here on
    times = []
    for _ in range(rounds):
        page.goto("about:blank")
        _open(page, site)
        times.append(_number(page, "probe.painted"))
    return median(times)


def _dropping(page: Page, site: Site, rounds: int) -> dict[str, float]:
    """From one column into the next and back, in turns, by a mouse that takes its time."""
    _open(page, site)
    columns = page.locator("[data-column]")
    times = []
    for number in range(rounds):
        source, target = (columns.nth(1), columns.nth(2)) if number % 2 == 0 else (columns.nth(2), columns.nth(1))
        card = source.locator("[data-task]").nth(1)
        task = card.get_attribute("data-task")
        page.evaluate("([task, column]) => probe.watch(task, column)", [task, target.get_attribute("data-column")])
        _carry(page, card, target)
        with page.expect_response("**/tasks?*group_by*"):  # the board has been asked for again
            page.mouse.up()
        times.append(_number(page, "probe.dropped"))
    return {"drop_ms": median(times), "drop_longest_ms": max(times)}


def _carry(page: Page, card: Locator, target: Locator) -> None:
    source, goal = card.bounding_box(), target.bounding_box()
    assert source is not None
    assert goal is not None
    page.mouse.move(source["x"] + 40, source["y"] + 40)
    page.mouse.down()
    page.mouse.move(source["x"] + 60, source["y"] + 60, steps=4)
    page.mouse.move(goal["x"] + 140, goal["y"] + 400, steps=20)


def _scrolling(page: Page, site: Site) -> dict[str, float]:
    session = page.context.new_cdp_session(page)
    _open(page, site)
    cards = page.locator("[data-column] > div")

    def columns() -> None:
        for number in range(3):
            _scroll(session, cards.nth(number), 6)

    board = _longest(page, columns)
    _show_more(page)
    long_board = _longest(page, lambda: _scroll(session, cards.first, 6 * _SHOWN_MORE))
    _open(page, site, "list")
    table = page.locator("main")
    return {
        "scroll/board_ms": board,
        "scroll/long_board_ms": long_board,
        "scroll/list_ms": _longest(page, lambda: _scroll(session, table, 6)),
    }


def _show_more(page: Page) -> None:
    for _ in range(_SHOWN_MORE):
        shown = page.locator("[data-task]").count()
        page.get_by_role("button", name="Show").first.click()
        page.wait_for_function(f"() => document.querySelectorAll('[data-task]').length > {shown}")


def _scroll(session: CDPSession, what: Locator, screens: int) -> None:
    """Down and up again by a finger, which is quicker than a wheel."""
    box = what.bounding_box()
    assert box is not None
    where = {"x": box["x"] + 100, "y": 600}
    for way in (-1, 1):
        session.send("Input.synthesizeScrollGesture", {**where, "yDistance": way * 800 * screens, "speed": 4000})


def _longest(page: Page, act: Callable[[], None]) -> float:
    _settle(page)
    page.evaluate("probe.longest = 0")
    act()
    _settle(page)
    return float(page.evaluate("probe.longest"))


def _settle(page: Page) -> None:
    """What was observed is told when the page is idle."""
    page.evaluate("() => new Promise((done) => requestIdleCallback(() => setTimeout(done, 100)))")


def _hearing(page: Page, site: Site) -> dict[str, float]:
    """Changes in heaps, as a busy team or an import makes them, and each heap seen before the next."""
    _open(page, site)
    session = page.context.new_cdp_session(page)
    _hear(page, site, 0)
    before = _heap(session)
    for number in range(1, HEAPS + 1):
        _hear(page, site, number)
    after = _heap(session)
    return {"heap_mb": before, "heap_more_mb": after - before}


def _hear(page: Page, site: Site, number: int) -> None:
    site.change(number)
    page.get_by_role("article", name=f"Changed {number} of ").first.wait_for()


def _heap(session: CDPSession) -> float:
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
        time.sleep(0.2)
    session.send("Performance.enable")
    metrics: dict[str, Any] = session.send("Performance.getMetrics")
    return float(next(one["value"] for one in metrics["metrics"] if one["name"] == "JSHeapUsedSize")) / _MB


def _number(page: Page, expression: str) -> float:
    """Once it is there."""
    return float(page.wait_for_function(f"() => {expression}").json_value())
