"""People of a service behind a socket, made the way that clients make them."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import httpx

from tests.adversity.serving import Service
from tests.support.factory import PASSWORD


@contextmanager
def signed_up(service: Service, project: str) -> Iterator[httpx.Client]:
    """Somebody new, with a project of this key."""
    with httpx.Client(base_url=service.url, timeout=20) as client:
        name = f"user{uuid4().hex[:10]}"
        account = {"username": name, "email": f"{name}@example.com", "password": PASSWORD}
        assert client.post("/api/v1/auth/register", json=account).status_code == 201
        pair = client.post("/api/v1/auth/login", json={"username": name, "password": PASSWORD}).json()
        client.headers["Authorization"] = f"Bearer {pair['access_token']}"
        assert client.post("/api/v1/projects", json={"key": project, "name": "Project"}).status_code == 201
        yield client
