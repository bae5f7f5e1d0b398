"""Project admins invite addresses, see what is open, and take it back."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from dirty_equals import IsDatetime, IsUUID

from taskapi.core.ids import new_id
from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.projects.invitations.conftest import INVITATIONS, Invite
from tests.support.answers import column, faults, problem, walk
from tests.support.change_log import entries
from tests.support.factory import Factory, MadeProject
from tests.support.mailbox import Mailbox, text_of, token_in
from tests.support.statements import Counting

ROLES = list(ProjectRole)
MANAGERS = (ProjectRole.ADMIN, ProjectRole.OWNER)


async def post(client: httpx.AsyncClient, email: str, role: str = "editor") -> httpx.Response:
    return await client.post(INVITATIONS, json={"email": email, "role": role})


async def test_an_invitation_is_answered_and_mailed(
    web: MadeProject, owner: httpx.AsyncClient, mailbox: Mailbox, tables: Any
) -> None:
    answer = await post(owner, "  Maria@Bücher.EXAMPLE ")
    assert answer.status_code == 201
    assert answer.json() == {
        "id": IsUUID,
        "email": "maria@xn--bcher-kva.example",
        "role": "editor",
        "invited_by": str(web.owner.id),
        "created_at": IsDatetime(iso_string=True),
        "expires_at": IsDatetime(iso_string=True),
        "version": 1,
    }
    assert answer.headers["location"] == f"{INVITATIONS}/{answer.json()['id']}"
    assert answer.headers["etag"] == '"1"'
    [mail] = await mailbox.collect()
    assert mail["To"] == "maria@xn--bcher-kva.example"
    assert mail["Subject"] == f"{web.owner.username} invites you to Website"
    assert "http://127.0.0.1:8000/invitations/accept?token=" in text_of(mail)
    html = mail.get_body(("html",))
    assert html is not None
    assert "/invitations/accept?token=" in html.get_content()
    [fact] = await entries(tables, answer.json()["id"])
    assert (fact.kind, fact.actor_id, fact.project_id) == ("invitation.created", web.owner.id, web.id)
    assert "email" not in fact.changes  # members below admin read the log, and may not see addresses


async def test_the_answer_does_not_tell_who_has_an_account(
    owner: httpx.AsyncClient, make: Factory, mailbox: Mailbox
) -> None:
    known = (await make.user()).email
    answers = [await post(owner, email) for email in (known, "nobody@example.com")]
    bodies = [answer.json() for answer in answers]
    for body in bodies:
        assert all(body.pop(name) for name in ("id", "email", "created_at", "expires_at"))
    assert bodies[0] == bodies[1]
    assert answers[0].headers.keys() == answers[1].headers.keys()
    subjects = [mail["Subject"] for mail in await mailbox.collect()]
    assert subjects[0] == subjects[1]


@pytest.mark.parametrize("own", ROLES)
@pytest.mark.parametrize("granted", ROLES)
async def test_nobody_invites_above_their_own_role(
    own: ProjectRole, granted: ProjectRole, web: MadeProject, make: Factory, client_for: ClientFor, mailbox: Mailbox
) -> None:
    answer = await post(client_for(await make.member(web, own)), "maria@example.com", granted)
    if own in MANAGERS and ROLES.index(granted) <= ROLES.index(own):
        assert answer.status_code == 201
    else:
        assert problem(answer) == (403, "forbidden")
        assert await mailbox.collect() == []


@pytest.mark.parametrize("own", [role for role in ROLES if role not in MANAGERS])
async def test_addresses_of_the_invited_are_for_managers(
    own: ProjectRole, web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    invitation = (await post(owner, "maria@example.com")).json()
    client = client_for(await make.member(web, own))
    for answer in (await client.get(INVITATIONS), await client.delete(f"{INVITATIONS}/{invitation['id']}")):
        assert problem(answer) == (403, "forbidden")
        assert "invitation:manage" in answer.json()["detail"]


async def test_open_invitations_are_listed_newest_first(owner: httpx.AsyncClient, count_statements: Counting) -> None:
    emails = [f"guest{n}@example.com" for n in range(5)]
    for email in emails:
        await post(owner, email)
    assert [item["email"] for item in await walk(owner, INVITATIONS, limit=2)] == emails[::-1]
    async with count_statements() as seen:
        await owner.get(INVITATIONS)
    assert len(seen) == 2


async def test_a_newer_invitation_to_an_address_takes_the_place_of_the_older(
    owner: httpx.AsyncClient, tables: Any
) -> None:
    older = (await post(owner, "maria@example.com", "viewer")).json()
    await post(owner, "MARIA@example.com", "editor")
    assert column(await owner.get(INVITATIONS), "role") == ["editor"]
    assert [entry.kind for entry in await entries(tables, older["id"])] == ["invitation.created", "invitation.revoked"]


async def test_a_project_has_a_hundred_open_invitations_at_most(
    web: MadeProject, owner: httpx.AsyncClient, tables: Any
) -> None:
    await tables.execute(
        "INSERT INTO invitations (id, project_id, email, role, invited_by, created_at, expires_at)"
        " SELECT gen_random_uuid(), $1, n || '@example.com', 'viewer', $2, now(), now() + interval '1 day'"
        " FROM generate_series(1, 100) n",
        web.id,
        web.owner.id,
    )
    assert problem(await post(owner, "maria@example.com")) == (409, "too_many_invitations")
    await owner.delete(f"{INVITATIONS}/{(await owner.get(INVITATIONS)).json()['items'][0]['id']}")
    assert (await post(owner, "maria@example.com")).status_code == 201


async def test_inviting_does_not_tell_whose_address_it_is(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, mailbox: Mailbox, client_for: ClientFor
) -> None:
    """Whoever adds somebody by name could ask for address after address, until one is a member's."""
    maria = await make.member(web, ProjectRole.VIEWER)
    assert (await post(owner, maria.email.upper())).status_code == 201
    [mail] = await mailbox.collect()
    opened = await client_for(maria).post("/api/v1/invitations/accept", json={"token": token_in(mail)})
    assert problem(opened) == (409, "already_member")


async def test_nobody_invites_their_own_address_to_where_they_are(web: MadeProject, owner: httpx.AsyncClient) -> None:
    invitation = {"email": web.owner.email, "role": "viewer"}
    answer = await owner.post(f"/api/v1/projects/{web.key}/invitations", json=invitation)
    assert problem(answer) == (409, "already_member")


async def test_an_archived_project_invites_nobody_but_takes_invitations_back(owner: httpx.AsyncClient) -> None:
    invitation = (await post(owner, "maria@example.com")).json()
    await owner.patch("/api/v1/projects/WEB", json={"archived": True})
    assert problem(await post(owner, "otto@example.com")) == (409, "project_archived")
    assert (await owner.delete(f"{INVITATIONS}/{invitation['id']}")).status_code == 204


async def test_a_revoked_invitation_is_gone(owner: httpx.AsyncClient, tables: Any) -> None:
    invitation = (await post(owner, "maria@example.com")).json()
    path = f"{INVITATIONS}/{invitation['id']}"
    assert (await owner.delete(path)).status_code == 204
    assert problem(await owner.delete(path)) == (404, "not_found")
    assert column(await owner.get(INVITATIONS), "id") == []
    assert (await entries(tables, invitation["id"]))[-1].kind == "invitation.revoked"


async def test_an_invitation_is_read_alone_and_revoked_by_who_has_seen_it(owner: httpx.AsyncClient) -> None:
    made = await post(owner, "maria@example.com")
    path = made.headers["location"]
    found = await owner.get(path)
    assert (found.json(), found.headers["etag"]) == (made.json(), '"1"')
    assert found.json() == (await owner.get(INVITATIONS)).json()["items"][0]
    stale = await owner.delete(path, headers={"If-Match": '"7"'})
    assert (problem(stale), stale.json()["current"]) == ((412, "precondition_failed"), made.json())
    assert (await owner.delete(path, headers={"If-Match": '"1"'})).status_code == 204
    assert problem(await owner.get(path)) == (404, "not_found")


async def test_one_that_opens_nothing_any_more_is_not_read_but_can_be_taken_back(
    owner: httpx.AsyncClient, tables: Any
) -> None:
    path = (await post(owner, "maria@example.com")).headers["location"]
    await tables.execute("UPDATE invitations SET expires_at = now()")
    assert problem(await owner.get(path)) == (404, "not_found")
    assert (await owner.delete(path)).status_code == 204


async def test_a_client_may_choose_the_id_of_an_invitation_once(owner: httpx.AsyncClient) -> None:
    body = {"id": str(new_id()), "role": "viewer"}
    made = await owner.post(INVITATIONS, json={**body, "email": "one@example.com"})
    assert (made.status_code, made.json()["id"]) == (201, body["id"])
    taken = await owner.post(INVITATIONS, json={**body, "email": "two@example.com"})
    assert problem(taken) == (409, "id_taken")


async def test_an_invitation_of_another_project_is_as_absent_as_none(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.project(web.owner, "OTHER")
    theirs = (
        await owner.post("/api/v1/projects/OTHER/invitations", json={"email": "a@b.example", "role": "viewer"})
    ).json()
    foreign, missing = [await owner.delete(f"{INVITATIONS}/{i}") for i in (theirs["id"], uuid4())]
    assert problem(foreign) == problem(missing) == (404, "not_found")
    assert foreign.json()["detail"] == missing.json()["detail"]
    assert column(await owner.get("/api/v1/projects/OTHER/invitations"), "id") == [theirs["id"]]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_outsiders_cannot_tell_a_project_from_none(
    method: str, web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    outsider = client_for(await make.user())
    body: Any = {"json": {"email": "a@b.example", "role": "viewer"}} if method == "POST" else {}
    found, missing = [
        await outsider.request(method, INVITATIONS.replace("WEB", key), **body) for key in ("WEB", "MISSING")
    ]
    assert problem(found) == problem(missing) == (404, "not_found")
    assert found.json()["detail"] == missing.json()["detail"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, [("/email", "missing"), ("/role", "missing")]),
        ({"email": "no address", "role": "viewer"}, [("/email", "value_error")]),
        ({"email": ["a@b.example", "c@d.example"], "role": "viewer"}, [("/email", "string_type")]),
        ({"email": {"a": 1}, "role": "viewer"}, [("/email", "string_type")]),
        ({"email": "a@b.example", "role": "king"}, [("/role", "enum")]),
        ({"email": "a@b.example", "role": "viewer", "accepted_at": None}, [("/accepted_at", "extra_forbidden")]),
        ({"email": "a@b.example", "role": "viewer", "invited_by": str(uuid4())}, [("/invited_by", "extra_forbidden")]),
    ],
)
async def test_an_invitation_is_one_address_and_one_role(
    body: dict[str, Any], expected: list[tuple[str, str]], owner: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    assert faults(await owner.post(INVITATIONS, json=body)) == expected
    assert await mailbox.collect() == []


async def test_the_link_leads_to_the_public_url_whatever_host_the_request_named(
    owner: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    await owner.post(INVITATIONS, json={"email": "maria@example.com", "role": "viewer"}, headers=headers)
    [mail] = await mailbox.collect()
    assert "evil" not in mail.as_string()


async def test_a_name_that_is_markup_is_text_in_the_mail(
    owner: httpx.AsyncClient, invite: Invite, mailbox: Mailbox
) -> None:
    await owner.patch("/api/v1/projects/WEB", json={"name": "<img src=x onerror=alert(1)>"})
    await invite("maria@example.com")
    html = mailbox.sent[-1].get_body(("html",))
    assert html is not None
    assert "<img" not in html.get_content()
