"""Dockerfile, compose.yaml and workflows: limits, rotated logs, secrets where they are needed, exact versions."""

import re
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

yaml = import_module("yaml")  # which has no types
ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
EXACT = re.compile(r"(?:postgres|python):\d+\.\d+(?:\.\d+)?-[\w-]+(?:@sha256:[0-9a-f]{64})?")


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_takes_all_of_the_machine(name: str) -> None:
    service = SERVICES[name]
    assert {"mem_limit", "pids_limit"} <= service.keys()
    assert {"max-size", "max-file"} <= service["logging"]["options"].keys()
    assert (service["cap_drop"], service["security_opt"]) == (["ALL"], ["no-new-privileges:true"])


def test_the_password_of_the_database_goes_where_it_is_needed() -> None:
    given = {name: service["environment"] for name, service in SERVICES.items()}
    assert [name for name in given if given[name].get("POSTGRES_PASSWORD")] == ["db"]
    # What .env says goes to the others too, unless it is said otherwise.
    assert all("POSTGRES_PASSWORD" in given[name] for name in given if SERVICES[name].get("env_file"))


def test_migrations_get_no_secret_but_the_address_of_the_database() -> None:
    assert SERVICES["migrate"]["env_file"] == []
    assert SERVICES["migrate"]["environment"].keys() == {"TASKAPI_ENVIRONMENT", "TASKAPI_DATABASE_URL"}


def test_each_container_is_asked_about_itself() -> None:
    assert SERVICES["api"]["healthcheck"]["test"] == ["CMD", "taskapi", "healthcheck"]
    assert SERVICES["worker"]["healthcheck"]["test"] == ["CMD", "taskapi", "healthcheck", "--worker"]
    assert 'CMD ["taskapi", "healthcheck", "--any"]' in DOCKERFILE


def test_images_have_an_exact_version() -> None:
    base = re.findall(r"^ARG BASE=(\S+)$", DOCKERFILE, re.MULTILINE)
    assert [image for image in (*base, SERVICES["db"]["image"]) if not EXACT.fullmatch(image)] == []


def test_the_image_has_every_extra_but_the_embedded_database() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    [listed] = re.findall(r"for name in \(([^)]*)\)\]", DOCKERFILE)
    assert sorted(re.findall(r"'(\w+)'", listed)) == sorted(extras.keys() - {"embedded"})


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: str(path.name))
def test_workflows_pin_what_they_use_and_may_only_read(workflow: Path) -> None:
    text = workflow.read_text()
    assert [each for each in re.findall(r"uses: (\S+)", text) if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", each)] == []
    assert yaml.safe_load(text)["permissions"] == {"contents": "read"}
    assert all("timeout-minutes" in job for job in yaml.safe_load(text)["jobs"].values())
