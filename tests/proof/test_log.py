"""The change log, read from its first line on, tells what the tables hold: after every valid request, and in any order.

So a history, a sync client or an undo that reads nothing but the log is never wrong, and a write that forgets its fact,
or tells a wrong one, is found here, whatever resource it is about.
"""

import asyncio
import os
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from taskapi.core.change_log.kinds import ChangeKind
from taskapi.core.clock import utc_now
from taskapi.models import Base
from tests.proof import matrix
from tests.proof.histories import Histories
from tests.proof.requests import Operation, operations, valid
from tests.proof.tables import SILENT, TOLD, differences
from tests.proof.world import Kind, Persona, World
from tests.support.change_log import Fold, entries
from tests.support.factory import PASSWORD, Factory
from tests.support.sweeps import sweep

MATRIX = matrix.read()
# The same in every run of the suite; HISTORIES=500 draws that many new ones.
_HISTORIES = settings(
    max_examples=int(os.environ.get("HISTORIES", "12")),
    stateful_step_count=40,
    derandomize="HISTORIES" not in os.environ,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
_CHANGES = {
    "label": "name = 'Other'",
    "link": "type = 'relates_to'",
    "checklist_item": "done = NOT done",
    "milestone": "closed = true",
    "rule": "name = 'Other'",
    "cycle": "name = 'Other'",
    "comment": "body = 'Other'",
    "attachment": "name = 'Other'",
    "reaction": "emoji = 'Other'",
    "watcher": "watching = NOT watching",
    "field": "name = 'Other'",
    "task_template": "name = 'Other'",
    "view": "filter = 'is:open'",
    "user": "timezone = 'Asia/Tokyo'",
    "session": "address = 'elsewhere'",
    "api_token": "scopes = '{tasks:write}'",
    "project": "archived_at = now()",
    "member": "role = 'editor'",
    "status": "position = position + 1",
    "invitation": "role = 'commenter'",
    "import": "source = 'other'",
    "share_link": "password_hash = 'secret'",
    "feed": "filter = 'is:open'",
    "webhook": "url = 'https://8.8.4.4'",
    "task": "rank = rank || '5'",
    "reminder": "minutes_before = minutes_before + 1",
    "time_entry": "note = 'Other'",
}
_ACTORS = (Persona.VIEWER, Persona.OWNER, Persona.SYSTEM_ADMIN)
# By the owner of HOME, for what no valid request of the matrix does.
_MORE: tuple[tuple[str, str, dict[str, Any] | None], ...] = (
    ("POST", "/projects", {"key": "MORE", "name": "More"}),
    ("POST", "/tasks/HOME-1/move", {"project": "MORE"}),
    ("POST", "/tasks/MORE-1/complete", None),
    ("POST", "/tasks/MORE-1/reopen", None),
    ("PATCH", "/projects/MORE", {"archived": True}),
    ("PATCH", "/projects/MORE", {"archived": False}),
    ("DELETE", "/projects/MORE", None),
    ("PATCH", "/users/me", {"email": "new@example.com", "current_password": PASSWORD}),
)
# By what has an OpenID provider, and by the shell's command.
_TOLD_ELSEWHERE = {
    ChangeKind.EXPORT_MADE: "a GET tells it: tests/exports",
    ChangeKind.BACKUP_RESTORED: "tests/backup/test_drill.py",
    ChangeKind.IDENTITY_LINKED: "tests/auth/oidc/test_signing_in.py",
    ChangeKind.USER_PASSWORD_RESET_LINK_MADE: "tests/test_cli_users.py",
    ChangeKind.USER_SIGN_IN_FAILED: "tests/auth/test_failed_sign_ins.py",
    **dict.fromkeys(
        (
            ChangeKind.USER_SIGN_IN_THROTTLED,
            ChangeKind.USER_THROTTLED,
            ChangeKind.USER_ACCESS_DENIED,
            ChangeKind.USER_UPLOAD_REFUSED,
            ChangeKind.USER_ADDRESS_REFUSED,
            ChangeKind.USER_PASSWORD_RESET_REQUESTED,
            ChangeKind.API_TOKEN_FIRST_USED,
            ChangeKind.API_TOKEN_SCOPE_DENIED,
            ChangeKind.SHARE_LINK_OPENED,
        ),
        "nothing valid tells it: tests/audit/test_refusals.py",
    ),
    ChangeKind.WEBHOOK_ADDRESS_REFUSED: "tests/webhooks/test_sending.py",
}


async def wrong(fold: Fold, world: World) -> list[str]:
    return await differences(fold, world.tables, utc_now(), TOLD)


@pytest.fixture(scope="session")
async def so_far(world: World) -> Fold:
    """What the log tells of the world before anybody asks anything of it."""
    fold = Fold()
    assert await wrong(fold, world) == []
    return fold


@pytest.fixture(scope="session")
def by_name(world: World) -> dict[str, Operation]:
    return {operation.name: operation for operation in operations(world.app)}


@pytest.mark.parametrize("name", MATRIX)
async def test_after_every_valid_request_the_log_tells_what_the_tables_hold_and_its_change_as_one_batch(
    name: str, world: World, so_far: Fold, by_name: dict[str, Operation]
) -> None:
    operation, line = by_name[name], MATRIX[name]
    for kind in line.answers:
        for persona in Persona:
            if line.answers[kind][persona] != "ok":
                continue
            where = f"{persona} with ids that are {kind}"
            async with world.undone():
                request, fold = await valid(world, operation, persona, kind), so_far.copy()
                await fold.read(world.tables)
                before = fold.told
                assert (await request.send(world.client(persona))).is_success
                assert await wrong(fold, world) == [], where
                facts = await entries(world.tables, after=before)
            # That an administrator looked is a fact of its own, also where what came of it was undone.
            batches = {fact.batch_id for fact in facts if fact.kind != ChangeKind.ADMIN_ACCESS}
            assert None not in batches
            assert len(batches) <= 1, f"{where}: {[fact.kind for fact in facts]}"


async def test_after_every_step_of_random_histories_the_log_tells_what_the_tables_hold(
    make: Factory, tables: Any
) -> None:
    histories = Histories.of(asyncio.get_running_loop(), make, tables)
    await asyncio.to_thread(run_state_machine_as_test, histories, settings=_HISTORIES)
    assert len(histories.told) >= 30, sorted(histories.told)


@pytest.mark.parametrize("subject", TOLD)
async def test_a_write_past_the_services_is_found(subject: str, world: World, so_far: Fold) -> None:
    """So what the other tests compare can differ."""
    async with world.undone():
        if subject == "identity":
            await world.tables.execute(
                "INSERT INTO identities (id, user_id, issuer, subject, created_at, last_used_at)"
                " SELECT gen_random_uuid(), id, 'issuer', 'subject', now(), now() FROM users LIMIT 1"
            )
        else:
            await world.tables.execute(f"UPDATE {TOLD[subject].table} SET {_CHANGES[subject]}")
        found = await differences(so_far.copy(), world.tables, utc_now(), TOLD)
    assert any(f"'{subject}'" in difference for difference in found)


def test_every_table_and_column_is_told_or_silent_for_a_reason() -> None:
    known = {table.name: set(table.columns.keys()) for table in Base.metadata.tables.values()}
    assert {told.table for told in TOLD.values()} | set(SILENT) == set(known), (
        "say in tables.py what the log tells of it"
    )
    assert not {told.table for told in TOLD.values()} & set(SILENT)
    for told in TOLD.values():
        assert set(told.left_out) <= known[told.table], "there is no such column"


async def test_a_projects_tombstone_covers_all_that_was_in_it_but_its_tasks_which_have_their_own(world: World) -> None:
    home, fold = str(world.home.project), Fold()
    async with world.undone():
        assert await wrong(fold, world) == []
        inside = {subject[0] for subject, fields in fold.things.items() if fields.get("project_id") == home}
        assert inside >= {"task", "member", "invitation", "share_link"}
        gone = await world.client(Persona.OWNER).delete(f"/api/v1/projects/{home}")
        assert gone.status_code == 204
        before = fold.told
        with time_machine.travel(utc_now() + timedelta(days=30, hours=1), tick=True):
            await sweep(world.app, "trashed_tasks")
            await sweep(world.app, "trashed_projects")
        tombstones = [entry for entry in await entries(world.tables, after=before) if entry.kind != "task.updated"]
        assert {entry.kind for entry in tombstones if entry.project_id == world.home.project} == {
            *("project.deleted", "project.purged", "task.purged"),
        }
        assert await wrong(fold, world) == []
    left = {subject for subject, fields in fold.things.items() if home in {subject[1], fields.get("project_id")}}
    assert left == set()


async def test_every_kind_of_the_catalogue_is_told_by_some_request(world: World, by_name: dict[str, Operation]) -> None:
    told: set[str] = set()
    so_far = len(await entries(world.tables))
    for name, line in MATRIX.items():
        for persona in _ACTORS:
            if by_name[name].method != "GET" and line.answers[Kind.OWN][persona] == "ok":
                async with world.undone():
                    await (await valid(world, by_name[name], persona, Kind.OWN)).send(world.client(persona))
                    told |= {entry.kind for entry in await entries(world.tables, after=so_far)}
    async with world.undone():
        for method, path, body in _MORE:
            answer = await world.client(Persona.OWNER).request(method, f"/api/v1{path}", json=body)
            assert answer.is_success, f"{method} {path}: {answer.text}"
        with time_machine.travel(utc_now() + timedelta(days=30, hours=1), tick=True):
            await sweep(world.app, "trashed_tasks")
            await sweep(world.app, "trashed_projects")
        told |= {entry.kind for entry in await entries(world.tables, after=so_far)}
    assert set(ChangeKind) - told - set(_TOLD_ELSEWHERE) == set()
