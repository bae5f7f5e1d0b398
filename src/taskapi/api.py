"""The sitemap: every router, hot ones first, for the framework looks from the top down.

Routes are put into the application itself, not included: an included router is matched twice for each request
(14 µs measured), and each level of nesting doubles that.
"""

from typing import Final

from fastapi import APIRouter, FastAPI

from taskapi.admin.jobs import router as jobs
from taskapi.analytics import router as analytics
from taskapi.analytics.flow import router as flow_of_work
from taskapi.analytics.shared import router as shared_charts
from taskapi.audit import router as audit
from taskapi.auth.api_tokens import router as api_tokens
from taskapi.auth.emails import router as emails
from taskapi.auth.identities import router as identities
from taskapi.auth.oidc import router as oidc
from taskapi.auth.recovery import router as recovery
from taskapi.auth.second_factor import router as totp
from taskapi.auth.sessions import router as sessions
from taskapi.auth.sign_in import router as sign_in
from taskapi.automation.rules import router as rules
from taskapi.automation.runs import router as rule_runs
from taskapi.automation.trying import router as rule_trials
from taskapi.changes import router as changes
from taskapi.changes.history import router as history
from taskapi.changes.reverting import router as reverting
from taskapi.changes.streams import router as streams
from taskapi.changes.sync import router as sync
from taskapi.exports import router as exports
from taskapi.health import router as health
from taskapi.imports import router as imports
from taskapi.notifications.inbox import router as inbox
from taskapi.notifications.preferences import router as notification_preferences
from taskapi.notifications.unsubscribing import router as unsubscribing
from taskapi.personal_data.deletion import router as deletion
from taskapi.personal_data.export import router as export
from taskapi.projects import router as projects
from taskapi.projects.copies import router as copies
from taskapi.projects.cycles import router as cycles
from taskapi.projects.fields import router as fields
from taskapi.projects.invitations import router as invitations
from taskapi.projects.labels import router as labels
from taskapi.projects.members import router as members
from taskapi.projects.milestones import router as milestones
from taskapi.projects.preferences import router as preferences
from taskapi.projects.share_links import router as share_links
from taskapi.projects.statuses import router as statuses
from taskapi.projects.templates import router as templates
from taskapi.search import router as search
from taskapi.tasks import router as tasks
from taskapi.tasks.applying import router as applying
from taskapi.tasks.attachments import router as attachments
from taskapi.tasks.attachments.shared import router as shared_attachments
from taskapi.tasks.batch import router as batch
from taskapi.tasks.bulk import router as bulk
from taskapi.tasks.checklist import router as checklist
from taskapi.tasks.comments import router as comments
from taskapi.tasks.comments.reactions import router as reactions
from taskapi.tasks.duplication import router as duplication
from taskapi.tasks.feeds import router as feeds
from taskapi.tasks.flow import router as flow
from taskapi.tasks.links import router as task_links
from taskapi.tasks.merging import router as merging
from taskapi.tasks.quick import router as quick
from taskapi.tasks.recurrence import router as recurrence
from taskapi.tasks.reminders import router as reminders
from taskapi.tasks.rolling_over import router as rolling_over
from taskapi.tasks.shared import router as shared_tasks
from taskapi.tasks.time_entries import router as time_entries
from taskapi.tasks.trash import router as trash
from taskapi.tasks.views import router as views
from taskapi.tasks.watchers import router as watchers
from taskapi.users import router as users
from taskapi.webhooks import router as webhooks
from taskapi.webhooks.deliveries import router as deliveries

ROUTERS: tuple[APIRouter, ...] = (
    tasks.routes,
    projects.routes,
    health.routes,
    flow.routes,
    comments.routes,
    reactions.routes,
    attachments.of_task,
    attachments.routes,
    watchers.routes,
    trash.routes,
    task_links.routes,
    checklist.routes,
    duplication.routes,
    merging.routes,
    views.routes,
    batch.routes,
    bulk.routes,
    quick.routes,
    search.routes,
    notification_preferences.routes,
    unsubscribing.routes,
    inbox.routes,
    statuses.routes,
    labels.routes,
    milestones.routes,
    cycles.routes,
    rolling_over.routes,
    fields.routes,
    templates.routes,
    applying.routes,
    preferences.routes,
    copies.routes,
    members.routes,
    members.ownership,
    invitations.routes,
    invitations.acceptance,
    share_links.routes,
    share_links.shared,
    shared_tasks.routes,
    shared_attachments.routes,
    recurrence.routes,
    reminders.routes,
    time_entries.routes,
    time_entries.own,
    sign_in.routes,
    users.registration,
    sessions.routes,
    oidc.routes,
    identities.routes,
    recovery.routes,
    emails.routes,
    emails.of_others,
    totp.routes,
    totp.of_others,
    api_tokens.routes,
    export.routes,
    deletion.routes,
    users.people,
    users.routes,
    changes.routes,
    history.routes,
    history.of_projects,
    reverting.routes,
    sync.routes,
    streams.routes,
    streams.sockets,
    webhooks.routes,
    deliveries.routes,
    jobs.routes,
    audit.routes,
    rules.routes,
    rules.writing,
    rule_runs.routes,
    rule_trials.routes,
    analytics.routes,
    analytics.own,
    flow_of_work.routes,
    flow_of_work.own,
    imports.of_project,
    imports.routes,
    exports.routes,
    feeds.routes,
    feeds.opened,
    shared_charts.routes,
)

# Anybody may post to these, and each costs a hash, a mail or an account: fewer of them a minute from one address.
COSTLY: Final = frozenset(
    f"/api/v1/auth/{name}"
    for name in (
        "register",
        "oidc/complete",
        "email/verify",
        "email/resend",
        "email/change/confirm",
        "email/change/undo",
        "password/forgot",
        "password/reset",
    )
)


def install(app: FastAPI) -> None:
    for router in ROUTERS:
        app.router.routes.extend(router.routes)
