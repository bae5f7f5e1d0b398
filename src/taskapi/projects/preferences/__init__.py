"""How members see their list of projects: favourites, and an order of their own."""
