"""The whole contract, played by schemathesis against a real process: as nobody, and as somebody with a project."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adversity.accounts import signed_up
from tests.adversity.serving import Service

_REPOSITORY = Path(__file__).parents[2]
_CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
# A user who signs out is nobody for the rest of the run.
_SIGNING_OUT = ("logout", "logout_all", "end_session")
# What was deleted and then restored is there again, which schemathesis would call a use after free.
_RESTORING = ("restore_project", "restore_task")
# One thread: in two, CPython 3.11 may break while both parse ("AST constructor recursion depth mismatch").
_BOUNDED = ("--max-examples", "4", "--workers", "1", "--continue-on-failure", "--no-shrink")
_FINE = "No issues found"
_QUIET = ("--warnings", "off", "--no-color", "--generation-database", "none", "--seed", "1")


@pytest.fixture(scope="session")
def authorization(service: Service) -> Iterator[tuple[str, ...]]:
    """Of somebody with WEB-1 to WEB-12, of which the contract's examples speak."""
    with signed_up(service, "WEB") as client:
        for number in range(1, 13):
            made = client.post("/api/v1/projects/WEB/tasks", json={"title": f"Task {number}"})
            assert made.json()["key"] == f"WEB-{number}"
        yield ("--header", f"Authorization: {client.headers['authorization']}")


def play(service: Service, seconds: int, phases: str, *options: str, without: tuple[str, ...] = ()) -> str:
    """What it says at its end."""
    program = str(Path(sys.executable).with_name("schemathesis"))
    command = [program, "--config-file", str(_CONFIGURATION), "run", f"{service.url}/openapi.json"]
    bounds = ["--phases", phases, "--max-time", str(seconds)]
    left_out = [word for name in without for word in ("--exclude-operation-id", name)]
    done = subprocess.run(
        [*command, *bounds, *_BOUNDED, *_QUIET, *left_out, *options],
        cwd=_REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_nobody_gets_what_the_contract_says(service: Service) -> None:
    assert _FINE in play(service, 6, "examples,coverage,fuzzing")


def test_a_user_gets_what_the_contract_says(service: Service, authorization: tuple[str, ...]) -> None:
    assert _FINE in play(service, 12, "examples,coverage,fuzzing", *authorization, without=_SIGNING_OUT)


def test_a_users_journeys_go_as_the_contract_says(service: Service, authorization: tuple[str, ...]) -> None:
    """What one answer names is asked for in the next request: made, read, changed, deleted, and asked for again."""
    options = ("--max-examples", "40", *authorization)
    assert _FINE in play(service, 8, "stateful", *options, without=_SIGNING_OUT + _RESTORING)
