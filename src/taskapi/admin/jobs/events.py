"""Facts about what administrators did with jobs."""

from uuid import UUID

from taskapi.core.change_log.publish import Fact


def job_retried(job_id: int, name: str) -> Fact:
    return _fact("job.retried", job_id, name, ("failed", "queued"))


def job_discarded(job_id: int, name: str, state: str) -> Fact:
    return _fact("job.discarded", job_id, name, (state, None))


def _fact(kind: str, job_id: int, name: str, states: tuple[str, str | None]) -> Fact:
    """The engine counts its jobs; the log wants ids of one kind."""
    return Fact(kind, "job", UUID(int=job_id), {"state": states}, subject_key=f"{name} {job_id}")
