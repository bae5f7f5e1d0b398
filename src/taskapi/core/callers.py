"""Who is acting: what a verified credential says, as services and the change log need it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from taskapi.models import SystemRole


class CallerKind(StrEnum):
    """How somebody acts."""

    USER = "user"
    SYSTEM = "system"
    TOKEN = "token"  # noqa: S105 - a user's script
    RULE = "rule"
    """A rule of a project, with the rights of whom it belongs to."""
    IMPORT = "import"
    """An import of a file, with the rights of who began it; of what the file tells of the past, who did it there."""


@dataclass(frozen=True, slots=True)
class Caller:
    id: UUID
    role: SystemRole
    session_id: UUID | None = None
    kind: CallerKind = CallerKind.USER
    expires_at: float = 0.0
    """Unix seconds; 0 for a caller without a token, such as the shell."""
    token_id: UUID | None = None
    scopes: frozenset[str] | None = None
    """What an API token may do; None: all that a session may."""
    project_ids: frozenset[UUID] | None = None
    """The only projects an API token opens; None: all that the user is in."""
    timezone: str = "UTC"
    """Where their days begin."""

    @property
    def credential_id(self) -> UUID | None:
        """Of the session or the API token that they come with; None for a caller without either."""
        return self.token_id or self.session_id

    @property
    def is_admin(self) -> bool:
        """Administrators act as such in their sessions; their API tokens reach no further than anybody's."""
        return self.role is SystemRole.ADMIN and self.token_id is None


# Whoever has a shell on the machine: no account, and what an administrator may do.
SHELL: Final = Caller(UUID(int=0), SystemRole.ADMIN, kind=CallerKind.SYSTEM)
