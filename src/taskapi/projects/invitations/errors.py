"""What can go wrong with invitations."""

from taskapi.core.errors import Conflict, Forbidden


class TooManyInvitations(Conflict):
    """Revoke some, or wait until they are accepted or expire."""

    code, title = "too_many_invitations", "The project has too many open invitations"


class InvitationForAnotherAddress(Forbidden):
    """Sign in with the account of the address that the invitation was sent to, or ask for one to yours."""

    code, title = "invitation_for_another_address", "This invitation was sent to another address"
