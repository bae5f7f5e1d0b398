"""How somebody wants to be told, as clients write and read it."""

from typing import Annotated, Self

from pydantic import BaseModel, Field, StrictBool, StringConstraints, model_validator

from taskapi.core.fields import Input, Patch, example
from taskapi.models import EmailChoice, NotificationKind

_IN_APP = "Whether it comes into your inbox"
_EMAIL = "`now`: mailed within minutes; `digest`: in one mail a day with all others; `off`: not mailed"
_KINDS = "How you want to be told, by kind"
_QUIET = "While no mail is sent at once, in your time zone; null: at any time"
_DIGEST = "The hour at which the daily mail is sent, in your time zone; nothing to tell is no mail"
_WORDS = {
    NotificationKind.ASSIGNED: "A task was assigned to you",
    NotificationKind.MENTIONED: "Somebody mentioned you",
    NotificationKind.COMMENTED: "Somebody commented on a task that you watch",
    NotificationKind.STATUS_CHANGED: "A task that you watch entered another status",
    NotificationKind.DUE_SOON: "A task of yours is due within 24 hours",
    NotificationKind.OVERDUE: "A task of yours is overdue",
    NotificationKind.REMINDER: "You wanted to be reminded",
    NotificationKind.INVITED: "You were added or invited to a project",
    NotificationKind.RULE: "A rule of a project wants you to know of a task",
}
ClockTime = Annotated[str, StringConstraints(pattern=r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]$")]
DigestHour = Annotated[int, Field(strict=True, ge=0, le=23)]


class KindChange(Patch):
    """Of one kind; what is absent stays."""

    model_config = example(in_app=True, email="digest")

    in_app: StrictBool = Field(True, description=_IN_APP)
    email: EmailChoice = Field(EmailChoice.NOW, description=_EMAIL)


class KindPreference(BaseModel):
    """Of one kind."""

    in_app: bool = Field(description=_IN_APP, examples=[True])
    email: EmailChoice = Field(description=_EMAIL, examples=[EmailChoice.NOW])


class KindsUpdate(Patch):
    """Kinds that are absent stay as they are."""

    model_config = example(commented={"email": "now"}, status_changed={"in_app": False})

    assigned: KindChange = Field(KindChange(), description=_WORDS[NotificationKind.ASSIGNED])
    mentioned: KindChange = Field(KindChange(), description=_WORDS[NotificationKind.MENTIONED])
    commented: KindChange = Field(KindChange(), description=_WORDS[NotificationKind.COMMENTED])
    status_changed: KindChange = Field(KindChange(), description=_WORDS[NotificationKind.STATUS_CHANGED])
    due_soon: KindChange = Field(KindChange(), description=_WORDS[NotificationKind.DUE_SOON])
    overdue: KindChange = Field(KindChange(), description=_WORDS[NotificationKind.OVERDUE])
    reminder: KindChange = Field(KindChange(), description=_WORDS[NotificationKind.REMINDER])
    invited: KindChange = Field(KindChange(), description=_WORDS[NotificationKind.INVITED])
    rule: KindChange = Field(KindChange(), description=_WORDS[NotificationKind.RULE])


class KindsRead(BaseModel):
    """Every kind there is."""

    assigned: KindPreference = Field(description=_WORDS[NotificationKind.ASSIGNED])
    mentioned: KindPreference = Field(description=_WORDS[NotificationKind.MENTIONED])
    commented: KindPreference = Field(description=_WORDS[NotificationKind.COMMENTED])
    status_changed: KindPreference = Field(description=_WORDS[NotificationKind.STATUS_CHANGED])
    due_soon: KindPreference = Field(description=_WORDS[NotificationKind.DUE_SOON])
    overdue: KindPreference = Field(description=_WORDS[NotificationKind.OVERDUE])
    reminder: KindPreference = Field(description=_WORDS[NotificationKind.REMINDER])
    invited: KindPreference = Field(description=_WORDS[NotificationKind.INVITED])
    rule: KindPreference = Field(description=_WORDS[NotificationKind.RULE])


class QuietHours(Input):
    """From one time of the day to another, over midnight too."""

    model_config = example(**{"from": "22:00", "to": "07:00"})

    begin: ClockTime = Field(alias="from", description="When they begin", examples=["22:00"])
    to: ClockTime = Field(description="When they end, and what was held back is mailed", examples=["07:00"])

    @model_validator(mode="after")
    def _end_at_another_time(self) -> Self:
        if self.begin == self.to:
            raise ValueError("must end at another time than they begin; to be mailed nothing, turn kinds off")
        return self


class PreferencesUpdate(Patch):
    """Absent fields stay."""

    model_config = example(
        kinds={"commented": {"email": "now"}, "status_changed": {"in_app": False}},
        quiet_hours={"from": "22:00", "to": "07:00"},
        digest_hour=7,
    )

    kinds: KindsUpdate = Field(KindsUpdate(), description=_KINDS)
    quiet_hours: QuietHours | None = Field(None, description=_QUIET)
    digest_hour: DigestHour = Field(0, description=_DIGEST)


class PreferencesRead(BaseModel):
    """How you are told."""

    kinds: KindsRead = Field(description=_KINDS)
    quiet_hours: QuietHours | None = Field(description=_QUIET)
    digest_hour: int = Field(description=_DIGEST, examples=[8])
    version: int
