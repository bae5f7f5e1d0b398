"""What `taskapi doctor` found of one thing."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    ok: bool
    detail: str
    remedy: str | None = None

    @classmethod
    def of(cls, check: str, *, ok: bool, detail: str, remedy: str) -> Self:
        return cls(check, ok, detail, None if ok else remedy)

    @classmethod
    def refused(cls, check: str, line: str) -> Self:
        """Of a line that names what is wrong, and after a colon what to do."""
        what, _, remedy = line.partition(": ")
        return cls(check, ok=False, detail=what, remedy=remedy)
