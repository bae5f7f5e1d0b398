"""What can go wrong with accounts."""

from taskapi.core.errors import Conflict, Forbidden


class UsernameTaken(Conflict):
    code, title = "username_taken", "Somebody has this username"


class RegistrationClosed(Forbidden):
    code, title = "registration_closed", "Registration is closed"


class LastAdministrator(Conflict):
    code, title = "last_administrator", "There would be no administrator left"
