"""Finds in a source text what stands between somebody and what is not theirs, whatever the file and its layout.

In SQL these are the arguments of `.where()` and `and_()`, what joins join on, and the conditions that a function
returns; in Python the questions who is asking. A condition is not cut out but made true, with its parameters in
place: a mutant must not be noticed only because a statement lacks the name of a value.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

_ALL_OF = {"where", "having", "and_"}
_JOINS = {"join": 1, "outerjoin": 1}
_SQL = '__import__("sqlalchemy")'
_TRUE = f'{_SQL}.or_({{}}, {_SQL}.literal_column("true"))'
_EACH_TRUE = f"*[{_TRUE.format('each')} for each in ({{}})]"
# What a caller is, and what narrows an API token: without it, it is a session's or may do everything.
_STANDING = {"is_admin"}
_NARROWING = {"token_id", "scopes", "project_ids"}


@dataclass(frozen=True)
class Found:
    """A part of a source text, and what stands there in the mutant."""

    kind: str
    line: int
    start: int
    end: int
    text: str
    instead: str

    def of(self, source: str) -> str:
        return source[: self.start] + self.instead + source[self.end :]


def conditions(source: str) -> Iterator[Found]:
    """Of statements, in the order of the text; none in a file that builds no SQL."""
    tree = ast.parse(source)
    if not any(isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy") for node in tree.body):
        return
    taken = {id(node): node for node in _arguments(tree)}
    used = {node.id for node in taken.values() if isinstance(node, ast.Name)}
    taken |= {id(node): node for node in _values(tree, used)}
    for node in sorted(taken.values(), key=lambda node: (node.lineno, node.col_offset)):
        if isinstance(node, ast.Starred):
            yield found("condition", source, node, _EACH_TRUE.format(_text(source, node.value)))
        else:
            yield found("condition", source, node, _TRUE.format(_text(source, node)))


def questions(source: str) -> Iterator[Found]:
    """Of Python: whether it is an administrator, whether a token is narrowed, how far somebody reaches."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in _STANDING and isinstance(node.ctx, ast.Load):
            yield found("question", source, node, "True")
        elif isinstance(node, ast.Compare) and len(node.ops) == 1:
            if _asks_whether_narrowed(node):
                yield found("question", source, node, "True")
            elif _is_of(node.comparators[0], "Reach"):
                yield found("question", source, node, "False")
        elif isinstance(node, ast.IfExp) and _constants(node) == {"read", "write"}:
            yield found("question", source, node, '"read"')


def calls(source: str, names: set[str]) -> Iterator[Found]:
    """Statements that only call one of these: guards, which answer by raising."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr):
            call = node.value.value if isinstance(node.value, ast.Await) else node.value
            if isinstance(call, ast.Call) and called(call) in names:
                yield found("guard", source, node.value, "None")


def permissions(source: str, spared: set[str], weakest: str) -> Iterator[Found]:
    """Permissions that are asked for, and the weakest one in their place."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and _is_of(node, "Permission") and node.attr not in spared:
            yield found("permission", source, node, f"Permission.{weakest}")


def found(kind: str, source: str, node: ast.expr, instead: str) -> Found:
    start, end = _span(source, node)
    return Found(kind, node.lineno, start, end, ast.unparse(node), instead)


def called(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def _arguments(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = called(node)
            if name in _ALL_OF:
                given = node.args
            elif name in _JOINS and isinstance(node.func, ast.Attribute):
                given = [*node.args[_JOINS[name] :], *(word.value for word in node.keywords if word.arg == "onclause")]
            else:
                continue
            yield from (each for each in given if not _is_all_of(each))


def _values(tree: ast.AST, used: set[str]) -> Iterator[ast.expr]:
    """Conditions that are returned, or have a name that no statement of the file takes as it is."""
    for node in ast.walk(tree):
        value = node.value if isinstance(node, ast.Return | ast.Assign | ast.AnnAssign) else None
        if value is None or not _compares_columns(value):
            continue
        targets = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
        if not used.intersection(ast.unparse(target) for target in targets):
            yield value


def _is_all_of(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and called(node) == "and_"


def _compares_columns(node: ast.expr) -> bool:
    """`Task.id == …`, `member.user_id == bindparam(…)`, `Task.deleted_at.is_(None)`; not `by == ById.by`."""
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        has_value = any(isinstance(side, ast.Call) and called(side) in {"bindparam", "any_"} for side in sides)
        return has_value or all(isinstance(side, ast.Attribute) for side in sides)
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"is_", "is_not"}


def _asks_whether_narrowed(node: ast.Compare) -> bool:
    (operation,), (other,) = node.ops, node.comparators
    if isinstance(operation, ast.Is):
        is_none = isinstance(other, ast.Constant) and other.value is None
        return is_none and isinstance(node.left, ast.Attribute) and node.left.attr in _NARROWING
    return isinstance(operation, ast.In) and isinstance(other, ast.Attribute) and other.attr in _NARROWING


def _is_of(node: ast.expr, owner: str) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == owner


def _constants(node: ast.IfExp) -> set[object]:
    return {branch.value for branch in (node.body, node.orelse) if isinstance(branch, ast.Constant)}


def _text(source: str, node: ast.expr) -> str:
    start, end = _span(source, node)
    return source[start:end]


def _span(source: str, node: ast.expr) -> tuple[int, int]:
    """Where a node begins and ends in a text; ast counts the bytes of each line."""
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    lines = source.splitlines(keepends=True)

    def offset(line: int, column: int) -> int:
        return sum(map(len, lines[: line - 1])) + len(lines[line - 1].encode()[:column].decode())

    return offset(node.lineno, node.col_offset), offset(node.end_lineno, node.end_col_offset)
