"""Starting the kernel process."""

from __future__ import annotations

import gc
from typing import Any, Final

from ipykernel.kernelapp import IPKernelApp

from reactive_kernel.kernel.kernel import ReactiveKernel

__all__ = ["main"]

_WAITING: Final = 100_000
"""Messages that may wait for a client that reads slowly; more are dropped.

ZeroMQ's default is 1,000, which a cascade of some hundred cells fills in half a second.
"""


class ReactiveApp(IPKernelApp):
    """The process: as ipykernel's, but it keeps what a client has not read yet."""

    def init_iopub(self, context: Any) -> None:
        """Make the socket for outputs and states."""
        context.sndhwm = _WAITING
        super().init_iopub(context)


def main() -> None:
    """Run a kernel until its client shuts it down; options come from ``sys.argv``."""
    # What was imported stays for good: no collection needs to look through it.
    gc.freeze()
    ReactiveApp.launch_instance(kernel_class=ReactiveKernel)
