"""Settings that are not safe are refused, each with one line that says what to do."""

import pytest

from taskapi.core import startup
from taskapi.core.refused import Refused
from taskapi.settings import Environment, SecuritySettings, Settings

GOOD_KEY = "6d1e1a2b9f0c4d7e8a5b3c6f0e9d8c7b6a5f4e3d2c1b0a9f8e7d6c5b4a392817"


def settings(environment: Environment = Environment.PRODUCTION, **security: str) -> Settings:
    return Settings(environment=environment, security=SecuritySettings(**{"secret_key": GOOD_KEY, **security}))  # type: ignore[arg-type]


@pytest.mark.parametrize("key", [GOOD_KEY, "the secret key of our staging server, 2026"])
def test_a_key_of_ones_own_is_fine(key: str) -> None:
    assert startup.secret_fault(key) is None


@pytest.mark.parametrize(
    ("key", "complaint"),
    [
        ("", "is not set"),
        ("short", "has 5 bytes and needs 32"),
        ("Change-This-change-this-change-this!", "is one that others know"),
        ("YOUR_SECRET_KEY-change-in-production", "is one that others know"),
        ("09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7", "is one that others know"),
    ],
)
def test_a_key_that_tokens_could_be_forged_with_is_refused(key: str, complaint: str) -> None:
    with pytest.raises(Refused, match=f"TASKAPI_SECRET_KEY {complaint}.*openssl rand -hex 32") as refused:
        startup.require_safe(settings(secret_key=key))
    assert refused.value.exit_code == 2


def test_rate_limits_can_be_off_in_development_alone() -> None:
    startup.require_safe(settings(Environment.DEVELOPMENT, rate_limit="off"))
    with pytest.raises(Refused, match="TASKAPI_RATE_LIMIT"):
        startup.require_safe(settings(rate_limit="off"))


def test_every_wrong_setting_gets_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "TASKAPI_CORS_ORIGINS": "https://app.example.org, *",
        "TASKAPI_TRUSTED_PROXIES": "*",
        "PORT": "many",
        "TASKAPI_DATABASE_POOL_SIZE": "0",
        "TASKAPI_ENVIRONMENT": "staging",
        "DATABASE_URL": "mysql://root:hunter2@localhost/x",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Refused) as refused:
        startup.load_settings()
    lines = str(refused.value).splitlines()
    told = {name if name.startswith("TASKAPI_") else f"TASKAPI_{name}" for name in wrong}
    assert {line.partition(":")[0] for line in lines} == told
    assert len(lines) == len(wrong)
    assert "hunter2" not in str(refused.value)
