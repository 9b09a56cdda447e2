"""What a fresh run gives for sure, whatever its folder held before.

A cell above the first writer of a file reads what it finds, so what it shows depends on
what had run before. Such cells, and all that follows from them, are told by running the
notebook several times, in folders that hold different things: they differ.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from tests.fresh.plain import PlainRun
from tests.kernel.screen import Output

__all__ = ["PATHS", "Promise", "promise"]

PATHS = ("u.txt", "v.txt", "sub/u.txt", "sub/v.txt")
"""The files that random notebooks read and write."""

CHANCE = b"7,found by chance\n"

FreshRun = Callable[[frozenset[tuple[str, bytes]]], PlainRun]


@dataclass(frozen=True, slots=True)
class Promise:
    """What all fresh runs show and leave alike.

    Parameters
    ----------
    outputs, namespace
        As of a plain run.
    unsure
        The cells and names that are not the same in all.
    written
        The files that a cell may have written.
    """

    outputs: Mapping[str, list[Output]]
    namespace: Mapping[str, str]
    unsure: frozenset[str] = frozenset()
    written: frozenset[str] = frozenset()


def promise(
    run: FreshRun, found: Mapping[str, bytes], also: Collection[str] = ()
) -> Promise:
    """Return what fresh runs in different folders have in common.

    Parameters
    ----------
    run
        Runs the notebook in a folder that holds some files. The same is asked twice.
    found
        The files that are there now. Those that no cell writes are always there.
    also
        Files that cells may have written which are not run here.
    """
    found = {path: content for path, content in found.items() if path in PATHS}
    written = frozenset(also) | {
        path
        for start in (dict.fromkeys(PATHS, CHANCE), {})
        for path, content in started(run, start).files.items()
        if content != start.get(path)
    }
    left = {path: found[path] for path in found.keys() - written}
    starts = [left, {**left, **dict.fromkeys(written, CHANCE)}, found]
    runs = [started(run, start) for start in (starts if written else [left])]
    return Promise(
        runs[-1].outputs,
        runs[-1].namespace,
        _unlike([r.outputs for r in runs]) | _unlike([r.namespace for r in runs]),
        written,
    )


def started(run: FreshRun, files: Mapping[str, bytes]) -> PlainRun:
    """Run the notebook in a folder that holds these files."""
    return run(frozenset(files.items()))


def _unlike(tables: Iterable[Mapping[str, object]]) -> frozenset[str]:
    first, *others = tables
    keys = first.keys() | {key for other in others for key in other}
    return frozenset(
        key for key in keys if any(first.get(key) != other.get(key) for other in others)
    )
