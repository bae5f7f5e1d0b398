"""Where to look instead, for a request whose path names a task by a key that it has no more."""

from fastapi import Request

from taskapi.core.callers import Caller
from taskapi.core.context import IDENTITY
from taskapi.core.db.database import write_after_end
from taskapi.core.errors import NotFound
from taskapi.core.http import references
from taskapi.core.http.references import ByKey
from taskapi.core.parts import parts
from taskapi.tasks.keys import service


async def address_of_today(request: Request) -> str | None:
    """The same address under the key of today; asked once nothing was found, so that others pay nothing for it."""
    name: str | None = request.path_params.get("task")
    caller = request.scope.get(IDENTITY)
    # Where the address opens by a secret in it, it answers the same to everybody, whoever else they are.
    if name is None or not isinstance(caller, Caller) or "token" in request.path_params:
        return None
    try:
        reference = references.task(name)
    except NotFound:
        return None
    if not isinstance(reference, ByKey):
        return None
    database = parts(request).database
    async with database.autocommit() as session:
        key = await service.key_of_today(session, caller, reference)
    await write_after_end(database, session)
    if key is None:
        return None
    path = request.url.path.replace(f"/tasks/{name}", f"/tasks/{key}", 1)
    return f"{path}?{request.url.query}" if request.url.query else path
