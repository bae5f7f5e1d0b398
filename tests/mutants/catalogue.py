"""What is taken away, one thing at a time: grants, guards, the permissions they ask for, and conditions of visibility.

Grants, guards and permissions are found in the source, so that new ones are mutated unasked. Conditions are texts of
statements, listed in conditions.py; one that is no longer in its file stops the run until the list is true again.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from taskapi.core.access.permissions import GRANTS, Permission
from taskapi.models import ProjectRole
from tests.mutants.conditions import CONDITIONS

SOURCE = Path(__file__).parents[2] / "src"
_PERMISSIONS = "core/permissions.py"
_AFTER_GRANTS = "_RANKS: Final ="
_READS = {Permission.PROJECT_READ, Permission.MEMBER_READ, Permission.TASK_READ}
# Asks again what was asked before, for the role may have changed while this waited for a lock: only a race between
# real connections can tell, and tests/projects/members runs it.
_ASKED_AGAIN = "require(_own_role(standing, caller), Permission.PROJECT_TRANSFER)"


@dataclass(frozen=True)
class Mutant:
    name: str
    file: str
    start: int
    end: int
    text: str

    def of(self, source: str) -> str:
        return source[: self.start] + self.text + source[self.end :]


def mutants() -> list[Mutant]:
    return [*_grants(), *_guards(), *_weaker_permissions(), *_conditions()]


def _grants() -> Iterator[Mutant]:
    """Each grant taken away, and each that there is not given."""
    place = _read(_PERMISSIONS).index(_AFTER_GRANTS)
    for role in ProjectRole:
        for permission in sorted(GRANTS[ProjectRole.OWNER]):
            granted = permission in GRANTS[role]
            change = f"GRANTS[ProjectRole.{role.name}] {'-' if granted else '|'}= {{Permission.{permission.name}}}\n"
            name = f"{role} {'without' if granted else 'with'} {permission}"
            yield Mutant(f"grant: {name}", _PERMISSIONS, place, place, change)


def _guards() -> Iterator[Mutant]:
    for file, node, source in _nodes():
        if file == _PERMISSIONS or not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
            continue
        called, text = ast.unparse(node.value.func), ast.unparse(node)
        is_guard = called.rpartition(".")[2] in _guard_names()
        if is_guard and text != _ASKED_AGAIN:
            yield Mutant(f"guard: {file}:{node.lineno} {text}", file, *_span(source, node.value), "None")


def _guard_names() -> set[str]:
    tree = ast.parse(_read(_PERMISSIONS))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name[:7] == "require"}


def _weaker_permissions() -> Iterator[Mutant]:
    for file, node, source in _nodes():
        if not isinstance(node, ast.Attribute) or ast.unparse(node.value) != "Permission" or file == _PERMISSIONS:
            continue
        if Permission[node.attr] not in _READS and _line(source, node) != _ASKED_AGAIN:
            name = f"permission: {file}:{node.lineno} {node.attr} asks for PROJECT_READ"
            yield Mutant(name, file, *_span(source, node), "Permission.PROJECT_READ")


def _conditions() -> Iterator[Mutant]:
    for file, found, instead in CONDITIONS:
        source = _read(file)
        assert source.count(found) == 1, f"{file} holds {source.count(found)} times: {found}"
        start = source.index(found)
        where = f"{file}:{source.count(chr(10), 0, start) + 1}"
        yield Mutant(f"condition: {where} {' '.join(found.split())}", file, start, start + len(found), instead)


def _nodes() -> Iterator[tuple[str, ast.AST, str]]:
    for path in sorted((SOURCE / "taskapi").rglob("*.py")):
        source = path.read_text()
        for node in ast.walk(ast.parse(source)):
            yield str(path.relative_to(SOURCE / "taskapi")), node, source


def _span(source: str, node: ast.expr) -> tuple[int, int]:
    """Where a node begins and ends in a text; ast counts the bytes of each line."""
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    lines = source.splitlines(keepends=True)

    def offset(line: int, column: int) -> int:
        return sum(map(len, lines[: line - 1])) + len(lines[line - 1].encode()[:column].decode())

    return offset(node.lineno, node.col_offset), offset(node.end_lineno, node.end_col_offset)


def _line(source: str, node: ast.expr) -> str:
    return source.splitlines()[node.lineno - 1].strip()


def _read(file: str) -> str:
    return (SOURCE / "taskapi" / file).read_text()
