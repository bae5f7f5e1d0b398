"""What happens outside of requests: jobs and errands of workers, who reads the change log, and what happens by itself.

And what happens inside of somebody else's: what follows when a member leaves, a status is removed, an account is taken
back.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Final

from taskapi.analytics.phases import reactions as phases_read
from taskapi.analytics.phases import service as phases
from taskapi.audit.seals import reactions as seals_made
from taskapi.audit.seals import service as seals
from taskapi.auth import limits, places
from taskapi.auth.api_tokens import service as api_tokens
from taskapi.auth.emails import jobs as emails
from taskapi.auth.reclaiming import service as reclaiming
from taskapi.auth.recovery import jobs as recovery
from taskapi.auth.sessions import service as sessions
from taskapi.automation.rules import service as rules
from taskapi.automation.runs import reactions as rules_acting
from taskapi.automation.runs import service as rule_runs
from taskapi.core.change_log import floor, readers
from taskapi.core.change_log.readers import LogReader
from taskapi.core.http import idempotency
from taskapi.core.mail import limits as mail_limits
from taskapi.core.mail import sending
from taskapi.core.secrets import one_time
from taskapi.core.storage.opening import storage_of
from taskapi.core.work import retention
from taskapi.core.work.errands import Errand
from taskapi.core.work.jobs import Job
from taskapi.core.work.sweeps import Sweep
from taskapi.imports import service as imports
from taskapi.imports.jobs import run_import
from taskapi.notifications import reactions as notifications
from taskapi.notifications.inbox.jobs import forget_notifications
from taskapi.notifications.mails import service as notification_mails
from taskapi.notifications.mails.jobs import send_notifications
from taskapi.notifications.schedules import service as schedules
from taskapi.projects import membership
from taskapi.projects import service as projects
from taskapi.projects.copies import service as copies
from taskapi.projects.cycles import service as cycles
from taskapi.projects.defaults import service as defaults
from taskapi.projects.fields import service as fields
from taskapi.projects.invitations import service as invitations
from taskapi.projects.labels import service as labels
from taskapi.projects.milestones import service as milestones
from taskapi.projects.share_links import service as share_links
from taskapi.projects.statuses import service as statuses
from taskapi.projects.templates import service as templates
from taskapi.settings import Settings
from taskapi.tasks import service as tasks
from taskapi.tasks.attachments import service as attachments
from taskapi.tasks.attachments.jobs import draw_previews, forget_files
from taskapi.tasks.checklist import service as checklist
from taskapi.tasks.comments import service as comments
from taskapi.tasks.copies import service as copied_tasks
from taskapi.tasks.departures import service as departures
from taskapi.tasks.feeds import service as feeds
from taskapi.tasks.links import service as task_links
from taskapi.tasks.merging import service as merging
from taskapi.tasks.recurrence import service as recurrence
from taskapi.tasks.reminders import service as reminders
from taskapi.tasks.templates import service as made_from_templates
from taskapi.tasks.time_entries import service as time_entries
from taskapi.tasks.trash import service as trash
from taskapi.tasks.views import service as views
from taskapi.tasks.watchers import service as watchers
from taskapi.webhooks import reactions as webhook_reactions
from taskapi.webhooks import service as webhooks
from taskapi.webhooks.deliveries import service as deliveries
from taskapi.webhooks.sending import service as hooks

JOBS: Final[tuple[Job[Any], ...]] = (
    sending.send_mail,
    recovery.send_reset_link,
    emails.resend_verification,
    send_notifications,
    forget_notifications,
    forget_files,
    run_import,
    draw_previews,
)

READERS: Final[tuple[LogReader, ...]] = (
    seals_made.SEALER,
    rules_acting.ACTING,
    notifications.READER,
    webhook_reactions.READER,
    phases_read.READER,
)

ERRANDS: Final[tuple[Errand[Any], ...]] = (
    Errand("webhooks", partial(hooks.take, failing=False), hooks.deliver, hooks.AT_ONCE),
    # Apart, so that requests that nobody answers never fill the places of the others.
    Errand("failing_webhooks", partial(hooks.take, failing=True), hooks.deliver, hooks.AT_ONCE),
)

SWEEPS: Final = (
    Sweep("idempotent_answers", timedelta(minutes=10), idempotency.sweep),
    Sweep("sign_in_failures", timedelta(minutes=10), limits.sweep),
    Sweep("known_places", timedelta(hours=1), places.sweep),
    Sweep("sessions", timedelta(hours=1), sessions.forget_sessions),
    Sweep("api_tokens", timedelta(hours=1), api_tokens.forget_tokens),
    Sweep("invitations", timedelta(hours=1), invitations.forget_invitations),
    Sweep("share_links", timedelta(minutes=5), share_links.tell_openings),
    Sweep("one_time_tokens", timedelta(hours=1), one_time.sweep),
    Sweep("mail_limits", timedelta(hours=1), mail_limits.sweep),
    Sweep("job_log", timedelta(hours=1), retention.forget_job_log),
    Sweep("trashed_tasks", timedelta(hours=1), trash.purge_expired),
    Sweep("trashed_projects", timedelta(hours=1), projects.purge_expired),
    Sweep("seals", timedelta(hours=1), seals.forget_old_seals),
    Sweep("rule_runs", timedelta(minutes=10), rule_runs.forget_old),
    Sweep("reminders", timedelta(seconds=15), schedules.remind),
    Sweep("due_dates", timedelta(minutes=1), schedules.tell_due),
    Sweep("due_notices", timedelta(hours=1), schedules.forget_notices),
    Sweep("notification_mails", timedelta(seconds=15), notification_mails.hand_over),
    Sweep("notifications", timedelta(hours=1), forget_notifications.enqueue),
    Sweep("files", timedelta(hours=1), forget_files.enqueue),
    Sweep("webhook_deliveries", timedelta(hours=1), deliveries.forget_deliveries),
    Sweep("webhook_secrets", timedelta(hours=1), webhooks.forget_old_secrets),
    Sweep("task_phases", timedelta(hours=1), phases.forget_of_purged_projects),
    Sweep("silent_imports", timedelta(minutes=1), imports.wake_silent),
)


def sweeps(settings: Settings) -> Sequence[Sweep]:
    """With those of stored files, and those that shorten the change log, where it is not to be kept for ever."""
    files = Sweep("import_files", timedelta(hours=1), partial(imports.forget_files, storage=storage_of(settings)))
    if settings.changes.keep_days is None:
        return (*SWEEPS, files)
    keep = timedelta(days=settings.changes.keep_days)
    return (
        *SWEEPS,
        files,
        Sweep("gone_readers", timedelta(hours=1), partial(readers.forget_gone, known=[one.name for one in READERS])),
        Sweep("change_log", timedelta(hours=1), partial(floor.forget_old, keep=keep)),
    )


ON_LEAVING: Final = (
    departures.unassign,
    departures.clear_person,
    defaults.forget_member,
    templates.forget_member,
    views.forget_of_leaver,
    watchers.end_watching,
    reminders.forget,
    time_entries.stop_of_member,
)
ON_STATUS_REMOVED: Final = (departures.move_out,)
ON_LABEL_REMOVED: Final = (departures.unlabel, templates.forget_label)
ON_MILESTONE_REMOVED: Final = (departures.leave_milestone,)
ON_CYCLE_REMOVED: Final = (departures.leave_cycle,)
ON_FIELD_REMOVED: Final = (departures.clear_field, templates.forget_field)
ON_TEMPLATE: Final = (copies.fill,)
ON_PROJECT_COPIED: Final = (copied_tasks.copy_tasks,)
ON_TASKS_COPIED: Final = (checklist.copy_all, task_links.copy_all, attachments.copy_all)
ON_RECURRING: Final = (recurrence.repeat,)
ON_REPEATED: Final = (reminders.pass_on, checklist.bring_again)
ON_CHECKLIST: Final = (checklist.begin,)
# Who hears of a task is told by its comments, so watchers come before them.
ON_MERGING: Final = (
    watchers.go_along,
    comments.go_along,
    time_entries.go_along,
    reminders.go_along,
    attachments.go_along,
)
ON_RECLAIMED: Final = (
    share_links.revoke_made_by,
    invitations.revoke_sent_by,
    webhooks.disable_written_by,
    rules.disable_written_by,
    feeds.end_made_by,
)


def connect() -> None:
    """Whatever process writes says this first: the domains below do not know who follows them."""
    membership.ON_LEAVING.connect(*ON_LEAVING)
    statuses.ON_REMOVING.connect(*ON_STATUS_REMOVED)
    tasks.ON_RECURRING.connect(*ON_RECURRING)
    recurrence.ON_REPEATED.connect(*ON_REPEATED)
    labels.ON_REMOVING.connect(*ON_LABEL_REMOVED)
    milestones.ON_REMOVING.connect(*ON_MILESTONE_REMOVED)
    cycles.ON_REMOVING.connect(*ON_CYCLE_REMOVED)
    projects.ON_TEMPLATE.connect(*ON_TEMPLATE)
    copies.ON_COPYING.connect(*ON_PROJECT_COPIED)
    copied_tasks.ON_TASKS_COPIED.connect(*ON_TASKS_COPIED)
    fields.ON_REMOVING.connect(*ON_FIELD_REMOVED)
    made_from_templates.ON_CHECKLIST.connect(*ON_CHECKLIST)
    merging.ON_MERGING.connect(*ON_MERGING)
    reclaiming.ON_RECLAIMED.connect(*ON_RECLAIMED)
