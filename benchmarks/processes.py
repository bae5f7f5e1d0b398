"""What processes cost, read from Linux's /proc: CPU seconds of a tree, and resident memory."""

import os
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


def resident_megabytes(pid: int, *, peak: bool = False) -> float:
    field = "VmHWM:" if peak else "VmRSS:"
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    line = next(line for line in lines if line.startswith(field))
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
