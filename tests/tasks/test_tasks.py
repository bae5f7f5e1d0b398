"""Tasks: the resource itself."""

from tests.conftest import ClientFor
from tests.support.factory import Factory


async def test_a_task_is_made_with_the_next_number_and_the_default_status(make: Factory, client_for: ClientFor) -> None:
    project = await make.project(key="WEB")
    client = client_for(project.owner)
    first = await client.post("/api/v1/projects/WEB/tasks", json={"title": "First"})
    second = await client.post(f"/api/v1/projects/{project.id}/tasks", json={"title": "  Second "})
    assert (first.status_code, first.json()["key"], first.json()["status"]) == (201, "WEB-1", "todo")
    assert (second.json()["key"], second.json()["title"]) == ("WEB-2", "Second")
    assert first.headers["location"] == f"/api/v1/tasks/{first.json()['id']}"
    assert first.headers["etag"] == '"1"'
