"""`.env.example` names every setting there is, no other, and shows the true defaults."""

import re
from pathlib import Path

import pytest
from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from taskapi.settings import OidcProvider, Settings

ROOT = Path(__file__).resolve().parent.parent
# Read by compose.yaml, never by taskapi.
COMPOSE_ONLY = {"POSTGRES_PASSWORD", "IMAGE_TAG"}
# Sign-in providers are named by the operator, and so are their variables. The example shows those of one.
SHOWN_PROVIDER = "google"
PROVIDER_PREFIX = OidcProvider.prefix(SHOWN_PROVIDER)
OF_THE_PROVIDER = {f"{PROVIDER_PREFIX}{name}".upper() for name in OidcProvider.model_fields}


def shown() -> dict[str, str]:
    """Name to value of every line that is a setting, commented out or not."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    lines: list[tuple[str, str]] = re.findall(r"^#?([A-Z][A-Z0-9_]*)=(.*)$", text, re.MULTILINE)
    assert len(lines) == len(dict(lines)), "a name stands there twice"
    return dict(lines)


def names(model: type[BaseSettings], field_name: str, field: FieldInfo) -> list[str]:
    match field.validation_alias:
        case None:
            return [f"{model.model_config.get('env_prefix', '')}{field_name}".upper()]
        case str() as alias:
            return [alias]
        case AliasChoices(choices=choices):
            return [choice for choice in choices if isinstance(choice, str)]
        case alias_path:
            raise AssertionError(f"{field_name}: {alias_path} is no name for an environment variable")


def settings(model: type[BaseSettings] = Settings) -> dict[str, FieldInfo]:
    """Every name that an environment variable of ours may have, in the nested concerns too."""
    found: dict[str, FieldInfo] = {}
    for field_name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseSettings):
            found |= settings(field.annotation)
        else:
            found |= dict.fromkeys(names(model, field_name, field), field)
    return found


def test_it_names_every_setting() -> None:
    assert settings().keys() - shown().keys() == set()


def test_it_names_nothing_else() -> None:
    assert shown().keys() - settings().keys() == COMPOSE_ONLY | OF_THE_PROVIDER


def test_the_provider_it_shows_is_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TASKAPI_OIDC_PROVIDERS", SHOWN_PROVIDER)
    for name in OF_THE_PROVIDER:
        monkeypatch.setenv(name, shown()[name])
    provider = Settings().oidc.providers[SHOWN_PROVIDER]
    read = {**provider.model_dump(), "client_secret": provider.client_secret.get_secret_value()}
    assert {f"{PROVIDER_PREFIX}{name}".upper(): value for name, value in read.items()} == {
        name: shown()[name] for name in OF_THE_PROVIDER
    }


@pytest.mark.parametrize("missing", sorted(OF_THE_PROVIDER - {f"{PROVIDER_PREFIX}NAME"}))
def test_a_provider_that_lacks_a_variable_is_told_at_the_start(
    missing: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TASKAPI_OIDC_PROVIDERS", SHOWN_PROVIDER)
    for name in OF_THE_PROVIDER - {missing}:
        monkeypatch.setenv(name, shown()[name])
    with pytest.raises(ValueError, match=f"check {missing}"):
        Settings()


@pytest.mark.parametrize("name", ["../admin", "Google", "a_b", "-", "", "ü", "a" * 40])
def test_a_provider_name_has_to_fit_an_address(name: str) -> None:
    with pytest.raises(ValueError, match="lower-case"):
        OidcProvider.named(name)


def test_what_compose_alone_reads_is_in_compose() -> None:
    compose = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    assert {name for name in COMPOSE_ONLY if f"${{{name}:" not in compose} == set()


@pytest.mark.parametrize("name", sorted(settings()))
def test_the_default_it_shows_is_the_default(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # away from a developer's own .env
    for variable in settings():
        monkeypatch.delenv(variable, raising=False)
    by_default = Settings()
    value = shown()[name]
    if value:
        monkeypatch.setenv(name, value)
        assert Settings() == by_default
    else:  # "none": there is no default, or one that depends on the machine
        field = settings()[name]
        assert field.default_factory is not None or field.default in (None, "", [], {}, SecretStr(""))


def test_no_line_is_active_so_that_a_copy_changes_nothing() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []
