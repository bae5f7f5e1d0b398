"""A project with one of everything that an export tells of, made through the API."""

from dataclasses import dataclass
from typing import Any

import httpx

from taskapi.models import ProjectRole
from tests.support.factory import Factory, MadeProject, Person

API = "/api/v1"
NASTY = '=HYPERLINK("http://evil.example","x")'


@dataclass(frozen=True)
class Filled:
    project: MadeProject
    owner: httpx.AsyncClient
    editor: Person
    task: str
    """The key of the task that has everything."""

    @property
    def export(self) -> str:
        return f"{API}/projects/{self.project.key}/export"


async def sent(client: httpx.AsyncClient, method: str, path: str, **body: Any) -> dict[str, Any]:
    answer = await client.request(method, f"{API}{path}", json=body)
    assert answer.status_code < 300, answer.text
    fields: dict[str, Any] = answer.json()
    return fields


async def fill(make: Factory, key: str = "WEB", **names: str) -> Filled:
    """`names` are user names, of `owner` and `editor`."""
    owner = await make.user(names.get("owner", "olga"))
    editor = await make.user(names.get("editor", "ed"), full_name="Ed Itor")
    project = await make.project(owner, key, name="Website; with, marks")
    await make.member(project, ProjectRole.EDITOR, editor)
    mine, theirs = make.client(owner), make.client(editor)
    base = f"/projects/{key}"
    labels = [await sent(mine, "POST", f"{base}/labels", name=n, color="#ff0000") for n in ("bug", "a, b", "=danger")]
    await sent(mine, "POST", f"{base}/fields", key="cost", name="Cost", type="number")
    await sent(mine, "POST", f"{base}/fields", key="reviewer", name="Reviewer", type="user")
    options = [{"key": "s", "name": "Small"}, {"key": "l", "name": "Large"}]
    await sent(mine, "POST", f"{base}/fields", key="size", name="Title", type="select", options=options)
    await sent(mine, "POST", f"{base}/fields", key="places", name="Places", type="multi_select", options=options)
    await sent(mine, "POST", f"{base}/fields", key="is_ok", name="Is OK", type="checkbox")
    milestone = await sent(mine, "POST", f"{base}/milestones", name="Launch", due_on="2027-01-31")
    cycle = await sent(mine, "POST", f"{base}/cycles", name="Sprint 9", starts_on="2026-11-01", ends_on="2026-11-30")
    await sent(mine, "POST", f"{base}/templates", name="Release", title="Release it", checklist=["Tag", "Tell"])
    await sent(mine, "POST", "/views", name="Open", filter="is:open", project=key, shared=True)
    parent = await sent(mine, "POST", f"{base}/tasks", title=NASTY, description="-1\nand more\t@end")
    task = await sent(
        mine,
        *("POST", f"{base}/tasks"),
        title="Näxt; \U0001f680 “quotes” \"and\" 'these'",
        description="# Why\n\nBecause @ed said so, and `x` \\ y.\n" + "long " * 40,
        status="in_progress",
        priority="urgent",
        assignee_ids=[str(editor.id), str(owner.id)],
        label_ids=[label["id"] for label in labels],
        milestone_id=milestone["id"],
        cycle_id=cycle["id"],
        start_on="2026-11-20",
        due_at="2026-12-01T08:30:00Z",
        estimate=2.5,
        parent_id=parent["id"],
        fields={"cost": -7.5, "reviewer": str(editor.id), "size": "l", "places": ["s", "l"], "is_ok": True},
    )
    on = f"/tasks/{task['key']}"
    await sent(theirs, "POST", f"{on}/checklist", text="First")
    item = await sent(mine, "POST", f"{on}/checklist", text="Second")
    await sent(mine, "PATCH", f"{on}/checklist/{item['id']}", done=True)
    comment = await sent(theirs, "POST", f"{on}/comments", body="@olga look at *this*")
    await sent(mine, "PUT", f"{on}/comments/{comment['id']}/reactions/👍")
    await sent(theirs, "PATCH", f"{on}/comments/{comment['id']}", body="@olga look at *this*, please")
    await mine.put(f"{API}{on}/watch")
    await theirs.delete(f"{API}{on}/watch")
    await sent(mine, "POST", f"{on}/links", type="blocks", task_id=parent["id"])
    await sent(
        theirs,
        *("POST", f"{on}/time-entries"),
        started_at="2026-11-20T09:00:00Z",
        ended_at="2026-11-20T10:30:00Z",
        note="Drew it",
    )
    await sent(mine, "POST", f"{on}/reminders", minutes_before=30)
    await sent(mine, "PUT", f"{on}/recurrence", rule="FREQ=WEEKLY;BYDAY=TU", mode="schedule", exdates=["2026-12-08"])
    done = await sent(mine, "POST", f"{base}/tasks", title="Done long ago", due_on="2026-11-10")
    await sent(theirs, "POST", f"/tasks/{done['key']}/complete")
    gone = await sent(mine, "POST", f"{base}/tasks", title="In the trash")
    await mine.delete(f"{API}/tasks/{gone['key']}")
    return Filled(project, mine, editor, task["key"])
