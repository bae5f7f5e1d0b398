"""How work flows: the reports, against an evaluator that replays every fact."""
