"""How much there is, and how much came and went."""
