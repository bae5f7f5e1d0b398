"""What administrators alone may do is refused by the services too: not every way to them leads through a route."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from taskapi.admin.jobs import service as jobs
from taskapi.admin.jobs.schemas import JobFilter
from taskapi.audit import service as audit
from taskapi.audit.schemas import AuditFilter
from taskapi.auth.recovery import service as recovery
from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.db.database import unit_of_work
from taskapi.core.db.session import DbSession
from taskapi.core.errors import Forbidden
from taskapi.personal_data.deletion import service as deletion
from taskapi.users import service as users
from taskapi.users.schemas import UserFilter, UserUpdate
from tests.proof.world import Persona, World

Act = Callable[[DbSession, Caller, World], Awaitable[Any]]
_ACTS: dict[str, tuple[Permission, Act]] = {
    "list people": (Permission.USER_MANAGE, lambda s, who, _: users.list_users(s, who, UserFilter())),
    "change somebody": (
        Permission.USER_MANAGE,
        lambda s, who, world: users.update_user(s, who, world.newcomer.id, UserUpdate(is_active=False), None),
    ),
    "sign somebody out": (Permission.USER_MANAGE, lambda s, who, world: users.sign_out(s, who, world.newcomer.id)),
    "make a link that sets somebody's password": (
        Permission.USER_MANAGE,
        lambda s, who, world: recovery.make_reset_link(s, who, world.newcomer.id),
    ),
    "delete somebody": (
        Permission.USER_MANAGE,
        lambda s, who, world: deletion.delete_user(s, who, world.newcomer.id, None),
    ),
    "list jobs": (Permission.JOB_MANAGE, lambda s, who, _: jobs.list_jobs(s, who, JobFilter())),
    "retry a job": (Permission.JOB_MANAGE, lambda s, who, world: jobs.retry_job(s, who, world.home.job)),
    "list security events": (Permission.AUDIT_READ, lambda s, who, _: audit.list_audit(s, who, AuditFilter())),
    "read a security event": (
        Permission.AUDIT_READ,
        lambda s, who, world: audit.get_audit_event(s, who, world.home.event),
    ),
    "discard a job": (Permission.JOB_MANAGE, lambda s, who, world: jobs.discard_job(s, who, world.home.job)),
}


@pytest.mark.parametrize("name", _ACTS)
async def test_the_service_asks_for_the_permission_itself(name: str, world: World) -> None:
    permission, act = _ACTS[name]
    async with world.undone():
        for persona in (Persona.OUTSIDER, Persona.OWNER):
            with pytest.raises(Forbidden, match=permission):
                async with unit_of_work(world.app.state.parts.database) as session:
                    await act(session, world.person(persona).caller, world)
        async with unit_of_work(world.app.state.parts.database) as session:
            await act(session, world.person(Persona.SYSTEM_ADMIN).caller, world)
