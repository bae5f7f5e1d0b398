"""Routes: FastAPI's, each answered in a transaction; what a route does not take is refused, once it is known who asks.

In this order, whatever else is wrong with a request: the type and size of its body, who asks, what the route knows
nothing of, whether the body can be read at all. Its shape is judged by FastAPI, behind the same guards.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.dependencies.models import Dependant
from fastapi.params import Form
from fastapi.routing import APIRoute
from starlette.responses import Response

from taskapi.core.access.permissions import Resource, Scope
from taskapi.core.callers import Caller
from taskapi.core.errors import AppError
from taskapi.core.http import surplus, transaction, uploads
from taskapi.core.http.bodies import JsonRequest, receive, require_content_type, require_simple_form
from taskapi.core.http.multipart import require_multipart
from taskapi.core.http.query import Query
from taskapi.core.http.surplus import Ask, Check
from taskapi.core.http.transaction import SAFE_METHODS, Handler
from taskapi.core.http.uploads import Receiver

_AUTH: Final = "/api/v1/auth/"


class Guard(ABC):
    """A dependency that stops who may not ask at all; nothing of the request is judged before it."""

    errors: tuple[type[AppError], ...] = ()
    """How it refuses, for the OpenAPI document; any dependency may have them."""
    checks_scope = False
    """Whether it stops API tokens that lack the scope of the route."""

    @abstractmethod
    async def __call__(self, request: Request) -> Caller: ...


def _dependencies(dependant: Dependant) -> Iterator[object]:
    """What a route depends on, at any depth, in the order in which it is asked."""
    for dependency in dependant.dependencies:
        yield from _dependencies(dependency)
        yield dependency.call


class Route(APIRoute):
    resource: Resource | None = None

    @property
    def scope(self) -> Scope | None:
        """What an API token needs for this route; None: it does not open to API tokens at all."""
        if self.resource is None:
            return None
        verb = "write" if self.is_write else "read"
        return Scope(f"{self.resource}:{verb}")

    @property
    def is_write(self) -> bool:
        return not SAFE_METHODS.issuperset(self.methods or ())

    @property
    def guards(self) -> list[Guard]:
        return [dependency for dependency in _dependencies(self.dependant) if isinstance(dependency, Guard)]

    @property
    def checks_scope(self) -> bool:
        return any(guard.checks_scope for guard in self.guards)

    @property
    def queries(self) -> list[Query[Any]]:
        """The model of its query parameters, where it takes any."""
        return [dependency for dependency in _dependencies(self.dependant) if isinstance(dependency, Query)]

    @property
    def receiver(self) -> Receiver[Any] | None:
        """Who takes its body while it comes, where it may be too large to wait for."""
        found = (dependency for dependency in _dependencies(self.dependant) if isinstance(dependency, Receiver))
        return next(found, None)

    @property
    def is_transacted(self) -> bool:
        """Whether it asks for a writing session, and so takes what is said of every write."""
        return transaction.write_session in _dependencies(self.dependant)

    @property
    def can_be_tried(self) -> bool:
        return self.is_transacted and not self.path.startswith(_AUTH)

    def errors(self) -> list[type[AppError]]:
        """What its dependencies refuse."""
        return [error for dependency in _dependencies(self.dependant) for error in getattr(dependency, "errors", ())]

    def get_route_handler(self) -> Handler:
        run = super().get_route_handler()
        if (receiver := self.receiver) is not None:
            return self._streamed(run, receiver)
        ask, checks = self._ask(), self._checks()
        takes_body, is_write = self.body_field is not None, self.is_write
        may_be_empty = self.body_field is not None and not self.body_field.field_info.is_required()
        takes_form = self.body_field is not None and isinstance(self.body_field.field_info, Form)

        async def run_asked(request: Request) -> Response:
            await ask(request)
            if takes_form:
                await require_simple_form(request)
            return await run(request)

        async def handle(request: Request) -> Response:
            if takes_body and not (may_be_empty and surplus.has_no_body(request)):
                require_content_type(request, form=takes_form)
            if takes_body or is_write:
                request = JsonRequest(request.scope, request.receive)
            for check in checks:
                await check(request, ask)
            if not takes_body:
                return await transaction.answer(run, request)
            await receive(request)
            return await transaction.answer(run_asked, request)

        return handle

    def _ask(self) -> Ask:
        guards = self.guards

        async def ask(request: Request) -> None:
            for guard in guards:
                await guard(request)

        return ask

    def _streamed(self, run: Handler, receiver: Receiver[Any]) -> Handler:
        ask, checks = self._ask(), self._checks()

        async def handle(request: Request) -> Response:
            await ask(request)
            for check in checks:
                await check(request, ask)
            require_multipart(request)
            return await uploads.answer(receiver, run, request)

        return handle

    def _checks(self) -> list[Check]:
        return [
            *([] if self.queries else [surplus.no_query]),
            *([surplus.no_body] if self.is_write and self.body_field is None and self.receiver is None else []),
            *([surplus.no_dry_run] if self.is_write and self.path.startswith(_AUTH) else []),
        ]


def _operation_id(route: APIRoute) -> str:
    return route.name


def router(prefix: str, tag: str, *, resource: Resource | None = None) -> APIRouter:
    """API tokens need a scope of `resource` here, to read for GET, else to write; without it, only sessions get in."""

    class RouteOfResource(Route):
        pass

    RouteOfResource.resource = resource
    # Its routes go into the application as they are, past the application's own way of naming operations.
    return APIRouter(prefix=prefix, tags=[tag], route_class=RouteOfResource, generate_unique_id_function=_operation_id)
