"""Bodies that the document shows succeed as they stand; what needs no page to show that is sent from here."""

from typing import Any, Final

import httpx

from tests.support.factory import Factory, MadeProject

# In an order in which the steps before have made what the next one needs.
EXAMPLES: Final = (
    *("create_cycle", "create_milestone", "create_field", "create_checklist_item", "create_link", "create_reminder"),
    *("create_time_entry", "start_timer", "stop_timer", "start_timer", "stop_own_timer", "duplicate_task"),
    *("batch_tasks", "quick_add_task", "bulk_update_tasks", "create_view", "duplicate_project", "order_projects"),
    *("create_task_template", "apply_task_template", "merge_task"),
)
# Each asks for the id of something that was made before, or for a task that comes again.
NEED_AN_ID: Final = ("roll_cycle_over", "convert_checklist_item", "skip_occurrence")


async def test_they_succeed_one_after_the_other(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    for title in ("Write the announcement", "Read it once more"):
        await make.task(web, title)
    document = (await owner.get("/openapi.json")).json()
    posts = {
        operations["post"]["operationId"]: (path, operations["post"])
        for path, operations in document["paths"].items()
        if "post" in operations
    }
    made = ""  # by the step before: an id in a path is its
    for name in EXAMPLES:
        path, operation = posts[name]
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "path":
                is_id = parameter["schema"].get("format") == "uuid"
                path = path.replace(f"{{{parameter['name']}}}", made if is_id else _example(parameter))
        answer = await owner.post(path, json=_body(document, operation))
        assert answer.is_success, (name, answer.text)
        made = answer.json().get("id", "") if answer.content else ""


def _example(parameter: dict[str, Any]) -> str:
    found = parameter.get("example") or parameter.get("schema", {}).get("examples", [None])[0]
    assert isinstance(found, str), parameter
    return found


def _body(document: dict[str, Any], operation: dict[str, Any]) -> Any:
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return None
    return document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["examples"][0]
