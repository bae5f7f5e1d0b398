"""GET /changes/kinds: what the log can tell, for whoever is signed in."""

from typing import Any

import httpx
import pytest

from taskapi.changes.markers import Marker
from taskapi.core.access.permissions import GRANTS, Permission, Scope
from taskapi.core.change_log.kinds import ChangeKind
from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import problem
from tests.support.api_tokens import api_token, carrying
from tests.support.factory import Factory

KINDS = "/api/v1/changes/kinds"


@pytest.fixture
async def listed(make: Factory, client_for: ClientFor) -> dict[str, dict[str, Any]]:
    answer = await client_for(await make.user()).get(KINDS)
    assert answer.status_code == 200
    return {item["kind"]: item for item in answer.json()["items"]}


async def test_it_lists_every_kind_once(listed: dict[str, dict[str, Any]]) -> None:
    assert list(listed) == [kind.value for kind in (*ChangeKind, *Marker)]
    assert listed["task.completed"] == {
        "kind": "task.completed",
        "subject": "task",
        "description": "A task entered a status of the category done or cancelled",
        "permission": "task:read",
        "scope": "tasks:read",
        "revertible": True,
    }
    assert listed["task.purged"]["revertible"] is False
    assert listed["admin.access"]["subject"] == "project"


async def test_what_is_personal_is_for_those_who_audit_and_for_no_token(
    listed: dict[str, dict[str, Any]],
) -> None:
    audited = {kind for kind, item in listed.items() if item["permission"] == Permission.AUDIT_READ}
    assert audited == {
        kind
        for kind in listed
        if kind.split(".")[0] in {"admin", "api_token", "backup", "feed", "identity", "reminder", "session", "user"}
    }
    for kind, item in listed.items():
        in_projects = item["permission"] in GRANTS[ProjectRole.OWNER]
        assert (item["scope"] is not None) is in_projects, kind


async def test_a_token_with_any_scope_may_ask(make: Factory, client: httpx.AsyncClient) -> None:
    token = await api_token(make, await make.user(), Scope.TASKS_READ)
    assert (await carrying(client, token).get(KINDS)).status_code == 200


async def test_nobody_may_not(client: httpx.AsyncClient) -> None:
    assert problem(await client.get(KINDS)) == (401, "unauthorized")


async def test_clients_find_the_kinds_as_an_enum_in_the_document(make: Factory) -> None:
    schema = make.contract.document["components"]["schemas"]["ChangeKind"]
    assert schema["enum"] == [kind.value for kind in ChangeKind]
