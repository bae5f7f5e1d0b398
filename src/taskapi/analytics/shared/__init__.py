"""Charts for whoever has a share link: in a README, a wiki, on a wall."""
