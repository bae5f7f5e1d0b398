"""What fields of bodies take: RFC 3339 to the letter, ids that were just made, texts that can be seen."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel, ValidationError, create_model
from pydantic.fields import FieldInfo

from taskapi.core.clock import utc_now
from taskapi.core.http.query import _kinds
from taskapi.core.http.route import Route
from taskapi.core.ids import new_id
from tests.conftest import ClientFor
from tests.support.answers import faults, pointers
from tests.support.factory import Factory

TASKS, ME = "/api/v1/projects/WEB/tasks", "/api/v1/users/me"


@pytest.fixture
async def owner(make: Factory, client_for: ClientFor) -> httpx.AsyncClient:
    return client_for((await make.project(key="WEB")).owner)


def bodies(app: FastAPI) -> list[tuple[str, type[BaseModel]]]:
    """The models of all bodies, by the names of their routes."""
    found = []
    for route in app.routes:
        if isinstance(route, Route) and route.body_field is not None:
            model = route.body_field.field_info.annotation
            assert isinstance(model, type)
            assert issubclass(model, BaseModel)
            found.append((route.name, model))
    return found


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("2026-03-02T10:30:00Z", "2026-03-02T10:30:00.000000Z"),
        ("2026-03-02t10:30:00z", "2026-03-02T10:30:00.000000Z"),
        ("2026-03-02T10:30:00.5+05:30", "2026-03-02T05:00:00.500000Z"),
        ("2026-03-02T10:30:00.123456789-00:00", "2026-03-02T10:30:00.123456Z"),
    ],
)
async def test_an_instant_is_rfc_3339(sent: str, read: str, owner: httpx.AsyncClient) -> None:
    assert (await owner.post(TASKS, json={"title": "T", "due_at": sent})).json()["due_at"] == read


@pytest.mark.parametrize(
    "sent",
    [
        "2026-03-02 10:30:00Z",
        "2026-03-02_10:30:00Z",
        "2026-03-02T10:30Z",
        "2026-03-02T10:30:00+0530",
        "2026-03-02T10:30:00+05",
        "2026-03-02T10:30:00,5Z",
        "2026-03-02T10:30:00.Z",
        "2026-03-02T10:30:00",
        "2026-03-02T10:30:00 Z",
        "2026-03-02T24:00:00Z",
        "2026-03-02T10:30:60Z",
        "2026-02-29T10:30:00Z",
        "2026-03-02T10:30:00Z\n",
    ],
)
async def test_what_looks_like_an_instant_is_none(sent: str, owner: httpx.AsyncClient) -> None:
    assert pointers(await owner.post(TASKS, json={"title": "T", "due_at": sent})) == ["/due_at"]


def aged(days: float) -> str:
    milliseconds = int((utc_now() + timedelta(days=days)).timestamp() * 1000)
    return str(UUID(int=milliseconds << 80 | new_id().int & ((1 << 80) - 1)))


@pytest.mark.parametrize("days", [-0.99, 0, 0.99])
async def test_a_client_makes_ids_by_a_clock_that_is_hardly_wrong(days: float, owner: httpx.AsyncClient) -> None:
    given = aged(days)
    made = await owner.post(TASKS, json={"title": "T", "id": given.upper()})
    assert (made.status_code, made.json()["id"]) == (201, given)


@pytest.mark.parametrize(
    "made",
    [
        lambda: str(uuid4()),
        lambda: str(UUID(int=0)),
        lambda: "ffffffff-ffff-7fff-bfff-ffffffffffff",
        lambda: aged(-1.01),
        lambda: aged(1.01),
    ],
    ids=["random", "nil", "far", "old", "early"],
)
async def test_another_id_is_refused(made: Callable[[], str], owner: httpx.AsyncClient) -> None:
    given = made()
    for path, body in ((TASKS, {"title": "T"}), ("/api/v1/projects", {"key": "NEW", "name": "N"})):
        assert faults(await owner.post(path, json=body | {"id": given})) == [("/id", "value_error")]


def takes(field: FieldInfo, value: object) -> bool:
    """One field of a body, alone."""
    alone = create_model("Alone", value=(field.annotation or object, field))
    try:
        alone.model_validate({"value": value})
    except ValidationError:
        return False
    return True


def test_every_id_that_a_client_makes_is_one_of_these(app: FastAPI) -> None:
    fields = {name: model.model_fields["id"] for name, model in bodies(app) if "id" in model.model_fields}
    assert len(fields) >= 2
    for name, field in fields.items():
        assert takes(field, str(new_id())), name
        assert not takes(field, str(uuid4())), name


def test_every_boolean_and_number_of_a_body_is_json_s_own(app: FastAPI) -> None:
    for name, model in bodies(app):
        for field, info in model.model_fields.items():
            kinds = _kinds(info.annotation)
            wrong = ["true", "yes", 1, 0] if bool in kinds else ["5", 5.0, True] if int in kinds else []
            assert [value for value in wrong if takes(info, value)] == [], f"{name}: {field}"


@pytest.mark.parametrize("title", ["\ufeff", "\u200b\u200d", " \u2060 ", "\u0301", "\u00ad"])
async def test_a_title_can_be_seen(title: str, owner: httpx.AsyncClient) -> None:
    assert pointers(await owner.post(TASKS, json={"title": title})) == ["/title"]


@pytest.mark.parametrize("title", ["👩‍👧", "می‌خواهم", "e\u0301"])
async def test_joiners_between_letters_stay(title: str, owner: httpx.AsyncClient) -> None:
    assert (await owner.post(TASKS, json={"title": title})).json()["title"] == title


@pytest.mark.parametrize("zone", ["localtime", "Factory", "posixrules", "Mars/Olympus"])
async def test_a_time_zone_is_a_place_or_utc(zone: str, owner: httpx.AsyncClient) -> None:
    assert pointers(await owner.patch(ME, json={"timezone": zone})) == ["/timezone"]
