"""What the people of the demo are at: a website that moves, a product that launches, a house that needs care."""

from taskapi.seed.courier_app import COURIER_APP
from taskapi.seed.house import HOUSE
from taskapi.seed.website import WEBSITE

STORIES = (WEBSITE, COURIER_APP, HOUSE)
