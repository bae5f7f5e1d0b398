"""What somebody does first with the generated Python client; run by the test, type-checked beside the client."""

import sys
from uuid import uuid4

from taskapi_client import AuthenticatedClient, Client
from taskapi_client.api.auth import login, register
from taskapi_client.api.projects import create_project
from taskapi_client.api.tasks import create_task, delete_task, get_task, list_project_tasks, update_task
from taskapi_client.models import (
    LoginRequest,
    PageTaskExpanded,
    Priority,
    Problem,
    ProjectCreate,
    ProjectRead,
    Register,
    StaleTask,
    TaskCreate,
    TaskExpanded,
    TaskRead,
    TaskUpdate,
    TokenPair,
    UserRead,
)

PASSWORD = "seven-green-lanterns-42"


def main(url: str) -> None:
    anybody = Client(base_url=url)
    name = f"user{uuid4().hex[:10]}"
    account = Register(username=name, email=f"{name}@example.com", password=PASSWORD)
    assert isinstance(register.sync(client=anybody, body=account), UserRead)
    pair = login.sync(client=anybody, body=LoginRequest(username=name, password=PASSWORD))
    assert isinstance(pair, TokenPair)

    client = AuthenticatedClient(base_url=url, token=pair.access_token)
    key = f"P{uuid4().hex[:6].upper()}"
    project = create_project.sync(client=client, body=ProjectCreate(key=key, name="Website"))
    assert isinstance(project, ProjectRead)
    task = create_task.sync(key, client=client, body=TaskCreate(title="Write"), idempotency_key=uuid4().hex)
    assert isinstance(task, TaskRead)
    assert (task.key, task.priority) == (f"{key}-1", Priority.NONE)

    page = list_project_tasks.sync(key, client=client, status=["todo"], priority=[Priority.NONE])
    assert isinstance(page, PageTaskExpanded)
    assert [item.id for item in page.items] == [task.id]

    changed = update_task.sync(task.key, client=client, body=TaskUpdate(priority=Priority.HIGH), if_match='"1"')
    assert isinstance(changed, TaskRead)
    assert (changed.priority, changed.title, changed.version) == (Priority.HIGH, "Write", 2)
    stale = update_task.sync(task.key, client=client, body=TaskUpdate(title="Read"), if_match='"1"')
    assert isinstance(stale, StaleTask)
    assert (stale.code, stale.current.version) == ("precondition_failed", 2)

    assert isinstance(get_task.sync(task.key, client=client), TaskExpanded)
    assert delete_task.sync_detailed(task.key, client=client).status_code == 204
    gone = get_task.sync(task.key, client=client)
    assert isinstance(gone, Problem)
    assert gone.code == "not_found"
    sys.stdout.write("to the end\n")


if __name__ == "__main__":
    main(sys.argv[1])
