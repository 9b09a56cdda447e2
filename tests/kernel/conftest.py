"""Kernels and notebooks for the tests of the kernel as seen over the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.kernel.etiquette import Etiquette
from tests.kernel.kernels import RunningKernel
from tests.kernel.wire import Wire


class Shared:
    """One kernel for many tests: emptied between them, replaced if one broke it."""

    def __init__(self) -> None:
        self._kernel: RunningKernel | None = None
        self._janitor: Wire | None = None

    def fresh(self) -> RunningKernel:
        """Return a running kernel that holds no cell and no name of another test."""
        if self._kernel is not None and not self._emptied():
            self.stop()
        if self._kernel is None:
            self._kernel = RunningKernel()
            self._janitor = Wire(self._kernel)
        return self._kernel

    def _emptied(self) -> bool:
        assert self._kernel
        assert self._janitor
        if not self._kernel.alive:
            return False
        try:
            empty(self._janitor)
        except AssertionError:
            return False
        return True

    def stop(self) -> None:
        """End the kernel."""
        if self._janitor is not None:
            self._janitor.close()
            self._janitor = None
        if self._kernel is not None:
            self._kernel.stop()
            self._kernel = None


def empty(wire: Wire) -> None:
    """Delete every cell and every name."""
    wire.pump()
    wire.messages.clear()
    wire.etiquette = Etiquette(late_output=True)
    wire.open_comm()
    wire.send("configure", mode="auto")
    wire.send("notebook", cells=[], metadata={})
    wire.run(None, "%reset -f", silent=True)
    wire.settle()
    wire.close_comm()


@pytest.fixture(scope="module")
def _shared() -> Iterator[Shared]:
    shared = Shared()
    yield shared
    shared.stop()


@pytest.fixture
def tab(_shared: Shared) -> Iterator[Callable[[], Wire]]:
    """Open tabs, each a client with a session of its own, on one empty kernel."""
    kernel = _shared.fresh()
    logged = len(kernel.log())
    wires: list[Wire] = []

    def open_tab() -> Wire:
        wires.append(Wire(kernel))
        return wires[-1]

    yield open_tab
    for wire in wires:
        wire.close()
    assert "Traceback" not in kernel.log()[logged:], kernel.log()[logged:]


@pytest.fixture
def nb(tab: Callable[[], Wire]) -> Wire:
    """Return a notebook in an unmodified JupyterLab: no comm unless opened."""
    return tab()


@pytest.fixture
def own_kernel() -> Iterator[RunningKernel]:
    """Return a kernel that no other test uses."""
    kernel = RunningKernel()
    yield kernel
    kernel.stop()


@pytest.fixture
def alone(own_kernel: RunningKernel) -> Iterator[Wire]:
    """Return a notebook on a kernel of its own."""
    wire = Wire(own_kernel)
    yield wire
    wire.close()
