"""What a backup says of itself: by it restoring knows what it needs, and whether everything has come back."""

from datetime import datetime
from typing import Annotated, BinaryIO, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from taskapi.cli.backup import archive
from taskapi.cli.backup.archive import NotWhole

FORMAT: Final = 1


class Manifest(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    product: Literal["taskapi"] = "taskapi"
    format: Literal[1] = FORMAT
    taskapi: str
    """The version of the program that made the backup."""
    taken_at: datetime
    """When what it holds was true."""
    postgresql: int = Field(ge=1)
    """The major version of the server."""
    pg_dump: int = Field(ge=1)
    """The major version of the program that made the dump: no older one can read it."""
    db_schema: str
    """Where the tables are, beside those of the jobs."""
    revision: str
    """The migration that the tables are at."""
    settled: int = Field(ge=0)
    """Changes of smaller transactions are all in it, so that whoever had read no further can go on."""
    following: int = Field(ge=0)
    """No transaction that the log tells of has this number or a greater one."""
    tables: dict[Annotated[str, Field(pattern=r'^[a-z_"]+\.[a-z0-9_"]+$')], int]
    """How many rows each has."""
    secret_key: str | None
    """A fingerprint of the key that sealed what is sealed in it; the key itself is not in the backup."""

    @property
    def rows(self) -> int:
        return sum(self.tables.values())

    @classmethod
    def read(cls, source: BinaryIO) -> Self:
        """Of the archive's first member. Raises NotWhole."""
        first = next(archive.members(source))
        return cls.of(b"".join(first.chunks))

    @classmethod
    def of(cls, content: bytes) -> Self:
        try:
            found = from_json(content)
            is_ours = isinstance(found, dict) and found.get("product") == "taskapi"
            if is_ours and found.get("format") != FORMAT:
                raise NotWhole(f"its format is {found.get('format')!r}, and this program reads format {FORMAT}")
            return cls.model_validate(found)
        except (ValidationError, ValueError) as error:
            raise NotWhole("its manifest is not one of taskapi's") from error

    def written(self) -> bytes:
        return self.model_dump_json(indent=1).encode()
