"""What can go wrong with accounts."""

from taskapi.core.errors import Conflict, Forbidden


class UsernameTaken(Conflict):
    """Usernames differ by more than upper and lower case."""

    code, title = "username_taken", "Somebody has this username"


class RegistrationClosed(Forbidden):
    """Whoever runs this service makes the accounts: ask them."""

    code, title = "registration_closed", "Registration is closed"


class LastAdministrator(Conflict):
    """Somebody has to be able to undo this: make another active administrator first."""

    code, title = "last_administrator", "There would be no administrator left"
