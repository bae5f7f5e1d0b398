"""Routes: FastAPI's, each answered in a transaction, with its body's type checked, and the scope API tokens need."""

from fastapi import APIRouter, Request
from fastapi.dependencies.models import Dependant
from fastapi.params import Form
from fastapi.routing import APIRoute
from starlette.responses import Response

from taskapi.core.access.permissions import Resource, Scope
from taskapi.core.http import transaction
from taskapi.core.http.bodies import JsonRequest, require_content_type
from taskapi.core.http.transaction import SAFE_METHODS, Handler


class ChecksScope:
    """A mark on the dependency that stops API tokens without the scope of the route."""


def checks_scope(dependant: Dependant) -> bool:
    if isinstance(getattr(dependant, "call", None), ChecksScope):
        return True
    return any(checks_scope(dependency) for dependency in dependant.dependencies)


class Route(APIRoute):
    resource: Resource | None = None

    @property
    def scope(self) -> Scope | None:
        """What an API token needs for this route; None: it does not open to API tokens at all."""
        if self.resource is None:
            return None
        verb = "read" if SAFE_METHODS.issuperset(self.methods or ()) else "write"
        return Scope(f"{self.resource}:{verb}")

    def get_route_handler(self) -> Handler:
        run = super().get_route_handler()

        async def handle(request: Request) -> Response:
            if self.body_field is not None:
                require_content_type(request, form=isinstance(self.body_field.field_info, Form))
                request = JsonRequest(request.scope, request.receive)
            return await transaction.answer(run, request)

        return handle


def _operation_id(route: APIRoute) -> str:
    return route.name


def router(prefix: str, tag: str, *, resource: Resource | None = None) -> APIRouter:
    """API tokens need a scope of `resource` here, to read for GET, else to write; without it, only sessions get in."""

    class RouteOfResource(Route):
        pass

    RouteOfResource.resource = resource
    # Its routes go into the application as they are, past the application's own way of naming operations.
    return APIRouter(prefix=prefix, tags=[tag], route_class=RouteOfResource, generate_unique_id_function=_operation_id)
