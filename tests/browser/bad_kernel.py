"""Our kernel, but with manners that the extension must survive; run by test_bad_kernels.

The last argument says which. It is started by its path, with our package on the path.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from ipykernel.kernelapp import IPKernelApp

from reactive_kernel.kernel import protocol
from reactive_kernel.kernel.kernel import ReactiveKernel

HOSTILE = '<img src=x onerror="window.hacked = 1">\'"&__proto__'


class OtherProtocol(ReactiveKernel):
    """Speaks a protocol of the future."""

    def _send_comm(self, comm_id: str, data: dict[str, object]) -> None:
        answer = protocol.error_message("this kernel speaks protocol 2, not 1")
        super()._send_comm(comm_id, answer)


class Malformed(ReactiveKernel):
    """Sends states without sense."""

    def _send_comm(self, comm_id: str, data: dict[str, object]) -> None:
        super()._send_comm(comm_id, {**data, "cells": [["no", "object"]]})


class Lapse(ReactiveKernel):
    """Sends one malformed state, and skips another."""

    sent = 0

    def _send_comm(self, comm_id: str, data: dict[str, object]) -> None:
        self.sent += 1
        if self.sent == 3:
            super()._send_comm(comm_id, {"type": "state", "revision": "odd"})
        elif self.sent != 5:
            super()._send_comm(comm_id, data)


class Hostile(ReactiveKernel):
    """Tells of cells that do not exist, under names that are markup."""

    def _send_comm(self, comm_id: str, data: dict[str, Any]) -> None:
        cells = {id: hostile(cell) for id, cell in data.get("cells", {}).items()}
        known = next(iter(cells.values()), None)
        if known is not None:
            cells[HOSTILE] = cells["gone"] = known
        if "order" in data:
            data = {**data, "order": [HOSTILE, *data["order"], "gone", "never"]}
        removed = [*data.get("removed", []), "never", HOSTILE + "2"]
        super()._send_comm(comm_id, {**data, "cells": cells, "removed": removed})


def hostile(cell: dict[str, Any]) -> dict[str, Any]:
    """Return a cell whose every text is markup."""
    return {
        **cell,
        "defines": [*cell["defines"], HOSTILE],
        "uses": {**cell["uses"], HOSTILE: "gone"},
        "reasons": [{"kind": HOSTILE, "cell": "gone", "names": [HOSTILE]}],
        "diagnostics": [
            {
                "code": HOSTILE,
                "severity": "warning",
                "message": HOSTILE,
                "range": [99, 0, 99, 9],
            }
        ],
    }


class Dies(ReactiveKernel):
    """Dies in the middle of telling a change, once."""

    def _send_comm(self, comm_id: str, data: dict[str, object]) -> None:
        super()._send_comm(comm_id, data)
        if "x = 13" in str(self.reactive.document):
            os._exit(1)


if __name__ == "__main__":
    kinds = {kind.__name__: kind for kind in ReactiveKernel.__subclasses__()}
    IPKernelApp.launch_instance(kernel_class=kinds[sys.argv.pop()])
