"""What a container asks itself: cheaply, by the settings of those it asks about, and without mercy."""

import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from taskapi import healthcheck
from taskapi.core import sign_of_life
from taskapi.settings import Settings
from tests.support.shell import Shell, free_port

FINE = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
# The names of modules, and whatever is in them. http.client takes half of the time that all of it may take.
HEAVY = {"typer", "pydantic", "structlog", "asyncio", "pathlib", "http", "email", "importlib.metadata", "dotenv", "ssl"}

_IMPORTS = """
import sys
standard = set(sys.modules)
sys.argv = ["taskapi", "healthcheck", "--any"]
from taskapi.__main__ import main
try:
    main()
finally:
    print(*sys.modules.keys() - standard)
"""


@contextmanager
def answering(answer: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """One request is answered, over and over by another thread; the port, and what was asked."""
    asked: list[bytes] = []

    def answer_each() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                asked.append(connection.recv(65536))
                connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer_each)
        thread.start()
        yield listener.getsockname()[1], asked
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.fixture
def heartbeat(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that a worker of this shell would touch."""
    monkeypatch.setenv("TMPDIR", str(shell.folder))
    return Path(sign_of_life.file_of(str(shell.data_dir)))


def test_it_imports_next_to_nothing(shell: Shell) -> None:
    with answering(FINE) as (port, _):
        imported = shell.python(_IMPORTS, PORT=str(port)).split()
    assert "taskapi.healthcheck" in imported
    assert HEAVY.isdisjoint(imported)
    assert {name.partition(".")[0] for name in imported} - sys.stdlib_module_names == {"taskapi"}


def test_a_service_that_is_ready_is_healthy_and_asked_by_a_name_of_its_own(shell: Shell) -> None:
    with answering(FINE) as (port, asked):
        assert shell.run("healthcheck", PORT=str(port)).returncode == 0
        names = {"TASKAPI_ALLOWED_HOSTS": "tasks.example.org, other.example.org"}
        assert shell.run("healthcheck", PORT=str(port), **names).returncode == 0
    first, second = asked
    assert first.startswith(b"GET /health/ready HTTP/1.1\r\n")
    assert b"\r\nHost: tasks.example.org\r\n" in second


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (b'HTTP/1.1 503 Service Unavailable\r\n\r\n{"status": "failing"}', 'not ready: 503 {"status": "failing"}'),
        (b"HTTP/1.1 421 Misdirected Request\r\n\r\nunknown host", "not ready: 421 unknown host"),
        (b"SSH-2.0-OpenSSH\r\n", "it does not speak HTTP"),
        (b"", "it does not speak HTTP"),
    ],
)
def test_a_sick_service_is_not_and_the_reason_is_a_line(shell: Shell, answer: bytes, complaint: str) -> None:
    with answering(answer) as (port, _):
        sick = shell.run("healthcheck", PORT=str(port))
    assert (sick.returncode, sick.stderr.count("\n")) == (1, 1)
    assert sick.stderr.startswith("taskapi: ")
    assert complaint in sick.stderr


@pytest.mark.parametrize("port", ["eighty", "99999", "free"])
def test_one_that_does_not_answer_is_not(shell: Shell, port: str) -> None:
    absent = shell.run("healthcheck", PORT=str(free_port()) if port == "free" else port)
    assert (absent.returncode, absent.stderr.count("\n")) == (1, 1)


def test_a_worker_is_asked_by_its_sign_of_life(shell: Shell, heartbeat: Path) -> None:
    assert shell.run("healthcheck", "--worker").returncode == 1
    heartbeat.touch()
    assert shell.run("healthcheck", "--worker").returncode == 0
    _let_it_be_old(heartbeat)
    silent = shell.run("healthcheck", "--worker")
    assert (silent.returncode, silent.stderr) == (1, "taskapi: no sign of life from a worker\n")


class TestWhicheverRunsHere:
    def test_an_api_alone(self, shell: Shell) -> None:
        with answering(FINE) as (port, _):
            assert shell.run("healthcheck", "--any", PORT=str(port)).returncode == 0
        assert shell.run("healthcheck", "--any", PORT=str(free_port())).returncode == 1

    def test_a_worker_alone(self, shell: Shell, heartbeat: Path) -> None:
        heartbeat.touch()
        assert shell.run("healthcheck", "--any", PORT=str(free_port())).returncode == 0
        _let_it_be_old(heartbeat)
        assert shell.run("healthcheck", "--any", PORT=str(free_port())).returncode == 1

    def test_both(self, shell: Shell, heartbeat: Path) -> None:
        heartbeat.touch()
        with answering(b"HTTP/1.1 503 Service Unavailable\r\n\r\n") as (port, _):
            assert shell.run("healthcheck", "--any", PORT=str(port)).returncode == 1
        with answering(FINE) as (port, _):
            assert shell.run("healthcheck", "--any", PORT=str(port)).returncode == 0
            _let_it_be_old(heartbeat)
            assert shell.run("healthcheck", "--any", PORT=str(port)).returncode == 1


@pytest.mark.parametrize(
    ("environment", "dotenv"),
    [
        ({}, ""),
        ({"PORT": "8001"}, ""),
        ({"PORT": "8001", "TASKAPI_PORT": "8002"}, ""),
        ({"taskapi_port": "8003"}, ""),
        ({"TASKAPI_PORT": ""}, "TASKAPI_PORT=8004"),
        ({"PORT": "8001"}, "TASKAPI_PORT=8004"),
        ({}, "# of mine\nexport TASKAPI_PORT = '8005' # here\nHOST=\"::1\"\n"),
        ({"TASKAPI_DATA_DIR": "relative/place"}, "TASKAPI_HOST=0.0.0.0"),
        ({"XDG_DATA_HOME": "/elsewhere"}, "taskapi_data_dir=\n"),
    ],
)
def test_its_settings_are_those_of_the_service(
    environment: dict[str, str], dotenv: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(dotenv)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert (healthcheck._setting("TASKAPI_HOST", "HOST") or "127.0.0.1") == settings.server.host
    assert int(healthcheck._setting("TASKAPI_PORT", "PORT") or "8000") == settings.server.port
    assert sign_of_life.file_of(healthcheck._data_dir()) == sign_of_life.file_of(str(settings.data_dir))


def test_its_help_and_its_mistakes_are_those_of_any_command(shell: Shell) -> None:
    assert "--worker" in shell.run("healthcheck", "--help").stdout
    assert shell.run("healthcheck", "--wroker").returncode == 2


def _let_it_be_old(file: Path) -> None:
    os.utime(file, (time.time() - 60,) * 2)
