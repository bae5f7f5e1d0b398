"""How a file is sent, what is refused of it before it is stored, and what a preview tells."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.imports.conftest import Importer, form
from tests.imports.test_runs import IMPORTS, stored
from tests.support.answers import faults, problem

PREVIEW = f"{IMPORTS}/preview"


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"format": "xlsx"}, "/format"),
        ({"mapping": "[1"}, "/mapping"),
        ({"mapping": {"A": 1}}, "/mapping/A"),
        ({"options": {"unknown": "what"}}, "/options/unknown"),
        ({"options": {"colour": "red"}}, "/options/colour"),
        ({"dry_run": "maybe"}, "/dry_run"),
        ({"surplus": "1"}, "/surplus"),
    ],
)
async def test_a_faulty_form_leaves_no_file(
    said: dict[str, Any], pointer: str, owner: httpx.AsyncClient, app: FastAPI
) -> None:
    refused = await owner.post(IMPORTS, **form("title\nA\n", **said))
    assert refused.status_code == 422, refused.text
    assert pointer in [fault["pointer"] for fault in refused.json()["errors"]]
    assert await stored(app) == []


async def test_a_form_needs_one_file_with_something_in_it(owner: httpx.AsyncClient, app: FastAPI) -> None:
    for files in ({"other": ("a.csv", b"title\n")}, {"file": ("a.csv", b"")}):
        refused = await owner.post(IMPORTS, data={"format": "csv"}, files=files)
        assert refused.status_code == 422, refused.text
    assert faults(await owner.post(IMPORTS, data={"format": "csv"}, files={"file": ("a", b"")})) == [
        ("/file", "missing")
    ]
    assert (await owner.post(IMPORTS, json={"format": "csv"})).status_code == 415
    assert await stored(app) == []


async def test_a_file_that_is_too_large_is_refused_while_it_comes(
    owner: httpx.AsyncClient, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = app.state.parts.settings
    monkeypatch.setattr(type(settings.imports), "max_bytes", 2000, raising=False)
    small = settings.imports.model_copy(update={"max_bytes": 2000})
    monkeypatch.setitem(settings.__dict__, "imports", small)
    refused = await owner.post(IMPORTS, **form("title\n" + "A\n" * 2000))
    assert problem(refused) == (413, "import_too_large")
    refused = await owner.post(IMPORTS, **form("title\n" + "A\n" * 300_000))
    assert problem(refused) == (413, "too_large")
    assert await stored(app) == []


async def test_an_archived_project_takes_none(owner: httpx.AsyncClient, app: FastAPI) -> None:
    await owner.patch("/api/v1/projects/WEB", json={"archived": True})
    assert problem(await owner.post(IMPORTS, **form("title\nA\n"))) == (409, "project_archived")
    assert await stored(app) == []


async def test_a_repeat_with_the_same_key_begins_no_second_import(owner: httpx.AsyncClient, app: FastAPI) -> None:
    key = {"Idempotency-Key": "once"}
    first = await owner.post(IMPORTS, **form("title\nA\n"), headers=key)
    # One at a time in a project would refuse a second one; this one has been answered already.
    await owner.delete(first.headers["location"])
    again = await owner.post(IMPORTS, **form("title\nA\n"), headers=key)
    assert (again.status_code, again.json()["id"]) == (202, first.json()["id"])
    assert len((await owner.get(IMPORTS)).json()["items"]) == 1
    other = await owner.post(IMPORTS, **form("title\nB\n"), headers=key)
    assert problem(other) == (422, "idempotency_key_reused")


async def test_a_preview_shows_what_would_be_read_and_keeps_nothing(owner: httpx.AsyncClient, app: FastAPI) -> None:
    content = "Aufgabe;Fällig;Labels\n" + "Eins;3.4.2026;a, b\n" * 30
    shown = (await owner.post(PREVIEW, **form(content.encode("cp1252"), mapping={"Aufgabe": "title"}))).json()
    assert (shown["encoding"], shown["delimiter"], shown["format"]) == ("cp1252", ";", "csv")
    assert shown["columns"] == ["Aufgabe", "Fällig", "Labels"]
    assert shown["mapping"] == {"Aufgabe": "title", "Labels": "labels"}
    assert shown["rows"] == [["Eins", "3.4.2026", "a, b"]] * 20
    assert [one["code"] for one in shown["problems"]] == ["unknown_column"]
    untitled = (await owner.post(PREVIEW, **form("a;b\n1;2\n"))).json()
    assert [one["code"] for one in untitled["problems"]] == ["missing_title"]
    refused = await owner.post(PREVIEW, **form(b"%PDF-1.7\n" + bytes(100)))
    assert problem(refused) == (422, "unreadable_file")
    assert await stored(app) == []
    assert (await owner.get(IMPORTS)).json()["items"] == []


async def test_imports_are_listed_the_newest_first_with_some_problems(
    owner: httpx.AsyncClient, bring: Importer
) -> None:
    first = await bring("title,due\n" + "A,never\n" * 30)
    second = await bring("title\nB\n")
    assert (len(first["problems"]), first["problems_total"]) == (30, 30)
    items = (await owner.get(IMPORTS)).json()["items"]
    assert [one["id"] for one in items] == [second["id"], first["id"]]
    assert len(items[1]["problems"]) == 20
    assert (await owner.get(f"{IMPORTS}?limit=1")).json()["has_more"]
    assert (await owner.get("/api/v1/imports/018f0000-0000-7000-8000-000000000000")).status_code == 404
