"""An archived project is read, and written by no route but those that end something, or are about oneself."""

from tests.proof.requests import operations, valid
from tests.proof.world import Kind, Persona, World

# What its owner is answered where that is not `project_archived`, and why.
_STILL = {
    "DELETE /projects/{project}": "taken",  # it is thrown away as any other
    "POST /projects/{project}/restore": "taken",  # and comes back
    "POST /projects/{project}/duplicate": "taken",  # the copy is another project
    "PUT /projects/{project}/favourite": "taken",  # one's own order of projects
    "DELETE /projects/{project}/favourite": "taken",
    "POST /tasks/{task}/timer/stop": "taken",  # nothing runs on that nobody can stop
    "POST /projects/{project}/leave": "last_owner",  # nobody else is kept in it
    "DELETE /projects/{project}/members/{user_id}": "taken",  # what opens it can always be taken away
    "DELETE /projects/{project}/invitations/{invitation_id}": "taken",
    "DELETE /projects/{project}/share-links/{link_id}": "taken",
    "DELETE /projects/{project}/webhooks/{webhook_id}": "taken",
    "POST /projects/{project}/rules/dry-run": "taken",  # what it would write is undone, and was never told
    "POST /projects/{project}/rules/{rule_id}/dry-run": "taken",
}


async def test_what_is_archived_takes_no_writes(world: World) -> None:
    others = {}
    for operation in operations(world.app):
        if operation.method == "GET" or not {"project", "task"} & {*operation.parameters}:
            continue
        async with world.undone():
            request = await valid(world, operation, Persona.OWNER, Kind.OWN)
            await world.tables.execute("UPDATE projects SET archived_at = now()")
            answer = await request.send(world.client(Persona.OWNER))
            told = "taken" if answer.is_success else answer.json()["code"]
            if told != "project_archived":
                others[operation.name] = told
    assert others == _STILL
