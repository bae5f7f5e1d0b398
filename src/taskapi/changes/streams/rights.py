"""What one listener may be told, kept true by the log itself: it tells of each change of who is in which project."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

from pydantic_core import from_json, to_json

from taskapi.changes import markers
from taskapi.changes.markers import Marker
from taskapi.changes.streams.queries import OF_ACCESS, OF_MEMBERS, NewsRow, RoleRow
from taskapi.changes.sync.cursors import Place
from taskapi.changes.sync.service import Told, Wanted
from taskapi.core.access.permissions import GRANTS
from taskapi.core.access.reach import Reach
from taskapi.core.access.reading import READING
from taskapi.models import ProjectRole


@lru_cache(256)
def _readable(role: str, scopes: frozenset[str] | None) -> frozenset[str]:
    """Asked for each change and listener, where `readable_kinds` is asked once a request."""
    granted = GRANTS[ProjectRole(role)]
    return frozenset(
        kind.value
        for kind, needs in READING.items()
        if needs.permission in granted and (scopes is None or needs.scope in scopes)
    )


@dataclass(slots=True)
class Rights:
    """Of one listener. What the log tells twice, because it was true already when this was loaded, changes nothing."""

    of: Wanted
    roles: dict[UUID, str] = field(default_factory=dict)
    trashed: set[UUID] = field(default_factory=set)

    def load(self, rows: Iterable[RoleRow]) -> None:
        if self.of.reach is Reach.ADMINISTRATOR:
            assert self.of.project_id is not None
            self.roles = {self.of.project_id: ProjectRole.OWNER.value}
            return
        for row in rows:
            self._set(row["project_id"], row["role"])
            if row["is_trashed"]:
                self.trashed.add(row["project_id"])

    def follows(self, project_id: UUID) -> bool:
        """Whether something of this project may have to be told."""
        return project_id in self.roles

    def told(self, row: NewsRow) -> Sequence[Told]:
        """What this change is to the listener: the change, a marker, both, or nothing. Their rights follow it."""
        project_id = row["project_id"]
        if project_id is None or not self._concerns(project_id):
            return ()
        is_own = row["kind"] in OF_MEMBERS and row["subject_id"] == self.of.caller.id
        if is_own and self.of.reach is not Reach.ADMINISTRATOR:
            return self._about_oneself(row, project_id)
        if row["kind"] not in OF_ACCESS:
            return [self._change(row)] if self._reads(row, project_id) else ()
        return self._about_project(row, project_id)

    def _concerns(self, project_id: UUID) -> bool:
        if self.of.project_id is not None:
            return project_id == self.of.project_id
        return self.of.caller.project_ids is None or project_id in self.of.caller.project_ids

    def _set(self, project_id: UUID, role: str) -> None:
        if self._concerns(project_id):
            self.roles[project_id] = role

    def _reads(self, row: NewsRow, project_id: UUID) -> bool:
        role, kind = self.roles.get(project_id), row["kind"]
        if role is None or (project_id in self.trashed and not kind.startswith("project.")):
            return False
        if self.of.kinds is not None and kind not in self.of.kinds:
            return False
        return kind in _readable(role, self.of.caller.scopes)

    def _about_oneself(self, row: NewsRow, project_id: UUID) -> Sequence[Told]:
        kind, role = row["kind"], row["role"]
        if kind in {"member.removed", "member.left"}:
            self.roles.pop(project_id, None)
            self.trashed.discard(project_id)
            return [_marker(Marker.LOST, row, project_id)]
        assert role is not None
        self._set(project_id, role)
        if kind == "member.added" and not row["made_here"]:
            return [_marker(Marker.GAINED, row, project_id)]
        return [self._change(row)] if self._reads(row, project_id) else ()

    def _about_project(self, row: NewsRow, project_id: UUID) -> Sequence[Told]:
        if project_id not in self.roles:
            return ()
        marker = None
        if row["kind"] == "project.deleted":
            self.trashed.add(project_id)
            marker = Marker.LOST
        elif row["kind"] == "project.restored":
            self.trashed.discard(project_id)
            marker = Marker.GAINED
        told = [self._change(row, is_half=marker is not None)] if self._reads(row, project_id) else []
        if row["kind"] == "project.purged":
            self.roles.pop(project_id, None)
            return ()
        return [*told, _marker(marker, row, project_id)] if marker is not None else told

    def _change(self, row: NewsRow, *, is_half: bool = False) -> Told:
        came_from = row["came_from"]
        hides = came_from is not None and self.of.reach is not Reach.ADMINISTRATOR
        arrived = hides and came_from != str(row["project_id"]) and UUID(came_from) not in self.roles
        return Told(_arrived(row["body"]) if arrived else row["body"], _place(row, is_half=is_half))


def _place(row: NewsRow, *, is_half: bool = False) -> Place:
    return Place(int(row["xid"] or 0), row["seq"], is_half)


def _marker(marker: Marker, row: NewsRow, project_id: UUID) -> Told:
    return Told(markers.body(marker, row["id"], row["at"], project_id, row["subject_key"]), _place(row))


def _arrived(body: str) -> str:
    """What it is now, and nothing of what it was where the listener is not: as `core.access.past` shows it."""
    change = from_json(body)
    change["changes"] = {name: [None, after] for name, (_, after) in change["changes"].items()}
    return to_json(change).decode()
