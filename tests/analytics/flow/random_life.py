"""What people do with tasks of two projects within some months, by chance, through the API."""

import random
from typing import Any

import httpx

from tests.support.factory import Factory, MadeProject
from tests.support.moving_clock import MovingClock

_API = "/api/v1"
_STATUSES = ("backlog", "todo", "in_progress", "done", "cancelled")
_ACTIONS = {
    "create": 8,
    "status": 12,
    "estimate": 4,
    "title": 2,
    "complete": 4,
    "reopen": 4,
    "move": 4,
    "trash": 4,
    "restore": 4,
    "purge": 1,
    "undo": 6,
    "new_status": 1,
    "change_category": 2,
    "remove_status": 1,
    "bulk": 1,
}


class RandomLife:
    def __init__(
        self, seed: int, client: httpx.AsyncClient, make: Factory, projects: list[MadeProject], clock: MovingClock
    ) -> None:
        self._chance = random.Random(seed)
        self._client, self._make, self._projects, self._clock = client, make, projects, clock
        self._tasks: list[str] = []
        self._extra = 0
        self.done: set[str] = set()
        """The names of what succeeded at least once."""

    async def go_on(self, steps: int) -> None:
        for _ in range(steps):
            self._clock.pass_by(hours=self._chance.expovariate(1 / 8))
            (action,) = self._chance.choices(list(_ACTIONS), list(_ACTIONS.values()))
            answer = await getattr(self, f"_{action}")()
            if answer is not None and answer.is_success:
                self.done.add(action)

    def _task(self) -> str:
        return f"{_API}/tasks/{self._chance.choice(self._tasks)}" if self._tasks else f"{_API}/tasks/{'0' * 8}"

    def _project(self) -> str:
        return f"{_API}/projects/{self._chance.choice(self._projects).key}"

    async def _create(self) -> httpx.Response:
        body: dict[str, Any] = {"title": "Task", "priority": self._chance.choice(("low", "high"))}
        if self._chance.random() < 0.7:
            body["status"] = self._chance.choice(_STATUSES)
        if self._chance.random() < 0.5:
            body["estimate"] = self._chance.choice((0.1, 0.2, 1, 3, 8))
        if self._tasks and self._chance.random() < 0.3:
            body["parent_id"] = self._chance.choice(self._tasks)
        answer = await self._client.post(f"{self._project()}/tasks", json=body)
        if answer.is_success:
            self._tasks.append(answer.json()["id"])
        return answer

    async def _patch(self, **body: Any) -> httpx.Response:
        return await self._client.patch(self._task(), json=body)

    async def _status(self) -> httpx.Response:
        return await self._patch(status=self._chance.choice((*_STATUSES, "extra")))

    async def _estimate(self) -> httpx.Response:
        return await self._patch(estimate=self._chance.choice((None, 0.1, 2, 5)))

    async def _title(self) -> httpx.Response:
        return await self._patch(title=f"Title {self._chance.random()}", priority=self._chance.choice(("low", "high")))

    async def _complete(self) -> httpx.Response:
        return await self._client.post(f"{self._task()}/complete")

    async def _reopen(self) -> httpx.Response:
        return await self._client.post(f"{self._task()}/reopen")

    async def _move(self) -> httpx.Response:
        return await self._client.post(
            f"{self._task()}/move", json={"project": self._chance.choice(self._projects).key}
        )

    async def _trash(self) -> httpx.Response:
        return await self._client.delete(self._task())

    async def _restore(self) -> httpx.Response:
        return await self._client.post(f"{self._task()}/restore")

    async def _purge(self) -> httpx.Response:
        return await self._client.delete(f"{self._task()}?permanent=true")

    async def _undo(self) -> httpx.Response | None:
        """The last change of a task, or one shortly before."""
        history = await self._client.get(f"{self._task()}/history", params={"limit": 4})
        if not history.is_success:
            return None
        items = history.json()["items"]
        change = items[0] if self._chance.random() < 0.8 else self._chance.choice(items)
        return await self._client.post(f"{_API}/changes/{change['id']}/revert")

    async def _new_status(self) -> httpx.Response:
        body = {"key": "extra", "name": "Extra", "category": self._chance.choice(("started", "unstarted", "done"))}
        return await self._client.post(f"{self._project()}/statuses", json=body)

    async def _change_category(self) -> httpx.Response | None:
        """Refused while a task has it."""
        path = await self._extra_status()
        category = self._chance.choice(("started", "unstarted", "done"))
        return path and await self._client.patch(path, json={"category": category})

    async def _remove_status(self) -> httpx.Response | None:
        path = await self._extra_status()
        return path and await self._client.delete(path, params={"move_to": self._chance.choice(_STATUSES)})

    async def _extra_status(self) -> Any:
        project = self._project()
        statuses = (await self._client.get(f"{project}/statuses")).json()["items"]
        return next((f"{project}/statuses/{one['id']}" for one in statuses if one["key"] == "extra"), None)

    async def _bulk(self) -> httpx.Response:
        ids = self._chance.sample(self._tasks, min(len(self._tasks), 3)) or ["0" * 8]
        return await self._client.post(
            f"{_API}/tasks/bulk", json={"ids": ids, "patch": {"status": self._chance.choice(_STATUSES)}}
        )
