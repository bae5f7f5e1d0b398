"""Markdown as HTML: on request, and harmless whatever it was written from."""

import asyncio
import threading
import time
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from taskapi.core import markdown
from tests.support.answers import column, pointers
from tests.support.factory import Factory, MadeProject
from tests.support.statements import Counting

COMMENTS = "/api/v1/tasks/WEB-1/comments"
_HARMLESS = {"href", "title", "src", "alt", "start", "class", "rel"}
# After OWASP's XSS Filter Evasion Cheat Sheet, as Markdown and as HTML.
_ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#x6A;avascript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](<java\nscript:alert(1)>)",
    "[x](\x01javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x]: javascript:alert(1)\n\n[x]",
    "![x](javascript:alert(1))",
    '![x](http://a/b.png"onload="alert(1))',
    '[x](http://a "onmouseover=alert(1)")',
    "<javascript:alert(1)>",
    '```js" onload="alert(1)\nx\n```',
    "<svg/onload=alert(1)>",
    "<style>*{display:none}</style>",
    "<iframe src=javascript:alert(1)>",
    "<a href=\"javascript:alert(1)\" style='x'>x</a>",
    "|a|\n|:-:|\n|<script>|",
    "<!--<img src='--><img src=x onerror=alert(1)//'>",
)


class _Elements(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("attack", _ATTACKS)
def test_nothing_in_it_acts(attack: str) -> None:
    for text in (attack, f"> - {attack}", f"**a** {attack}\n\n{attack}"):
        for tag, attributes in _Elements(markdown.to_html(text)).found:
            assert tag not in {"script", "style", "svg", "iframe", "form", "input", "object"}
            assert set(attributes) <= _HARMLESS
            for address in (attributes.get("href"), attributes.get("src")):
                assert address is None or address.startswith(("http:", "https:", "mailto:")) or ":" not in address


def test_what_people_write_is_kept() -> None:
    html = markdown.to_html(
        "# T\n\n*e* **s** ~~d~~ `c` [l](https://a.b 't')\n\n```python\n1 < 2\n```\n\n|a|\n|-|\n|b|\n\n3. x\n"
    )
    assert html == (
        "<h1>T</h1>\n<p><em>e</em> <strong>s</strong> <s>d</s> <code>c</code> "
        '<a href="https://a.b" title="t" rel="nofollow noopener">l</a></p>\n'
        '<pre><code class="language-python">1 &lt; 2\n</code></pre>\n'
        "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>b</td>\n</tr>\n</tbody>\n</table>\n"
        '<ol start="3">\n<li>x</li>\n</ol>\n'
    )


@pytest.fixture
async def comment(owner: httpx.AsyncClient, web: MadeProject, make: Factory) -> dict[str, Any]:
    await make.task(web, description="*Why* <script>")
    await make.task(web, "Without")
    made = await owner.post(COMMENTS, json={"body": "**So** <script>alert(1)</script>"})
    found: dict[str, Any] = made.json()
    return found


async def test_a_comment_shows_html_where_it_is_asked_for(owner: httpx.AsyncClient, comment: dict[str, Any]) -> None:
    path = f"{COMMENTS}/{comment['id']}"
    plain, shown = await owner.get(path), await owner.get(path, params={"expand": "html"})
    html = "<p><strong>So</strong> &lt;script&gt;alert(1)&lt;/script&gt;</p>\n"
    assert shown.json() == {**plain.json(), "body_html": html}
    assert shown.headers["etag"] != plain.headers["etag"]
    assert shown.headers["content-type"] == "application/json"
    listed = await owner.get(COMMENTS, params={"expand": "html", "sort": "-created_at"})
    assert listed.json()["items"] == [shown.json()]
    assert pointers(await owner.get(path, params={"expand": "pdf"})) == ["/query/expand/0"]


async def test_a_task_shows_its_description_so_and_how_many_comments_it_has(
    owner: httpx.AsyncClient, comment: dict[str, Any], count_statements: Counting
) -> None:
    asked = {"expand": "description_html,comments_count"}
    plain, shown = await owner.get("/api/v1/tasks/WEB-1"), await owner.get("/api/v1/tasks/WEB-1", params=asked)
    html = "<p><em>Why</em> &lt;script&gt;</p>\n"
    assert shown.json() == {**plain.json(), "comments_count": 1, "description_html": html}
    for path in ("/api/v1/tasks", "/api/v1/projects/WEB/tasks"):
        async with count_statements() as seen:
            listed = await owner.get(path, params={**asked, "sort": "number"})
        assert len(seen) == 1
        assert listed.json()["items"][0] == shown.json()
        assert column(listed, "description_html") == [html, None]
        assert column(listed, "comments_count") == [1, 0]


async def test_a_page_of_long_texts_stops_at_some_amount(owner: httpx.AsyncClient, comment: dict[str, Any]) -> None:
    for _ in range(3):
        await owner.post(COMMENTS, json={"body": "x" * 60_000})
    listed = await owner.get(COMMENTS, params={"expand": "html"})
    assert [html is None for html in column(listed, "body_html")] == [False, False, False, True]


async def test_a_long_text_is_read_beside_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is done only once the loop has gone on."""
    went_on = threading.Event()
    monkeypatch.setattr(markdown, "to_html", lambda _: str(went_on.wait(60)))
    asyncio.get_running_loop().call_soon(went_on.set)
    [shown] = await markdown.with_html(['{"body":"' + "x" * 2_000 + '"}'], "body", "body_html")
    assert shown.endswith(',"body_html":"True"}')


async def test_one_is_read_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sends many of them holds up those who do the same, and uses one thread."""
    at_once: list[int] = []
    running = 0

    def read(_: str) -> list[str]:
        nonlocal running
        running += 1
        at_once.append(running)
        time.sleep(0.002)
        running -= 1
        return []

    monkeypatch.setattr(markdown, "names_in", read)
    await asyncio.gather(*(markdown.mentioned("@x " * 1_000) for _ in range(5)))
    assert at_once == [1] * 5
