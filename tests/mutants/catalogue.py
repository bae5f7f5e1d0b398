"""What is taken away, one thing at a time, wherever it is in the source: nothing is listed but the exceptions."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from taskapi.core.access.permissions import GRANTS
from taskapi.models import ProjectRole
from tests.mutants import conditions
from tests.mutants.conditions import Found
from tests.mutants.exceptions import EQUIVALENT

PACKAGE = Path(__file__).parents[2] / "src" / "taskapi"
_READS = {"PROJECT_READ", "MEMBER_READ", "TASK_READ"}
_WEAKEST = "PROJECT_READ"
# Programs for a shell, tables and the demo stand between nobody and anything.
_LEFT_OUT = {"cli", "models", "seed", "embedded"}


@dataclass(frozen=True)
class Mutant:
    name: str
    file: str
    start: int
    end: int
    text: str

    @property
    def kind(self) -> str:
        return self.name.partition(":")[0]

    def of(self, source: str) -> str:
        return source[: self.start] + self.text + source[self.end :]


def mutants(package: Path = PACKAGE) -> list[Mutant]:
    sources = {path.relative_to(package).as_posix(): path.read_text() for path in sorted(package.rglob("*.py"))}
    guards = _guards(sources.values())
    found = [
        Mutant(f"{each.kind}: {file}:{each.line} {each.text}", file, each.start, each.end, each.instead)
        for file, source in sources.items()
        if not _LEFT_OUT.intersection(Path(file).parts)
        for each in _found(source, guards)
        if each.text not in EQUIVALENT
    ]
    return [*_grants(sources), *found]


def _found(source: str, guards: set[str]) -> Iterator[Found]:
    yield from conditions.conditions(source)
    yield from conditions.questions(source)
    yield from conditions.calls(source, guards)
    if not _defines(source, "Permission"):
        yield from conditions.permissions(source, _READS, _WEAKEST)


def _guards(sources: Iterable[str]) -> set[str]:
    """Functions that answer by raising, by the first word of their names; and the one that leaves a fact."""
    names = {
        node.name
        for source in sources
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    return {name for name in names if name.lstrip("_").startswith(("require", "leave_fact"))}


def _grants(sources: dict[str, str]) -> Iterator[Mutant]:
    """Each grant taken away, and each that there is not given."""
    (file,) = (file for file, source in sources.items() if _defines(source, "Permission"))
    place = _after(sources[file], "GRANTS")
    for role in ProjectRole:
        for permission in sorted(GRANTS[ProjectRole.OWNER]):
            granted = permission in GRANTS[role]
            change = f"\nGRANTS[ProjectRole.{role.name}] {'-' if granted else '|'}= {{Permission.{permission.name}}}\n"
            name = f"{role} {'without' if granted else 'with'} {permission}"
            yield Mutant(f"grant: {name}", file, place, place, change)


def _defines(source: str, name: str) -> bool:
    return any(isinstance(node, ast.ClassDef) and node.name == name for node in ast.parse(source).body)


def _after(source: str, name: str) -> int:
    """Where the line ends on which this name has got its value."""
    for node in ast.parse(source).body:
        targets = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
        if name in map(ast.unparse, targets):
            return sum(map(len, source.splitlines(keepends=True)[: node.end_lineno]))
    raise LookupError(name)
