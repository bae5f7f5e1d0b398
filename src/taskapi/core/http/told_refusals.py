"""Which refused requests are security events: those whose failure says so (`told_as`), by who was refused where."""

from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.types import Scope

from taskapi.core import context
from taskapi.core.callers import Caller
from taskapi.core.change_log.kinds import ChangeKind
from taskapi.core.change_log.publish import Fact, creation
from taskapi.core.change_log.refusals import NOBODY, Refusals
from taskapi.core.errors import AppError, TooManyRequests
from taskapi.core.http import secret_paths
from taskapi.core.http.addresses import network_of
from taskapi.core.parts import parts

_MAX_PATH: Final = 200


async def tell(request: Request, error: AppError) -> None:
    """Where it is known who was refused: strangers are counted where they guess, and nowhere else."""
    caller = caller_of(request.scope)
    if error.told_as is None or (caller is None and not isinstance(error, TooManyRequests)):
        return
    route = getattr(request.scope.get("route"), "name", "")
    said = {
        "route": route,
        "path": secret_paths.shown(request.url.path)[:_MAX_PATH],
        "problem": error.code,
        **error.told_with,
        **address_of_nobody(request.scope, caller),
    }
    kind = ChangeKind(error.told_as)
    fact = Fact(kind, kind.subject, _subject(kind, caller, error), creation(said))
    await parts(request).refusals.tell(caller, fact, f"{route} {said.get('limit', '')} {said.get('address', '')}")


async def tell_limit(refusals: Refusals, scope: Scope, limit: str) -> None:
    """Somebody sends more requests than they may: told by the first that is too many."""
    caller = caller_of(scope)
    said = {"limit": limit, **address_of_nobody(scope, caller)}
    subject = caller.id if caller is not None else NOBODY
    fact = Fact(ChangeKind.USER_THROTTLED, "user", subject, creation(said))
    await refusals.tell(caller, fact, f"{limit} {said.get('address', '')}")


def caller_of(scope: Scope) -> Caller | None:
    identity = scope.get(context.IDENTITY)
    return identity if isinstance(identity, Caller) else None


def address_of_nobody(scope: Scope, caller: Caller | None) -> dict[str, str]:
    """Of who has an account, the log lines of the request have it."""
    client = scope.get("client")
    return {} if caller is not None else {"address": network_of(client[0] if client else None)}


def _subject(kind: ChangeKind, caller: Caller | None, error: AppError) -> UUID:
    if caller is None:
        return error.told_of or NOBODY
    if kind.family == "api_token" and caller.token_id is not None:
        return caller.token_id
    return caller.id
