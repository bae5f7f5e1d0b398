"""What can go wrong with seeing to jobs."""

from taskapi.core.errors import Conflict


class JobNotFailed(Conflict):
    code, title = "job_not_failed", "The job has not failed"


class JobRunning(Conflict):
    code, title = "job_running", "The job is being done at this moment"
