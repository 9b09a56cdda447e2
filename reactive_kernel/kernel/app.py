"""Starting the kernel process."""

from __future__ import annotations

from ipykernel.kernelapp import IPKernelApp

from reactive_kernel.kernel.kernel import ReactiveKernel

__all__ = ["main"]


def main() -> None:
    """Run a kernel until its client shuts it down; options come from ``sys.argv``."""
    IPKernelApp.launch_instance(kernel_class=ReactiveKernel)
