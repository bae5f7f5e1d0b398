"""Whom and what a file names: members by address and by name; statuses, labels and custom fields, made if need be."""

from typing import Any

import httpx

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.imports.conftest import Importer
from tests.imports.test_imports import tasks
from tests.support.factory import Factory, MadeProject


async def fields(client: httpx.AsyncClient) -> list[str]:
    return [field["name"] for field in (await client.get("/api/v1/projects/WEB/fields")).json()["items"]]


async def test_members_are_found_by_address_and_by_name_and_nobody_else_is(
    web: MadeProject, make: Factory, owner: httpx.AsyncClient, bring: Importer
) -> None:
    ana = await make.member(web, ProjectRole.EDITOR, await make.user("ana", full_name="Ana Novak"))
    await make.user("outsider", full_name="Out Sider")
    done = await bring(
        "title,assignee,reporter\n"
        "A,ANA@example.com,ana novak\n"
        "B,Ana Novak <elsewhere@example.com>,\n"
        "C,outsider@example.com; ana,Out Sider\n"
    )
    assert (done["created"], done["problems"]) == (3, [])
    a, b, c = await tasks(owner)
    assert [task["assignee_ids"] for task in (a, b, c)] == [[str(ana.id)]] * 3
    assert (a["created_by"], b["created_by"]) == (str(ana.id), str(web.owner.id))
    assert c["fields"] == {"imported_assignee": "<outsider@example.com>", "imported_creator": "Out Sider"}
    assert c["created_by"] == str(web.owner.id)
    assert await fields(owner) == ["Imported assignee", "Imported creator"]


async def test_a_name_that_two_members_have_is_nobodys(
    web: MadeProject, make: Factory, owner: httpx.AsyncClient, bring: Importer
) -> None:
    for username in ("one", "other"):
        await make.member(web, ProjectRole.EDITOR, await make.user(username, full_name="Max Muster"))
    await bring("title,assignee\nA,Max Muster\n")
    [task] = await tasks(owner)
    assert (task["assignee_ids"], task["fields"]) == ([], {"imported_assignee": "Max Muster"})


async def test_statuses_and_labels_that_the_project_lacks_are_made_unless_told_otherwise(
    owner: httpx.AsyncClient, bring: Importer
) -> None:
    content = "key,title,status,labels\n1,A,Code Review,New One\n2,B,in_progress,new one\n3,C,Won't fix,\n"
    done = await bring(content, options={"create_statuses": False, "create_labels": False, "source": "first"})
    assert [problem["code"] for problem in done["problems"]] == ["unknown_status", "unknown_status", "unknown_label"]
    assert [task["status"] for task in await tasks(owner)] == ["todo", "in_progress", "todo"]
    done = await bring(content)
    assert done["problems"] == []
    *_, a, b, c = await tasks(owner)
    assert [task["status"] for task in (a, b, c)] == ["code_review", "in_progress", "won_t_fix"]
    assert [task["status_category"] for task in (a, b, c)] == ["started", "started", "cancelled"]
    assert a["label_ids"] == b["label_ids"] != []


async def test_unknown_columns_are_reported_or_become_custom_fields(owner: httpx.AsyncClient, bring: Importer) -> None:
    content = "key,title,Team,Größe\n1,A,Blue,3 m\n"
    done = await bring(content, options={"source": "first"})
    assert [(one["line"], one["column"], one["code"]) for one in done["problems"]] == [
        (1, "Team", "unknown_column"),
        (1, "Größe", "unknown_column"),
    ]
    assert (done["failed"], done["created"]) == (0, 1)
    await bring(content, options={"unknown": "fields"})
    assert (await tasks(owner))[1]["fields"] == {"team": "Blue", "grosse": "3 m"}


async def test_a_column_is_left_out_by_null_and_a_field_that_there_is_not_is_a_problem(
    owner: httpx.AsyncClient, bring: Importer
) -> None:
    content = "title,priority,labels,Team\nA,high,home,Blue\n"
    # Also where what is known to no one becomes a field: it was said that this column shall not.
    done = await bring(content, mapping={"priority": None, "Team": None}, options={"unknown": "fields"})
    assert (done["mapping"], done["problems"]) == ({"priority": None, "Team": None}, [])
    [task] = await tasks(owner)
    assert (task["priority"], task["fields"], len(task["label_ids"])) == ("none", {}, 1)
    wrong = await bring(content, mapping={"priority": "urgency", "Team": None}, options={"source": "other"})
    assert [(one["column"], one["code"]) for one in wrong["problems"]] == [("priority", "no_such_field")]


async def test_a_mapping_leads_into_custom_fields_of_every_type(owner: httpx.AsyncClient, bring: Importer) -> None:
    made: list[dict[str, Any]] = [
        {"key": "size", "name": "Size", "type": "number"},
        {"key": "ok", "name": "Ok", "type": "checkbox"},
        {"key": "kind", "name": "Kind", "type": "select", "options": [{"name": "Very Big"}]},
    ]
    for field in made:
        assert (await owner.post("/api/v1/projects/WEB/fields", json=field)).status_code == 201
    done = await bring(
        "Aufgabe;Maß;Gut;Art\nA;1.234,5;ja;very big\nB;2,5;yes;nothing\n",
        mapping={"Aufgabe": "title", "Maß": "fields.size", "Gut": "fields.Ok", "Art": "fields.kind"},
    )
    assert [(one["line"], one["column"]) for one in done["problems"]] == [(2, "Ok"), (3, "kind")]
    assert [task["fields"] for task in await tasks(owner)] == [
        {"size": 1234.5, "kind": "very_big"},
        {"size": 2.5, "ok": True},
    ]


async def test_what_a_file_names_is_not_told_to_who_may_not_import(
    web: MadeProject, make: Factory, client_for: ClientFor, owner: httpx.AsyncClient, bring: Importer
) -> None:
    done = await bring("title\nA\n")
    for role, status in ((ProjectRole.VIEWER, 403), (ProjectRole.COMMENTER, 403)):
        client = client_for(await make.member(web, role))
        assert (await client.get(f"/api/v1/imports/{done['id']}")).status_code == status
        assert (await client.get("/api/v1/projects/WEB/imports")).status_code == status
    assert (await client_for(await make.user()).get(f"/api/v1/imports/{done['id']}")).status_code == 404
