"""Export, import into an empty project, export: the same, but for ids and times of the import."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from taskapi.imports.runs import service as runs
from taskapi.models import ProjectRole
from tests.exports.filled import API, Filled, fill
from tests.imports.conftest import form
from tests.imports.ndjson.canonical import canonical
from tests.support.factory import Factory


async def brought(make: Factory, client: httpx.AsyncClient, key: str, content: bytes, **said: Any) -> dict[str, Any]:
    begun = await client.post(f"{API}/projects/{key}/imports", **form(content, format="ndjson", **said))
    assert begun.status_code == 202, begun.text
    parts = make.app.state.parts
    await runs.run(parts.database, parts.storage, UUID(begun.json()["id"]))
    read: dict[str, Any] = (await client.get(begun.headers["location"])).json()
    return read


async def exported(client: httpx.AsyncClient, key: str, format_: str = "ndjson") -> httpx.Response:
    answer = await client.get(f"{API}/projects/{key}/export", params={"format": format_})
    assert answer.status_code == 200, answer.text
    return answer


async def empty_copy(make: Factory, filled: Filled) -> None:
    project = await make.project(filled.project.owner, "COPY")
    await make.member(project, ProjectRole.EDITOR, filled.editor)


@pytest.mark.parametrize("format_", ["ndjson", "zip"])
async def test_what_comes_out_goes_in_and_comes_out_the_same(format_: str, make: Factory) -> None:
    filled = await fill(make)
    await empty_copy(make, filled)
    first = await exported(filled.owner, "WEB", format_)
    done = await brought(make, filled.owner, "COPY", first.content)
    assert (done["state"], done["created"], done["problems"]) == ("done", 3, [])
    lines = (await exported(filled.owner, "WEB")).text
    a, b = canonical((await exported(filled.owner, "COPY")).text), canonical(lines)
    import json

    for x in sorted(set(a) ^ set(b), key=lambda t: json.loads(t)["type"] + str(json.loads(t).get("title"))):
        print("NEW" if x in a else "OLD", x)
    assert a == b
