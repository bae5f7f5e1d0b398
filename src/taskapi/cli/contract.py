"""`taskapi openapi`: the contract as a file, the same on every machine."""

import json
from pathlib import Path

import typer

from taskapi.core.refused import Refused
from taskapi.main import create_app
from taskapi.settings import DatabaseSettings, SecuritySettings, Settings

# Nothing in the contract depends on a setting; these are only needed to build an application.
_NOWHERE = "postgresql+asyncpg://nobody@nowhere/nothing"


def write(output: Path | None) -> None:
    if output is None:
        typer.echo(document(), nl=False)
        return
    try:
        output.write_text(document(), encoding="utf-8")
    except OSError as error:
        raise Refused(f"cannot write {output}: {error.strerror}", exit_code=1) from error


def document() -> str:
    settings = Settings.model_construct(
        database=DatabaseSettings.model_construct(url=_NOWHERE),
        security=SecuritySettings.model_construct(),
    )
    return json.dumps(create_app(settings).openapi(), indent=2, ensure_ascii=False) + "\n"
