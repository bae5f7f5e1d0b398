"""Who is acting: what a verified credential says, as services and the change log need it."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from taskapi.models import SystemRole


class CallerKind(StrEnum):
    USER = "user"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Caller:
    id: UUID
    role: SystemRole
    session_id: UUID | None = None
    kind: CallerKind = CallerKind.USER
    expires_at: float = 0.0
    """Unix seconds; 0 for a caller without a token, such as the shell."""

    @property
    def is_admin(self) -> bool:
        return self.role is SystemRole.ADMIN
