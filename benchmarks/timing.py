"""What a command costs as a process of its own, or some work within this one, and how several runs compare."""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

_Result = TypeVar("_Result")

# Linux counts memory in KiB, macOS in bytes (getrusage(2) of each).
_MEMORY_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """One run, from its start to its end: seconds by the clock, seconds of CPU (user and system), bytes of memory at the peak."""

    wall: float
    cpu: float
    peak: int


@dataclass(frozen=True, slots=True)
class Spread:
    """Several measurements of one thing."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Iterable[float]) -> "Spread":
        """The spread of at least one value."""
        numbers = list(values)
        return cls(statistics.median(numbers), min(numbers), max(numbers))


def run(command: Sequence[str | Path]) -> tuple[Cost, str]:
    """Run a command that must succeed; its cost, and what it printed.

    The peak is never below what the caller itself holds: a process starts as a copy of its parent.

    Raises:
        RuntimeError: it failed; with what it printed.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        process = subprocess.Popen(list(map(str, command)), stdout=output, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if process.returncode != 0:
            raise RuntimeError(f"{command[0]} ended with {process.returncode}: {(errors.read() or output.read()).decode()}")
        return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _MEMORY_UNIT), output.read().decode()


def timed(work: Callable[[], _Result]) -> tuple[_Result, Cost]:
    """Do some work in this process; what came of it, and its cost, whose peak is that of the whole process until now."""
    began, busy = time.perf_counter(), time.process_time()
    result = work()
    wall, cpu = time.perf_counter() - began, time.process_time() - busy
    return result, Cost(wall, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MEMORY_UNIT)


def alternate(rounds: int, contestants: Mapping[str, Callable[[], Cost]]) -> dict[str, list[Cost]]:
    """Let everyone run once a round, in turn: what disturbs the machine for a while disturbs them all."""
    costs: dict[str, list[Cost]] = {name: [] for name in contestants}
    for number in range(1, rounds + 1):
        for name, contestant in contestants.items():
            costs[name].append(contestant())
            print(f"round {number} of {rounds}: {name}, {costs[name][-1].wall:.2f} s", file=sys.stderr)
    return costs


def print_costs(costs: Mapping[str, Sequence[Cost]]) -> None:
    """A table of what everyone's runs cost, in Markdown."""
    print("| | wall, s: median (min to max) | CPU, s: median (min to max) | peak memory, MiB |")
    print("|---|---|---|---|")
    for name, runs in costs.items():
        wall, cpu = Spread.of(one.wall for one in runs), Spread.of(one.cpu for one in runs)
        print(f"| {name} | {_seconds(wall)} | {_seconds(cpu)} | {max(one.peak for one in runs) / 2**20:.0f} |")


def print_ratios(title: str, above: Sequence[Cost], below: Sequence[Cost]) -> None:
    """How many times as much `above` costs as `below`, round by round, in one line."""
    pairs = list(zip(above, below, strict=True))
    wall, cpu = Spread.of(one.wall / two.wall for one, two in pairs), Spread.of(one.cpu / two.cpu for one, two in pairs)
    print(f"{title}: wall {_seconds(wall)}, CPU {_seconds(cpu)}")


def _seconds(spread: Spread) -> str:
    return f"{spread.median:.2f} ({spread.least:.2f} to {spread.most:.2f})"
