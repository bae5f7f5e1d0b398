"""Holds what the API answers after a replay, and what the change log tells, against what was played."""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg

from benchmarks.connection import Client
from benchmarks.player import Expected, Player, Unexpected, Work
from benchmarks.tracker import Issue, shown
from benchmarks.values import CLOSED

_FIELDS: Final = {
    "title": "titles",
    "description": "descriptions",
    "status": "statuses",
    "priority": "priorities",
    "due_on": "due dates",
    "estimate": "estimates",
    "assignee_ids": "assignees",
    "label_ids": "labels, components",
    "parent_id": "parents",
}
_FOLLOWS: Final = frozenset({"status_category", "completed_at"})
"""What a change of a task tells beside what was asked for."""
_PAGE: Final = 200


@dataclass(slots=True)
class Log:
    """The change log, as it stands in its table."""

    kinds: Counter[str]
    facts: dict[str, list[Expected]]
    """By the id of a task: of itself and of its comments."""


@dataclass(slots=True)
class Comparison:
    compared: Counter[str] = field(default_factory=Counter)
    different: Counter[str] = field(default_factory=Counter)
    mismatches: list[str] = field(default_factory=list)

    def hold(self, thing: str, where: str, expected: object, found: object, count: int = 1) -> None:
        """`count` says how many things the two are about: a task without a due date has none."""
        self.compared[thing] += count
        if found != expected:
            self.different[thing] += 1
            self.mismatches.append(f"{where}, {thing}: expected {expected}, found {found}")

    def check(self, player: Player, issue: Issue) -> Work:
        """All that the API answers about one task, to who reported it."""

        async def work(client: Client) -> None:
            try:
                await self._task(client, player, issue)
                await self._comments(client, player, issue)
                await self._links(client, player, issue)
                await self._history(client, player, issue)
            except Unexpected as refusal:
                self.mismatches.append(f"{issue.key}: {refusal}")

        return work

    async def _task(self, client: Client, player: Player, issue: Issue) -> None:
        target = f"/tasks/{player.tasks[issue.key]}"
        task = (await player.send(client, 200, "GET", target, person=issue.reporter)).json()
        for name, value in player.body(issue, shown(issue.final)).items():
            count = len(value) if isinstance(value, list) else int(value not in {None, ""})
            self.hold(_FIELDS[name], issue.key, value, task[name], count)
        writes = sum(fact.kind.startswith("task.") for fact in player.facts[player.tasks[issue.key]])
        expected = player.accounts[issue.reporter].id, writes, issue.final["status"] in CLOSED
        found = task["created_by"], task["version"], task["completed_at"] is not None
        self.hold("authors, versions, whether it is completed", issue.key, expected, found)

    async def _comments(self, client: Client, player: Player, issue: Issue) -> None:
        target = f"/tasks/{player.tasks[issue.key]}/comments?limit={_PAGE}&sort=created_at"
        comments = await _items(client, player, issue, target)
        found = [(comment["created_by"], comment["body"]) for comment in comments]
        expected = [(player.accounts[said.person].id, said.text) for said in issue.comments]
        self.hold("comments, in their order", issue.key, expected, found, len(expected))

    async def _links(self, client: Client, player: Player, issue: Issue) -> None:
        """As who is a member wherever they lead."""
        projects = {other.key: other.project for other in player.history.issues}
        expected = set()
        for link in player.told_links:
            if link.at_last and issue.key in {link.source, link.target}:
                is_source = link.source == issue.key
                other = link.target if is_source else link.source
                expected.add((link.type, "outgoing" if is_source else "incoming", player.tasks[other]))
                await player.join(client, projects[other], issue.reporter)
        target = f"/tasks/{player.tasks[issue.key]}/links?limit={_PAGE}"
        page = (await player.send(client, 200, "GET", target, person=issue.reporter)).json()
        found = {(link["type"], link["direction"], link["task_id"]) for link in page["items"]}
        self.hold("links, seen from each of their tasks", issue.key, expected, found, len(expected))

    async def _history(self, client: Client, player: Player, issue: Issue) -> None:
        """What hangs on the task is told there, too, and only comments are compared."""
        task = player.tasks[issue.key]
        items = await _items(client, player, issue, f"/tasks/{task}/history?limit={_PAGE}")
        found = [Expected(item["kind"], item["actor_id"], item["changes"]) for item in reversed(items)]
        self._facts("in the history", issue, player.facts[task], found)

    def _facts(self, where: str, issue: Issue, expected: Sequence[Expected], found: Sequence[Expected]) -> None:
        for what in ("task", "comment"):
            told = [fact for fact in expected if fact.kind.startswith(f"{what}.")]
            compared = [_as_expected(fact) for fact in found if fact.kind.startswith(f"{what}.")]
            self.hold(f"facts about {what}s {where}", issue.key, told, compared, len(told))

    def log(self, player: Player, log: Log) -> None:
        for issue in player.told_issues:
            task = player.tasks[issue.key]
            self._facts("in the log", issue, player.facts[task], log.facts.get(task, []))
        for kind in sorted(player.events | log.kinds):
            self.hold("kinds of facts, counted", "the change log", (kind, player.events[kind]), (kind, log.kinds[kind]))


async def _items(client: Client, player: Player, issue: Issue, target: str) -> list[dict[str, Any]]:
    """Of all pages, as who reported the issue."""
    found, cursor = [], ""
    while True:
        page = (await player.send(client, 200, "GET", target + cursor, person=issue.reporter)).json()
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


def _as_expected(fact: Expected) -> Expected:
    """Without what only follows. A creation tells every field; those that the file does not have are not compared."""
    names = {"body"} if fact.kind.startswith("comment.") else set(_FIELDS)
    if not fact.kind.endswith(".created"):
        names |= fact.changes.keys() - _FOLLOWS
    changes = {name: change for name, change in fact.changes.items() if name in names}
    return Expected(fact.kind, fact.actor_id, changes)


async def read_log(url: str) -> Log:
    connection = await asyncpg.connect(url.replace("postgresql+asyncpg://", "postgresql://"))
    counted = await connection.fetch("SELECT kind, count(*) AS rows FROM events GROUP BY kind")
    told = await connection.fetch(
        "SELECT kind, subject_id, actor_id, changes FROM events WHERE subject_type IN ('task', 'comment')"
        " ORDER BY xid, seq"
    )
    await connection.close()
    facts: dict[str, list[Expected]] = defaultdict(list)
    for row in told:
        changes: dict[str, list[Any]] = json.loads(row["changes"])
        task = changes["task_id"][1] if row["kind"] == "comment.created" else str(row["subject_id"])
        facts[task].append(Expected(row["kind"], str(row["actor_id"]), changes))
    return Log(Counter({row["kind"]: row["rows"] for row in counted}), facts)
