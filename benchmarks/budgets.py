"""Holds the figures of a run against `budgets.toml`."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

Figures = Mapping[str, float]
FILE = Path(__file__).with_name("budgets.toml")


@dataclass(frozen=True, slots=True)
class Budget:
    what: str
    figures: tuple[str, ...]
    but: tuple[str, ...]
    at_most: float
    unit: str

    def covers(self, name: str) -> bool:
        return _fits(name, self.figures) and not _fits(name, self.but)

    def within(self, value: float) -> bool:
        # A fraction of a round trip is the look-up of a caller who was not seen for seconds: no request's own.
        return (round(value) if self.unit == "" else value) <= self.at_most


@dataclass(frozen=True, slots=True)
class Judged:
    budget: Budget
    found: Figures
    """All figures that the budget is about."""

    @property
    def missed(self) -> dict[str, float]:
        return {name: value for name, value in self.found.items() if not self.budget.within(value)}

    @property
    def verdict(self) -> str:
        if not self.found:
            return "not measured"
        return "missed" if self.missed else "reached"


def read(file: Path = FILE) -> list[Budget]:
    budgets = tomllib.loads(file.read_text())["budget"]
    return [
        Budget(one["what"], tuple(one["figures"]), tuple(one.get("but", ())), one["at_most"], one["unit"])
        for one in budgets
    ]


def judge(budgets: Sequence[Budget], figures: Figures) -> list[Judged]:
    return [
        Judged(budget, {name: value for name, value in figures.items() if budget.covers(name)}) for budget in budgets
    ]


def _fits(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
