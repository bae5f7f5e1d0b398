"""Settings that are not safe are refused, each with one line that says what to do."""

import re
from pathlib import Path

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
        "TASKAPI_LOG_LEVEL": "loud",
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
    assert "TASKAPI_LOG_LEVEL: Input should be 'debug', 'info', 'warning' or 'error'" in lines


def test_a_misspelt_setting_is_named_with_the_one_that_was_meant(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("TASKAPI_MAIL_FORM=taskapi@example.org\nPOSTGRES_PASSWORD=none\n")
    wrong = {"TASKAPI_DATABSE_URL": "postgresql://nobody@nowhere/x", "TASKAPI_ENTIRELY_UNHEARD_OF": "1"}
    right = {"TASKAPI_OIDC_PROVIDERS": "my-keycloak", "TASKAPI_DRAIN_SECONDS": "5", "TASKAPI_PORT": "8000"}
    right |= {f"TASKAPI_OIDC_MY_KEYCLOAK_{name}": "https://x.org" for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET")}
    for name, value in (wrong | right | {"TASKAPI_OIDC_MY_KEYCLOK_NAME": "X"}).items():
        monkeypatch.setenv(name, value)
    assert startup.misspelt(startup.load_settings()) == {
        "TASKAPI_DATABSE_URL": "TASKAPI_DATABASE_URL",
        "TASKAPI_ENTIRELY_UNHEARD_OF": None,
        "TASKAPI_MAIL_FORM": "TASKAPI_MAIL_FROM",
        "TASKAPI_OIDC_MY_KEYCLOK_NAME": "TASKAPI_OIDC_MY_KEYCLOAK_NAME",
    }


def test_every_name_of_the_example_is_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    example = (Path(__file__).parents[2] / ".env.example").read_text(encoding="utf-8")
    commented = [line.removeprefix("#") for line in example.splitlines() if re.match(r"#[A-Z_0-9]+=", line)]
    (tmp_path / ".env").write_text("\n".join(commented).replace("OIDC_PROVIDERS=", "OIDC_PROVIDERS=google"))
    assert startup.misspelt(startup.load_settings()) == {}
