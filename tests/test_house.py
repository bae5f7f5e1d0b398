"""The rules of the house that imports cannot show."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute

from taskapi.core.hooks import Hook
from taskapi.core.http.route import Route
from taskapi.main import create_app
from taskapi.settings import DatabaseSettings, Settings

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "taskapi"
CODE = sorted(SOURCE.rglob("*.py"))
MAX_LINES = 400
DOMAINS = (
    *("admin", "analytics", "audit", "auth", "automation", "changes", "exports", "health", "imports"),
    *("notifications", "personal_data", "projects", "search", "tasks", "users", "webhooks"),
)
# A domain package holds these, sub-packages with the same names, and nouns of pure logic.
FILES = {"__init__", "router", "schemas", "service", "queries", "events", "errors", "jobs", "reactions"}
NOUNS = {
    *("accounts", "callers", "codes", "dependencies", "holdings", "limits", "links", "membership", "places", "ranking"),
    *("attempts", "claims", "id_tokens", "progress", "providers", "starting"),
    *("references", "results"),
    *("drawing", "media_types", "names", "previews"),
    *("columns", "formats", "known", "own_fields", "parents", "pasts", "reader", "reading", "records"),
    *("rows", "sheet", "text", "texts"),
    *("audited", "chain", "comparison"),
    *("aside", "charts", "drawing", "period", "reports", "scope", "simulation", "tables"),
    *("folding",),
    *("delivery", "happenings", "wording"),
    *("conversation", "cursors", "hub", "items", "markers", "rights", "subscriptions"),
    *("dates", "mentions", "parsing", "phrases", "recurring"),
    *("archives", "aside", "documents", "extras", "histories", "lengths", "objects"),
    *("answers", "board", "card", "changelog", "flat", "issue", "log", "people", "projects", "task", "templates"),
    *("adf", "html", "prose", "wiki", "writing"),
    *("addresses", "schedule", "signing", "subscriptions"),
    *("cells", "entries", "kinds", "pages", "parts", "spool", "zones"),
    *("colors", "lines", "luggage", "reminders", "storing", "trial"),
    *(
        "access_paths",
        "ast",
        "change",
        "changing",
        "compile",
        "counts",
        "custom_fields",
        "expansions",
        "emoji",
        "fields",
        "grouping",
        "language",
        "meaning",
        "highlights",
        "moments",
        "occurrences",
        "options",
        "names",
        "parameters",
        "rule",
        "shapes",
        "sources",
        "standpoint",
        "statements",
        "values",
        "times",
    ),
}
NEVER = {"utils", "helpers", "common", "misc"}
PUBLIC = {
    "login",
    "token",
    "refresh",
    "register",
    "verify_email",
    "resend_verification",
    "confirm_email_change",
    "undo_email_change",
    "forgot_password",
    "reset_password",
    "list_oidc_providers",
    "start_oidc",
    "finish_oidc",
    "complete_oidc",
    "get_shared_chart",
    "get_shared_content",
    "get_shared_preview",
    "list_shared_attachments",
    "get_shared_project",
    "read_feed",
    "list_shared_tasks",
    "look_at_unsubscribe_link",
    "unsubscribe",
    "live",
    "ready",
    "health",
    "metrics",
}
# What no API token opens: the account itself, its sessions and tokens, and administration.
FOR_SESSIONS_ALONE = {
    "accept_invitation",
    "change_password",
    "confirm_totp",
    "create_rule",
    "create_feed",
    "create_token",
    "delete_feed",
    "delete_me",
    "delete_rule",
    "delete_user",
    "disable_totp",
    "disable_totp_of",
    "discard_job",
    "dry_run_rule",
    "dry_run_rule_wish",
    "end_session",
    "export_me",
    "get_audit_event",
    "get_feed",
    "get_identity",
    "get_job",
    "get_notification_preferences",
    "get_session",
    "get_token",
    "list_audit",
    "list_feeds",
    "list_identities",
    "list_jobs",
    "list_sessions",
    "list_tokens",
    "list_users",
    "logout",
    "logout_all",
    "renew_recovery_codes",
    "retry_job",
    "revoke_token",
    "sign_user_out",
    "start_totp",
    "undo_email_change_of",
    "unlink_identity",
    "update_me",
    "update_rule",
    "update_notification_preferences",
    "update_user",
    "validate_admin",
}
# What any token may ask, whatever its scopes.
FOR_ANY_TOKEN = {"create_ticket", "list_change_kinds", "list_changes", "stream_changes", "validate"}


def _relative(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def _calls(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


@pytest.mark.parametrize("path", CODE, ids=_relative)
def test_every_file_says_what_it_holds_and_ends_before_line_400(path: Path) -> None:
    text = path.read_text()
    assert ast.get_docstring(ast.parse(text)), "the file needs a sentence at its head"
    assert text.count("\n") < MAX_LINES


def test_only_the_database_module_and_the_route_commit() -> None:
    committing = {_relative(path) for path in CODE if any(call.endswith(".commit") for call in _calls(path))}
    # migrations.py ends the transaction that holds its advisory lock, servers.py what it does around the migrations;
    # transaction.py and limits.py own a session.
    assert committing <= {
        *("core/db/session.py", "core/db/database.py", "core/db/migrations.py", "core/db/servers.py"),
        *("core/http/transaction.py", "auth/limits.py"),
    }


def test_queries_are_values_that_wait_for_nothing() -> None:
    for path in CODE:
        if path.name == "queries.py":
            nodes = list(ast.walk(ast.parse(path.read_text())))
            assert not any(isinstance(node, ast.Await | ast.AsyncFunctionDef) for node in nodes), path


def test_sql_is_written_in_queries_alone() -> None:
    """In every domain; a mechanism of core, such as its jobs.py, is one file with all that belongs to it."""
    for path in CODE:
        if path.name in {"router.py", "service.py", "jobs.py", "reactions.py"} and "core" not in path.parts:
            sql = {"select", "insert", "update", "delete", "text", "prepare"} & set(_calls(path))
            assert not sql, f"{path} builds {sql}"


def test_only_routers_and_dependencies_know_the_web_framework() -> None:
    """In a domain, routers and the dependencies they share know it, and schemas its types; nothing else does."""
    for path in CODE:
        in_domain = path.relative_to(SOURCE).parts[0] in DOMAINS
        if in_domain and path.name not in {"router.py", "dependencies.py", "schemas.py"}:
            assert not re.search(r"^(?:from|import) (?:fastapi|starlette)", path.read_text(), re.MULTILINE), path


def test_http_exception_appears_nowhere_but_where_the_framework_raises_it() -> None:
    users = {_relative(path) for path in CODE if "HTTPException" in path.read_text()}
    assert users == {"core/http/error_handlers.py"}


def test_domain_packages_hold_the_eight_files_and_nouns() -> None:
    for domain in DOMAINS:
        for path in (SOURCE / domain).rglob("*.py"):
            assert path.stem in FILES | NOUNS, path
    assert not any(part in NEVER for path in CODE for part in (path.stem, path.parent.name))


def test_migrations_never_import_the_models() -> None:
    for path in (ROOT / "alembic" / "versions").glob("*.py"):
        assert "taskapi" not in path.read_text(), path


def test_only_the_token_and_password_modules_touch_their_libraries() -> None:
    for library, owner in (("jose", "core/secrets/tokens.py"), ("passlib", "core/secrets/passwords.py")):
        users = {
            _relative(path)
            for path in CODE
            if re.search(rf"^\s*(?:from|import) {library}\b", path.read_text(), re.MULTILINE)
        }
        assert users == {owner}


def test_only_the_storage_touches_the_files_of_people() -> None:
    users = {_relative(path) for path in CODE if re.search(r"(?:from|import) obstore\b", path.read_text())}
    assert users == {"core/storage/local.py", "core/storage/s3.py", "core/storage/storage.py"}


def test_the_repository_names_no_package_registry() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    hosts = ("python" + "hosted.org", "registry." + "npmjs", "//py" + "pi.org", "deb." + "debian.org")
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.is_file() and path.suffix not in {".png", ".gz"}:
            text = path.read_text(errors="replace")
            assert not any(host in text for host in hosts), name


def test_every_route_has_a_scope_or_is_named_as_one_for_sessions_alone() -> None:
    settings = Settings(database=DatabaseSettings(DATABASE_URL="postgresql://nobody@127.0.0.1:1/nowhere"))
    routes = [route for route in create_app(settings).routes if isinstance(route, Route)]
    closed = {route.name for route in routes if route.checks_scope and route.scope is None}
    unasked = {route.name for route in routes if not route.checks_scope}
    assert closed == FOR_SESSIONS_ALONE, "give its router a resource, or list it here"
    assert unasked == PUBLIC | FOR_ANY_TOKEN


def test_whoever_writes_has_connected_what_follows() -> None:
    """A member who leaves would stay assigned, and nobody would notice."""
    for hook in _hooks():
        hook.connect()
    create_app(Settings(database=DatabaseSettings(DATABASE_URL="postgresql://nobody@127.0.0.1:1/nowhere")))
    assert _hooks()
    for hook in _hooks():
        assert hook.is_connected, hook.when


@pytest.mark.parametrize("process", ["main.py", "worker.py", "cli/first_people.py"])
def test_every_process_that_writes_connects_what_follows(process: str) -> None:
    assert "background.connect" in set(_calls(SOURCE / process))


@pytest.mark.parametrize("process", ["serving.py", "working.py", "everything.py"])
def test_every_process_that_stays_raises_its_limit_of_open_files(process: str) -> None:
    assert "open_files.raise_limit" in set(_calls(SOURCE / "cli" / process))


async def test_what_nobody_was_connected_to_does_not_pass_in_silence() -> None:
    with pytest.raises(RuntimeError, match="connect"):
        await Hook[[]]("nothing follows")()


def _hooks() -> list[Hook[...]]:
    modules = [module for name, module in sys.modules.items() if name.startswith("taskapi.")]
    return [value for module in modules for value in vars(module).values() if isinstance(value, Hook)]


async def test_every_route_but_a_named_few_asks_who_is_there_first() -> None:
    """No token is a 401 whatever else is wrong with the request, and before the database is asked."""
    settings = Settings(database=DatabaseSettings(DATABASE_URL="postgresql://nobody@127.0.0.1:1/nowhere"))
    app = create_app(settings)
    routes = [route for route in app.routes if isinstance(route, APIRoute)]
    assert {route.name for route in routes} >= PUBLIC
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        for route in routes:
            if route.name in PUBLIC:
                continue
            for method in route.methods or ():
                path = re.sub(r"\{[^}]+\}", "no such thing", route.path)
                body = {"json": {"nonsense": 1}} if route.body_field else {}
                answer = await client.request(method, f"{path}?nonsense=1", **body)  # type: ignore[arg-type]
                assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized"), f"{method} {path}"
