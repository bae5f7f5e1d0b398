"""Each column that holds somebody is declared, and deletion and the export do with it what is declared."""

from typing import Any, Final

import httpx
import pytest

from taskapi.models import Base, ProjectRole
from taskapi.personal_data.export import queries
from taskapi.personal_data.holdings import HOLDINGS, Fate, Holding
from tests.conftest import ClientFor
from tests.support.authenticator import set_up
from tests.support.factory import PASSWORD, Factory, Person
from tests.support.people import LOGIN, ME

DECLARED = {holding.name: holding for holding in HOLDINGS}
# How such a column is called. What refers to an account by a foreign key is one whatever it is called.
_ENDINGS = ("_by", "user_id", "actor_id", "subject_id", "assignee_ids", "email", "username", "full_name", "user_agent")
_NAMES = {
    "defaults",
    "address",
    "last_used_address",
    "caller",
    "bucket",
    "subject",
    "subject_key",
    "changes",
    "details",
    "body",
}
_AGENT: Final = "Persephone's telephone"
_SAYS_WHO = ("persephone", "Persephone", "203.0.113.77")


def holds_somebody(column: Any) -> bool:
    refers = any(key.column.table.name in {"users", "second_factors"} for key in column.foreign_keys)
    return refers or column.name.endswith(_ENDINGS) or column.name in _NAMES or column.name == "password_hash"


def test_every_column_that_holds_somebody_is_declared() -> None:
    found = {f"{t.name}.{c.name}" for t in Base.metadata.tables.values() for c in t.columns if holds_somebody(c)}
    # Of links that show a project, nobody's; and what people write, whoever it may name, as titles and descriptions.
    assert found - {"share_links.password_hash", "comments.body"} <= set(DECLARED), (
        "say in holdings.py what becomes of it"
    )


def test_a_row_that_goes_with_its_account_in_the_database_goes_when_it_is_deleted() -> None:
    for table in Base.metadata.tables.values():
        for key in table.foreign_keys:
            if key.column.table.name == "users" and key.ondelete == "CASCADE":
                assert DECLARED[f"{table.name}.{key.parent.name}"].fate is Fate.ERASES


def test_what_is_exported_is_a_part_of_the_export() -> None:
    assert {holding.part for holding in HOLDINGS} - {None} == set(queries.PARTS)


@pytest.fixture
async def persephone(make: Factory) -> Person:
    return await make.user("persephone", full_name="Persephone Example")


@pytest.fixture
async def busy(
    persephone: Person, make: Factory, client: httpx.AsyncClient, client_for: ClientFor, tables: Any
) -> httpx.AsyncClient:
    """She has done all that leaves something of her in some column, and is about to go."""
    body = {"username": "persephone", "password": PASSWORD}
    assert (await client.post(LOGIN, json=body, headers={"User-Agent": _AGENT})).status_code == 200
    await client.post(LOGIN, json={**body, "password": "wrong"})
    mine = client_for(persephone)
    await set_up(mine)
    token = {"name": "Persephone's script", "scopes": ["tasks:read"], "expires_at": "2027-01-01T00:00:00Z"}
    project = await make.project(key="WEB")
    await make.member(project, ProjectRole.ADMIN, persephone)
    reviewer = {"key": "reviewer", "name": "Reviewer", "type": "user"}
    task = {"title": "T", "assignee_ids": [str(persephone.id)], "fields": {"reviewer": str(persephone.id)}}
    template = {"name": "T", "assignee_ids": [str(persephone.id)], "fields": {"reviewer": str(persephone.id)}}
    invited = {"email": "persephone@example.com", "role": "viewer"}
    rule = {"name": "R", "kinds": ["task.created"], "actions": [{"type": "comment", "body": "Hello"}]}
    other = await make.project(key="OPS")
    for sender, method, path, what in (
        (mine, "POST", "/auth/tokens", token),
        (mine, "POST", "/projects", {"key": "MINE", "name": "M"}),
        (mine, "POST", "/projects/WEB/fields", reviewer),
        (mine, "POST", project.tasks_path.removeprefix("/api/v1"), task),
        (mine, "POST", "/projects/WEB/templates", template),
        (mine, "POST", "/tasks/WEB-1/reminders", {"minutes_before": 5}),
        (mine, "POST", "/tasks/WEB-1/time-entries", {"started_at": "2026-11-20T12:00:00Z", "seconds": 60}),
        (mine, "PATCH", "/projects/WEB", {"defaults": {"assignee_ids": [str(persephone.id)]}}),
        (mine, "POST", "/tasks/WEB-1/comments", {"body": "Note to myself"}),
        (mine, "PUT", "/tasks/WEB-1/watch", None),
        (mine, "POST", "/projects/WEB/invitations", {"email": "guest@example.com", "role": "viewer"}),
        (mine, "POST", "/projects/WEB/share-links", {"label": "L"}),
        (mine, "POST", "/projects/WEB/rules", rule),
        (mine, "POST", "/projects/WEB/webhooks", {"url": "https://8.8.8.8/", "events": ["*"]}),
        (mine, "POST", "/views", {"name": "Mine"}),
        (mine, "POST", "/views", {"name": "Ours", "project": "WEB", "shared": True}),
        (client_for(other.owner), "POST", "/projects/OPS/invitations", invited),
        (mine, "PATCH", "/users/me", {"email": "persephone.new@example.com", "current_password": PASSWORD}),
    ):
        done = await sender.request(method, f"/api/v1{path}", json=what, headers={"Idempotency-Key": f"{path}{what}"})
        assert done.is_success, done.text
    parts = {"data": {"format": "csv"}, "files": {"file": ("tasks.csv", b"title\nFrom a file\n")}}
    begun = await mine.post("/api/v1/projects/WEB/imports", **parts)  # type: ignore[arg-type]  # httpx takes both
    assert begun.is_success, begun.text
    # What she is answered before she is anybody.
    await tables.execute("UPDATE idempotent_answers SET user_id = $1", persephone.id)
    # What takes a provider, the mail and an hour.
    await tables.execute(
        "INSERT INTO identities (id, user_id, issuer, subject, email, created_at, last_used_at)"
        " VALUES (gen_random_uuid(), $1, 'issuer', 'persephone-at-issuer', 'persephone@example.org', now(), now())",
        persephone.id,
    )
    # Past the text: what somebody wrote stays as it was written, whoever it names.
    await tables.execute("UPDATE tasks SET mentions = ARRAY[$1::uuid]", persephone.id)
    await tables.execute("UPDATE comments SET mentions = ARRAY[$1::uuid]", persephone.id)
    await tables.execute(
        "INSERT INTO comment_reactions (id, comment_id, emoji, user_id, created_at)"
        " SELECT gen_random_uuid(), id, 'x', $1, now() FROM comments",
        persephone.id,
    )
    for told, by in ((persephone, project.owner), (project.owner, persephone)):
        await tables.execute(
            "INSERT INTO notifications (id, user_id, kind, project_id, actor_id, created_at, in_app, mailing)"
            " VALUES (gen_random_uuid(), $1, 'invited', $2, $3, now(), true, 'off')",
            *(told.id, project.id, by.id),
        )
    await tables.execute("INSERT INTO notification_preferences (user_id) VALUES ($1)", persephone.id)
    await tables.execute(
        "INSERT INTO due_notices (task_id, user_id, due, kind) SELECT id, $1, now(), 'overdue' FROM tasks LIMIT 1",
        persephone.id,
    )
    for change in (
        "invitations SET accepted_at = now(), accepted_by = $1 WHERE email = 'persephone@example.com'",
        "sessions SET address = '203.0.113.77' WHERE user_id = $1",
        "api_tokens SET last_used_address = '203.0.113.77' WHERE user_id = $1",
    ):
        await tables.execute(f"UPDATE {change}", persephone.id)
    return mine


async def test_deletion_does_with_each_column_what_is_declared(
    busy: httpx.AsyncClient, persephone: Person, tables: Any
) -> None:
    secret: str = await tables.fetchval("SELECT password_hash FROM users WHERE id = $1", persephone.id)
    says_who = (*_SAYS_WHO, secret)
    before = {holding.name: await held(tables, holding, persephone, says_who) for holding in HOLDINGS}
    assert [name for name, (hers, named) in before.items() if not hers | named] == []
    assert (await busy.request("DELETE", ME, json={"password": PASSWORD})).status_code == 204
    for holding in HOLDINGS:
        hers, named = await held(tables, holding, persephone, says_who)
        if holding.fate is Fate.LEAVES:
            continue
        assert not named, f"{holding.name} still names her"
        assert hers == (holding.fate is Fate.KEEPS), f"{holding.name}: deleting {holding.fate} it"


async def held(tables: Any, holding: Holding, person: Person, says_who: tuple[str, ...]) -> tuple[bool, bool]:
    """Whether any row refers to the account in this column, and whether any says who she is."""
    table, column = holding.name.split(".")
    text = f"convert_from({column}, 'UTF8')" if column == "body" else f"{column}::text"
    rows = " ".join(str(row[0]) for row in await tables.fetch(f"SELECT {text} FROM {table}"))
    return str(person.id) in rows, any(word in rows for word in says_who)
