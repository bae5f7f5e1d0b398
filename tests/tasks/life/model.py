"""What tasks should be like by now: foretells the status of each answer, and what follows from it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

CLOSED = {"done", "cancelled"}
_DEEPEST = 5
Operation = dict[str, Any]


@dataclass
class Item:
    id: str
    done: bool = False


@dataclass
class Known:
    """What a task should be like by now; one that is gone for good is in no project."""

    project: str | None
    status: str = "todo"
    parent: str | None = None
    trashed: int | None = None
    """With which deletion it went there: those that went together come back together."""
    comments: list[str] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    entries: int = 0
    """How many time entries it has that ended."""

    @property
    def is_living(self) -> bool:
        return self.project is not None and self.trashed is None


@dataclass
class Model:
    tasks: dict[str, Known] = field(default_factory=dict)
    links: set[tuple[str, str, str]] = field(default_factory=set)
    """Type, source and target."""
    timer: str | None = None
    """The task that the owner's timer runs on."""
    deletions: int = 0

    def status_of(self, operation: Operation) -> int:
        """What the answer should be; what follows from it is so from now on."""
        op = operation["op"]
        if op == "create":
            return self._create(operation)
        task = self.tasks[operation["task"]]
        if op == "restore" or (op == "delete" and operation["permanent"]):
            found = task.project is not None
        else:
            found = task.is_living
        if not found:
            return 404
        return getattr(self, f"_{op}")(operation["task"], task, operation)  # type: ignore[no-any-return]

    def progress(self, task_id: str) -> dict[str, int]:
        counted = [child.status for child in self._children(task_id) if child.is_living and child.status != "cancelled"]
        return {"total": len(counted), "done": counted.count("done")}

    def link(self, type_: str, source: str, target: str) -> int:
        if not self.tasks[source].is_living:
            return 404
        if source == target or not self.tasks[target].is_living:
            return 422
        if {(type_, source, target), (type_, target, source)} & self.links:
            return 409
        if type_ == "blocks" and source in self._beyond(target):
            return 409
        self.links.add((type_, source, target))
        return 201

    def below(self, task_id: str, project: str) -> int:
        """Whether there is room for a new task there: 201, or what the refusal is."""
        parent = self.tasks[task_id]
        if not parent.is_living or parent.project != project:
            return 422
        return 409 if len(self._above(task_id)) > _DEEPEST else 201

    def _create(self, operation: Operation) -> int:
        parent = operation.get("parent_id")
        status = 201 if parent is None else self.below(parent, operation["project"])
        if status == 201:
            self.tasks[operation["id"]] = Known(operation["project"], operation.get("status", "todo"), parent)
        return status

    def _update(self, task_id: str, task: Known, operation: Operation) -> int:
        parent = operation.get("parent_id", task.parent)
        if parent is not None and parent != task.parent:
            above = self.tasks[parent]
            if not above.is_living or above.project != task.project:
                return 422
            if task_id in self._above(parent) or len(self._above(parent)) + self._levels(task_id) - 1 > _DEEPEST:
                return 409
        task.parent = parent
        task.status = operation.get("status", task.status)
        return 200

    def _move(self, task_id: str, task: Known, operation: Operation) -> int:
        project = operation.get("project", task.project)
        if "after" in operation:
            other = self.tasks[operation["after"]]
            if other is task or not other.is_living or other.project != project:
                return 422
        if project != task.project:
            moving = {task_id, *self._reached(task_id, None)}
            for left in self.tasks.values():
                left.parent = None if left.parent in moving and not left.is_living else left.parent
            for moved in moving:
                self.tasks[moved].project = project
            task.parent = None
        task.status = operation.get("status", task.status)
        return 200

    def _complete(self, _: str, task: Known, __: Operation) -> int:
        task.status = "done"
        return 200

    def _reopen(self, _: str, task: Known, __: Operation) -> int:
        task.status = "todo" if task.status in CLOSED else task.status
        return 200

    def _delete(self, task_id: str, task: Known, operation: Operation) -> int:
        if operation["permanent"]:
            for child in self._children(task_id):
                child.parent = None
            self.links = {link for link in self.links if task_id not in link}
            self.timer = None if self.timer == task_id else self.timer
            task.project = None
            return 204
        self.deletions += 1
        for gone in [task_id, *self._reached(task_id, None)]:
            self.tasks[gone].trashed = self.deletions
        return 204

    def _restore(self, task_id: str, task: Known, _: Operation) -> int:
        if task.trashed is None:
            return 409
        went = task.trashed
        task.trashed = None
        for back in list(self._reached(task_id, went)):
            if self.tasks[back].trashed == went:
                self.tasks[back].trashed = None
        return 200

    def _children(self, task_id: str) -> list[Known]:
        return [task for task in self.tasks.values() if task.project is not None and task.parent == task_id]

    def _reached(self, task_id: str, trashed: int | None) -> Iterator[str]:
        """What hangs below by way of living tasks, and of those that went to the trash by this deletion."""
        for child_id, child in self.tasks.items():
            if child.project is not None and child.parent == task_id and child.trashed in {None, trashed}:
                yield child_id
                yield from self._reached(child_id, trashed)

    def _above(self, task_id: str) -> list[str]:
        above = [task_id]
        while (parent := self.tasks[above[-1]].parent) is not None:
            above.append(parent)
        return above

    def _levels(self, task_id: str) -> int:
        """How many levels there are from it down, in the trash too."""
        below = [key for key, task in self.tasks.items() if task.project is not None and task.parent == task_id]
        return 1 + max((self._levels(child) for child in below), default=0)

    def _beyond(self, start: str) -> set[str]:
        """All that it blocks, itself and by way of others."""
        seen, ahead = {start}, [start]
        while ahead:
            here = ahead.pop()
            further = {target for type_, source, target in self.links if type_ == "blocks" and source == here} - seen
            seen |= further
            ahead += further
        return seen
