"""Who is in the demo, and what they are at: a website that moves, a product that launches, a house that needs care."""

from dataclasses import dataclass

from taskapi.models import Priority

NONE, LOW, MEDIUM, HIGH, URGENT = Priority
BACKLOG, TO_DO, DOING, DONE, DROPPED = "backlog", "todo", "in_progress", "done", "cancelled"


@dataclass(frozen=True, slots=True)
class Person:
    username: str
    full_name: str
    timezone: str

    @property
    def email(self) -> str:
        """At a domain that nobody can own (RFC 2606)."""
        return f"{self.username}@demo.example"


@dataclass(frozen=True, slots=True)
class Chore:
    title: str
    status: str = TO_DO
    priority: Priority = NONE
    to: tuple[str, ...] = ()
    due: int | None = None
    """In days from now; negative: it was due."""
    estimate: float | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Story:
    key: str
    name: str
    description: str
    color: str
    owner: str
    members: dict[str, str]
    chores: tuple[Chore, ...]


MAYA, JONAS, PRIYA, TOMAS = "maya", "jonas", "priya", "tomas"
PEOPLE = (
    Person(MAYA, "Maya Lindqvist", "Europe/Stockholm"),
    Person(JONAS, "Jonas Weber", "Europe/Vienna"),
    Person(PRIYA, "Priya Raman", "Asia/Kolkata"),
    Person(TOMAS, "Tomás Ferreira", "Europe/Lisbon"),
)

_SITE = (
    Chore("Take stock of every page and who reads it", DONE, MEDIUM, (PRIYA,), -21, 8),
    Chore("Agree on the three things a visitor should find first", DONE, HIGH, (MAYA, PRIYA), -18, 3),
    Chore("Choose a static site generator", DONE, MEDIUM, (JONAS,), -16, 5, "Astro won: islands, and plain Markdown."),
    Chore("Move the blog's 214 posts to Markdown", DONE, MEDIUM, (JONAS,), -9, 13),
    Chore(
        "Keep the old addresses alive with redirects",
        DOING,
        URGENT,
        (JONAS,),
        1,
        5,
        "Most of our visitors come from links that are ten years old.\n\n- [x] posts\n- [ ] tags\n- [ ] the old shop",
    ),
    Chore("Design the landing page for phones first", DOING, HIGH, (PRIYA,), 2, 8),
    Chore("Write the pricing page in plain words", DOING, HIGH, (MAYA,), 3, 3),
    Chore("Replace the stock photographs with our own", TO_DO, LOW, (PRIYA,), 12, 5),
    Chore(
        "Make every page readable with a screen reader",
        TO_DO,
        HIGH,
        (JONAS, PRIYA),
        6,
        8,
        "Test with NVDA and VoiceOver, not only with the linter.",
    ),
    Chore("Bring the home page under 200 kB", TO_DO, MEDIUM, (JONAS,), 8, 3),
    Chore("Ask five customers to find the return policy", TO_DO, MEDIUM, (MAYA,), 5, 2),
    Chore("Translate the site into Portuguese", BACKLOG, LOW, (TOMAS,), None, 13),
    Chore("Show opening hours that follow public holidays", BACKLOG, LOW, (), None, 5),
    Chore("Set up uptime monitoring for the new host", TO_DO, HIGH, (TOMAS,), 4, 1),
    Chore(
        "Renew the certificate of the old domain",
        TO_DO,
        URGENT,
        (TOMAS,),
        -1,
        1,
        "It ends this week, and the redirects need it.",
    ),
    Chore("Send the newsletter through the new provider", TO_DO, MEDIUM, (MAYA,), 14, 3),
    Chore("Add a search that works without JavaScript", BACKLOG, NONE, (), None, 8),
    Chore("Write down who may publish what", DONE, LOW, (MAYA,), -12, 1),
    Chore("Try the cookie banner of the agency", DROPPED, NONE, (JONAS,), None, None, "We set no cookies: no banner."),
    Chore("Turn off the old server", TO_DO, MEDIUM, (TOMAS,), 30, 1, "A month after the last redirect was checked."),
)
_APP = (
    Chore("Interview eight bicycle couriers about their day", DONE, HIGH, (MAYA, PRIYA), -40, 8),
    Chore("Sketch the delivery screen on paper", DONE, MEDIUM, (PRIYA,), -33, 3),
    Chore(
        "Decide what works without a network",
        DONE,
        HIGH,
        (JONAS, TOMAS),
        -30,
        5,
        "Reading everything, and confirming a delivery. The rest waits for a signal.",
    ),
    Chore("Sign in with the courier's badge", DONE, HIGH, (JONAS,), -14, 8),
    Chore("Show the next stop before it is asked for", DONE, MEDIUM, (JONAS,), -6, 5),
    Chore(
        "Keep a delivery confirmed in a tunnel from being lost",
        DOING,
        URGENT,
        (JONAS,),
        0,
        8,
        "Seen twice last week: the app was killed before it had sent the confirmation.",
    ),
    Chore("Make the confirm button large enough for gloves", DOING, HIGH, (PRIYA,), 1, 2),
    Chore("Halve what the map does to the battery", DOING, HIGH, (TOMAS,), 4, 8),
    Chore("Photograph the parcel where it was left", TO_DO, HIGH, (TOMAS,), 7, 5),
    Chore("Let the dispatcher swap two couriers' rounds", TO_DO, MEDIUM, (JONAS,), 10, 8),
    Chore("Warn of streets that are closed today", TO_DO, MEDIUM, (TOMAS,), 11, 5),
    Chore("Write the texts that the shop review will read", TO_DO, MEDIUM, (MAYA,), 9, 2),
    Chore(
        "Prepare the beta with twelve couriers in Lisbon",
        TO_DO,
        HIGH,
        (MAYA, TOMAS),
        13,
        5,
        "Six in Alfama, where the network is bad, six in Campo de Ourique, where it is good.",
    ),
    Chore("Get the privacy notice past the lawyer", TO_DO, HIGH, (MAYA,), -2, 2),
    Chore("Count crashes without counting people", TO_DO, MEDIUM, (JONAS,), 8, 3),
    Chore("Read addresses aloud while riding", BACKLOG, LOW, (PRIYA,), None, 8),
    Chore("Tell a customer when the courier is two stops away", BACKLOG, MEDIUM, (), None, 5),
    Chore("Dark colours after sunset", BACKLOG, LOW, (PRIYA,), None, 2),
    Chore("Rank couriers by speed", DROPPED, NONE, (MAYA,), None, None, "They asked us not to, and they are right."),
    Chore("Launch in the first city", TO_DO, URGENT, (MAYA,), 35, 3),
    Chore("Plan who answers the telephone on launch day", TO_DO, MEDIUM, (MAYA,), 28, 1),
    Chore("Thank the couriers of the beta with a dinner", BACKLOG, NONE, (MAYA,), 45, 1),
)
_HOME = (
    Chore("Find out where the water in the cellar comes from", DONE, URGENT, (TOMAS,), -10, 2),
    Chore(
        "Get three offers for the roof", DOING, HIGH, (TOMAS,), 3, 3, "Two are in; Almeida comes on Thursday at nine."
    ),
    Chore("Bleed the radiators on the second floor", TO_DO, MEDIUM, (PRIYA,), 6, 1),
    Chore("Read the meters and send the figures", TO_DO, HIGH, (TOMAS,), -3, 0.5),
    Chore("Book the chimney sweep", TO_DO, MEDIUM, (PRIYA,), 9, 0.5),
    Chore("Fix the light in the stairwell", DONE, HIGH, (TOMAS,), -5, 1),
    Chore(
        "Plant bulbs before the first frost", TO_DO, LOW, (PRIYA,), 15, 3, "Tulips by the wall, crocuses in the grass."
    ),
    Chore("Sort the tools in the shed", BACKLOG, LOW, (), None, 4),
    Chore("Repair the bicycle stand", BACKLOG, LOW, (TOMAS,), None, 2),
    Chore("Ask the neighbours about solar panels", TO_DO, MEDIUM, (TOMAS, PRIYA), 20, 2),
    Chore("Check the smoke detectors", TO_DO, URGENT, (PRIYA,), 0, 0.5),
    Chore("Empty the rain barrel", TO_DO, LOW, (), 18, 0.5),
    Chore("Oil the front door", DONE, NONE, (PRIYA,), -15, 0.5),
    Chore("Renew the house insurance", TO_DO, HIGH, (TOMAS,), 25, 1),
    Chore("Invite everybody to the summer party", BACKLOG, LOW, (PRIYA,), 60, 1),
    Chore("Measure the kitchen for new shelves", DOING, MEDIUM, (PRIYA,), 5, 1),
    Chore("Give the old sofa away", DROPPED, NONE, (TOMAS,), None, None, "The cat disagrees."),
    Chore("Write down which key opens what", TO_DO, LOW, (TOMAS,), None, 1),
)

STORIES = (
    Story(
        "SITE",
        "New website",
        "The old one is from 2014. Moves to Markdown and a static host before the autumn sale.",
        "#2f6feb",
        MAYA,
        {JONAS: "editor", PRIYA: "editor", TOMAS: "editor"},
        _SITE,
    ),
    Story(
        "RIDE",
        "Courier app",
        "Deliveries by bicycle, also where there is no network. Beta in Lisbon, then the world.",
        "#d9480f",
        MAYA,
        {JONAS: "admin", PRIYA: "editor", TOMAS: "editor"},
        _APP,
    ),
    Story(
        "HOME",
        "House and garden",
        "What the house on Rua das Flores needs, and who does it.",
        "#2b8a3e",
        TOMAS,
        {PRIYA: "editor", MAYA: "viewer"},
        _HOME,
    ),
)
