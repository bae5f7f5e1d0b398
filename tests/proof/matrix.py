"""Reads access_matrix.yaml: for each route, persona and kind of ids the answer that is right."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx

from tests.proof.requests import Operation
from tests.proof.world import Kind, Persona
from tests.support.answers import problem

_FILE = Path(__file__).parents[1] / "access_matrix.yaml"


@dataclass(frozen=True)
class Line:
    """What the matrix says of one route."""

    route: str
    permission: str | None
    answers: dict[Kind, dict[Persona, str]]

    def check(self, operation: Operation, persona: Persona, kind: Kind, answer: httpx.Response) -> str | None:
        """What is wrong with an answer."""
        expected = self.answers[kind][persona]
        if expected == "ok":
            found: object = answer.status_code
            return None if found == operation.success else _told(persona, kind, operation.success, answer)
        wanted = {"scope": (403, "insufficient_scope"), "403": (403, "forbidden")}.get(expected)
        status, code = problem(answer)
        if (status, code) != wanted if wanted else status != int(expected):
            return _told(persona, kind, expected, answer)
        if expected == "403" and (self.permission is None or self.permission not in answer.json()["detail"]):
            return _told(persona, kind, f"a refusal that names {self.permission}", answer)
        return None


def _told(persona: Persona, kind: Kind, expected: object, answer: httpx.Response) -> str:
    return f"{persona} with ids that are {kind}: {expected} was expected, not {answer.status_code} {answer.text[:300]}"


def read() -> dict[str, Line]:
    groups: dict[str, dict[str, Any]] = import_module("yaml").safe_load(_FILE.read_text())  # which has no types
    lines: dict[str, Line] = {}
    for group in groups.values():
        answers = {kind: dict(zip(Persona, map(str, group[kind]), strict=True)) for kind in Kind if kind.value in group}
        for route in group["routes"]:
            assert route not in lines, f"{route} is listed twice"
            lines[route] = Line(route, group.get("permission"), answers)
    return lines
