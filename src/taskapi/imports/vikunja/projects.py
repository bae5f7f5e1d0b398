"""What tasks refer to: the buckets of boards, and their projects."""

from dataclasses import dataclass
from typing import Any

from taskapi.imports import texts
from taskapi.imports.aside import Aside
from taskapi.imports.known import meaning_of
from taskapi.imports.objects import Object
from taskapi.models import StatusCategory


@dataclass(frozen=True, slots=True)
class Bucket:
    title: str
    is_done: bool


@dataclass(slots=True)
class Projects:
    kept: Aside

    def title(self, project_id: str | None) -> str | None:
        """Where there are several with tasks, so that each task is labelled with its own."""
        if project_id is None or self.kept.count("project") < 2:  # noqa: PLR2004 - several
            return None
        return _title(self.kept.one("project", project_id))

    def bucket(self, task: Object) -> Bucket | None:
        """That of the first board on which the task stands; older exports name it in the task."""
        placed = [Object(0, said) for said in self.kept.of("in bucket", task.id("id") or "")]
        ids = [place.id("bucket_id") for place in placed] or [task.id("bucket_id")]
        for bucket_id in ids:
            found = self.kept.one("bucket", bucket_id) if bucket_id else None
            title = _title(found)
            if title and isinstance(found, dict):
                return Bucket(title, self._is_done(Object(0, found), title))
        return None

    def _is_done(self, bucket: Object, title: str) -> bool:
        if bucket.flag("is_done_bucket") or meaning_of(title) is StatusCategory.DONE:
            return True
        view = self.kept.one("view", bucket.id("project_view_id") or "")
        return isinstance(view, dict) and bucket.id("id") == Object(0, view).id("done_bucket_id")


def _title(found: Any) -> str | None:  # noqa: ANN401 - whatever JSON says
    return texts.name(Object(0, found).text("title") or "") or None if isinstance(found, dict) else None
