"""The whole contract, played by schemathesis against a real process: as nobody, and as somebody with a project."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.errors import FlakyStrategyDefinition
from schemathesis.core.failures import FailureGroup

from taskapi.cli import contract
from tests.adversity.accounts import signed_up
from tests.adversity.serving import Service

Case = schemathesis.Case[Any]

_SETS_OF_JOURNEYS = 5
_LONGEST_QUERY = 4000  # before it is percent-encoded
# A user who signs out is nobody for the rest of the run.
_SIGNING_OUT = ["logout", "logout_all", "end_session"]
# schemathesis brings its covering cases along as explicit examples; these are the random ones beyond.
_BOUNDED = settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)

SCHEMA = schemathesis.openapi.from_dict(json.loads(contract.document()))
# Whether a schema-valid request is taken hangs on what no schema can say: a cursor of this very list, a username that
# is free, a password that nobody guesses, a person who is a member.
# That each address names its methods is for test_addresses.py: to schemathesis, /auth/oidc/complete may not also be
# where a provider of that name would be.
SCHEMA.config.checks.update(excluded_check_names=["positive_data_acceptance", "allow_header_conformance"])
FOR_USERS = SCHEMA.exclude(operation_id=_SIGNING_OUT)
# What was deleted and then restored is there again, which schemathesis would call a use after free.
FOR_JOURNEYS = FOR_USERS.exclude(operation_id=["restore_project", "restore_task"])


@SCHEMA.hook
def filter_query(_: schemathesis.HookContext, query: dict[str, object] | None) -> bool:
    """An address beyond 8 KiB is refused before there is a route that could declare it."""
    return len(urlencode(query or {}, doseq=True)) < _LONGEST_QUERY


@pytest.fixture(scope="module")
def authorization(service: Service) -> Iterator[dict[str, str]]:
    """Of somebody with WEB-1 to WEB-12, of which the contract's examples speak."""
    with signed_up(service, "WEB") as client:
        for number in range(1, 13):
            made = client.post("/api/v1/projects/WEB/tasks", json={"title": f"Task {number}"})
            assert made.json()["key"] == f"WEB-{number}"
        yield {"Authorization": client.headers["authorization"]}


@SCHEMA.parametrize()
@_BOUNDED
def test_nobody_gets_what_the_contract_says(case: Case, service: Service) -> None:
    case.call_and_validate(base_url=service.url)


@FOR_USERS.parametrize()
@_BOUNDED
def test_a_user_gets_what_the_contract_says(case: Case, service: Service, authorization: dict[str, str]) -> None:
    case.call_and_validate(base_url=service.url, headers=authorization)


def test_a_users_journeys_go_as_the_contract_says(service: Service, authorization: dict[str, str]) -> None:
    """What one answer names is asked for in the next request: made, read, changed, deleted, and asked for again."""
    FOR_JOURNEYS.config.update(base_url=service.url)
    broken: list[BaseException] = []

    class Journey(FOR_JOURNEYS.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: Case) -> dict[str, Any]:  # noqa: ARG002 - schemathesis's signature
            return {"headers": authorization}

        def validate_response(self, *arguments: Any, **options: Any) -> None:
            try:
                super().validate_response(*arguments, **options)
            except (FailureGroup, AssertionError) as error:
                broken.append(error)
                raise

    for number in range(_SETS_OF_JOURNEYS):
        # A service remembers: the same way, gone again, may lead elsewhere, which hypothesis takes for a mistake.
        with suppress(FlakyStrategyDefinition):
            seed(number)(Journey).run(settings=settings(_BOUNDED, max_examples=5, stateful_step_count=10))
    assert not broken
