"""Where S3 gives the files, a download leads there, with the headers it would have here; all else stays."""

from collections.abc import Mapping

import httpx
import pytest

from taskapi.core.storage.storage import Storage
from tests.conftest import ClientFor
from tests.support.answers import problem
from tests.support.factory import Factory
from tests.support.files import PNG, attach, content_of

pytestmark = pytest.mark.usefixtures("task")
_ELSEWHERE = "https://s3.example.org/bucket/"


@pytest.fixture
def told(own_storage: Storage, monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, str]]:
    """The headers that each address was made with."""
    found: list[Mapping[str, str]] = []

    def address(key: str, said: Mapping[str, str]) -> str:
        found.append(said)
        return f"{_ELSEWHERE}{key}?signed"

    monkeypatch.setattr(own_storage, "address", address)
    return found


async def test_a_download_is_sent_on(owner: httpx.AsyncClient, told: list[Mapping[str, str]]) -> None:
    path = content_of(await attach(owner, PNG, "Ärger.png"))
    for params, how in (({}, "attachment"), ({"inline": "true"}, "inline")):
        sent_on = await owner.get(path, params=params)
        assert (sent_on.status_code, sent_on.content) == (302, b"")
        assert sent_on.headers["location"].startswith(f"{_ELSEWHERE}attachments/")
        assert sent_on.headers["cache-control"] == "no-store"
        assert sent_on.headers["referrer-policy"] == "no-referrer"
        assert told.pop() == {
            "Content-Type": "image/png",
            "Content-Disposition": f"{how}; filename*=UTF-8''%C3%84rger.png",
            "Cache-Control": "private, no-cache",
        }


async def test_who_asks_about_it_or_has_it_is_answered_here(
    owner: httpx.AsyncClient, told: list[Mapping[str, str]]
) -> None:
    path = content_of(await attach(owner))
    head = await owner.head(path)
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(PNG)))
    known = await owner.get(path, headers={"If-None-Match": head.headers["etag"]})
    assert known.status_code == 304
    assert problem(await owner.get(path.replace("content", "preview"))) == (404, "no_preview")
    assert told == []


async def test_nobody_gets_an_address_who_may_not_read_the_file(
    owner: httpx.AsyncClient, make: Factory, client_for: ClientFor, told: list[Mapping[str, str]]
) -> None:
    path = content_of(await attach(owner))
    assert problem(await client_for(await make.user()).get(path)) == (404, "not_found")
    assert (await client_for(None).get(path)).status_code == 401
    await owner.delete("/api/v1/tasks/WEB-1")
    assert problem(await owner.get(path)) == (404, "not_found")
    assert told == []
