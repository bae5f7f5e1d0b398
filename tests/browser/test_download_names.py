"""A browser saves files under the names that they have here, whatever is in those; and no name makes a header."""

import re
from contextlib import suppress

import httpx
from playwright.async_api import Error, Page

from tests.adversity.serving import Service
from tests.support.factory import MadeProject
from tests.support.files import attach_as_browsers_do

_ASTRONAUT = "\U0001f469\u200d\U0001f680"
# As it is sent, and as it is called from then on; 255 bytes hold 22 of the first, and half of one more.
_NAMES = {
    _ASTRONAUT * 40 + ".png": _ASTRONAUT * 22 + "\U0001f469.png",
    "annexe\u202egnp.exe": "annexegnp.exe",
    "../../etc/passwd": "passwd",
    "..\\..\\boot.ini": "boot.ini",
    "a\r\nSet-Cookie: pwned=1\r\n\r\nb.txt": "aSet-Cookie: pwned=1b.txt",
    'a"; filename="b.exe': 'a"; filename="b.exe',
    "a'b''c%2f%0d%0a.txt": "a'b''c%2f%0d%0a.txt",
    "Ärger, \u4efb\u52a1; 100 % = o.txt": "Ärger, \u4efb\u52a1; 100 % = o.txt",
}
# What Chromium puts a line for in any name; what joins emoji, too.
_NOT_ON_DISKS = re.compile(r'["*:<>?|~\u200d]')


async def test_files_are_saved_under_their_names(service: Service, project: MadeProject, page: Page) -> None:
    async with httpx.AsyncClient(base_url=service.url, headers=project.owner.headers, timeout=60) as client:
        found = {}
        for given, name in _NAMES.items():
            item = await attach_as_browsers_do(client, given)
            assert item["name"] == name
            content = f"/api/v1/attachments/{item['id']}/content"
            told = await client.head(content)
            assert "set-cookie" not in told.headers
            assert told.headers["content-disposition"].isascii()
            found[content] = name
    await page.set_extra_http_headers(project.owner.headers)
    for content, name in found.items():
        async with page.expect_download() as download:
            with suppress(Error):  # a page that becomes a download is no page
                await page.goto(f"{service.url}{content}")
        saved = await download.value
        assert saved.suggested_filename == _NOT_ON_DISKS.sub("_", name)
        await saved.cancel()
    assert await page.context.cookies() == []
