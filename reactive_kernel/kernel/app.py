"""Starting the kernel process."""

from __future__ import annotations

import gc

from ipykernel.kernelapp import IPKernelApp

from reactive_kernel.kernel.kernel import ReactiveKernel

__all__ = ["main"]


def main() -> None:
    """Run a kernel until its client shuts it down; options come from ``sys.argv``."""
    # What was imported stays for good: no collection needs to look through it.
    gc.freeze()
    IPKernelApp.launch_instance(kernel_class=ReactiveKernel)
