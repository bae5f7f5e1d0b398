"""A house that needs care: some of it every year again."""

from taskapi.seed.people import MAYA, PRIYA, TOMAS
from taskapi.seed.shapes import BACKLOG, DOING, DONE, DROPPED, HIGH, LOW, MEDIUM, NONE, TO_DO, URGENT, Chore, Story

_CHORES = (
    Chore("Find out where the water in the cellar comes from", DONE, URGENT, (TOMAS,), -10, 2),
    Chore(
        "Get three offers for the roof",
        DOING,
        HIGH,
        (TOMAS,),
        3,
        3,
        "Two are in; Almeida comes on Thursday at nine.",
        labels=("outside",),
        said=(
            (TOMAS, "Silva: 8,400. Costa: 11,200, with the gutter. @maya what did yours cost?"),
            (PRIYA, "The gutter has to be done anyway."),
        ),
        relates_to=("Find out where the water in the cellar comes from",),
    ),
    Chore("Bleed the radiators on the second floor", TO_DO, MEDIUM, (PRIYA,), 6, 1),
    Chore(
        "Read the meters and send the figures",
        TO_DO,
        HIGH,
        (TOMAS,),
        -3,
        0.5,
        comes_again="FREQ=MONTHLY",
        labels=("every year again",),
        steps=(("Water", False), ("Electricity", False), ("Gas", False)),
    ),
    Chore(
        "Book the chimney sweep",
        TO_DO,
        MEDIUM,
        (PRIYA,),
        9,
        0.5,
        comes_again="FREQ=YEARLY",
        labels=("every year again",),
    ),
    Chore("Fix the light in the stairwell", DONE, HIGH, (TOMAS,), -5, 1),
    Chore(
        "Plant bulbs before the first frost",
        TO_DO,
        LOW,
        (PRIYA,),
        15,
        3,
        "Tulips by the wall, crocuses in the grass.",
        labels=("outside",),
        steps=(("Tulips", False), ("Crocuses", False)),
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

HOUSE = Story(
    "HOME",
    "House and garden",
    "What the house on Rua das Flores needs, and who does it.",
    "#2b8a3e",
    TOMAS,
    {PRIYA: "editor", MAYA: "commenter"},
    _CHORES,
    labels={"outside": "#0e8a16", "every year again": "#bf8700"},
)
