"""What processes cost, read from Linux's /proc: CPU seconds of a tree, and resident memory."""

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# Fields of /proc/<pid>/stat (proc_pid_stat(5)), counted from the one after the name, which may contain spaces.
_PARENT, _USER, _SYSTEM, _CHILDREN_USER, _CHILDREN_SYSTEM = 1, 11, 12, 13, 14


def cpu_seconds(pid: int) -> float:
    """CPU time of a process, its threads and all its descendants, those that have ended included."""
    stats = _all_stats()
    tree: set[int] = set()
    found = {pid}
    while found:
        tree |= found
        found = {child for child, fields in stats.items() if int(fields[_PARENT]) in tree} - tree
    used = (_USER, _SYSTEM, _CHILDREN_USER, _CHILDREN_SYSTEM)
    return sum(int(stats[member][field]) for member in tree & stats.keys() for field in used) / _TICKS_PER_SECOND


@dataclass(frozen=True, slots=True)
class Memory:
    """In megabytes."""

    resident: float
    proportional: float
    """Resident, but what is shared with other processes counts by its share."""
    peak: float


def memory(pid: int) -> Memory:
    status, rollup = Path(f"/proc/{pid}/status"), Path(f"/proc/{pid}/smaps_rollup")
    return Memory(_megabytes(status, "VmRSS:"), _megabytes(rollup, "Pss:"), _megabytes(status, "VmHWM:"))


def _megabytes(file: Path, field: str) -> float:
    line = next(line for line in file.read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) / 1024


def _all_stats() -> dict[int, list[str]]:
    stats = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "stat").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue  # it has just ended
            stats[int(entry.name)] = text.rpartition(") ")[2].split()
    return stats
