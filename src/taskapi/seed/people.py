"""Who is in the demo."""

from taskapi.seed.shapes import Person

MAYA, JONAS, PRIYA, TOMAS = "maya", "jonas", "priya", "tomas"
PEOPLE = (
    Person(MAYA, "Maya Lindqvist", "Europe/Stockholm"),
    Person(JONAS, "Jonas Weber", "Europe/Vienna"),
    Person(PRIYA, "Priya Raman", "Asia/Kolkata"),
    Person(TOMAS, "Tomás Ferreira", "Europe/Lisbon"),
)
