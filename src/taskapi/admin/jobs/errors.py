"""What can go wrong with seeing to jobs."""

from taskapi.core.errors import Conflict


class JobNotFailed(Conflict):
    """Only jobs that were given up are tried again by hand; the others are still being tried."""

    code, title = "job_not_failed", "The job has not failed"


class JobRunning(Conflict):
    """Wait until it has ended; a worker cannot be told to drop what it is doing."""

    code, title = "job_running", "The job is being done at this moment"
