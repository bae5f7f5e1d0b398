"""Which tasks a report counts, and as whom it is looked at: the part of its statements that decides what is seen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from taskapi.core.lists.sources import Origin
from taskapi.tasks.filters.standpoint import Standpoint


@dataclass(frozen=True, slots=True)
class ProjectNamed:
    id: UUID
    key: str
    name: str
    estimate_unit: str


@dataclass(frozen=True, slots=True)
class Scope:
    origin: Origin
    condition: str
    """The filter's SQL, over the row `tasks`."""
    values: Mapping[str, object] = field(hash=False)
    """Those of the origin and of the filter."""
    seen_from: Standpoint
    project: ProjectNamed | None
    """None: all projects of the caller that are not archived."""

    @property
    def is_everything(self) -> bool:
        """Whether all tasks of these projects count: then nobody has to look at each."""
        return self.condition == "true"

    @property
    def tasks(self) -> str:
        """What a statement reads FROM, with a WHERE to which it may add: the row `tasks` is one that counts.

        Tasks in the trash never do.
        """
        return (
            f"{self.origin.start} JOIN tasks ON tasks.project_id = {self.origin.home} "
            f"WHERE {self.origin.condition} AND tasks.deleted_at IS NULL AND ({self.condition})"
        )

    def beside(self, table: str) -> str:
        """The rows of another table of the same projects, to read FROM; it may have an alias."""
        name = table.rpartition(" ")[2]
        return (
            f"{self.origin.start} JOIN {table} ON {name}.project_id = {self.origin.home} WHERE {self.origin.condition}"
        )

    def is_about(self, user_id: UUID | str | None) -> bool:
        """A report over all projects of somebody has nobody else in it."""
        return self.project is not None or str(self.seen_from.me) == str(user_id)

    @property
    def title(self) -> str:
        return "My tasks" if self.project is None else self.project.name
