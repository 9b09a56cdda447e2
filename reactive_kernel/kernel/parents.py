"""Whose message each output answers: the parent headers of reruns.

A client shows an output under the cell whose request is the output's parent, and it
keeps listening after the reply. So a rerun publishes under the header of the cell's own
last execute_request; the flat key ``cell_id`` in it tells a client that has lost that
request (after a reload, say) where the output belongs. A rerun that another client has
brought about goes out under a header that is made up for that one.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reactive_kernel.document import CellId

__all__ = ["Parents", "Request"]


@dataclass(frozen=True, slots=True)
class Request:
    """The last execute_request of a cell, or one that is made up.

    Parameters
    ----------
    ident
        The routing prefix of the client's shell socket; empty if made up.
    message
        The request as the kernel keeps it for a parent.
    count
        The execution count that the cell's last run is shown under.
    client
        The client session that sent it; None if made up.
    """

    ident: list[bytes]
    message: dict[str, Any]
    count: int
    client: str | None


class Parents:
    """The last request of each cell.

    Parameters
    ----------
    make_header
        Makes a fresh message header of a given type.
    """

    def __init__(self, make_header: Callable[[str], dict[str, Any]]) -> None:
        self._make_header = make_header
        self._requests: dict[CellId, Request] = {}

    def __contains__(self, cell: object) -> bool:
        return cell in self._requests

    def client(self, cell: CellId) -> str | None:
        """Return the client session that last asked for a cell, if one did."""
        request = self._requests.get(cell)
        return None if request is None else request.client

    def remember(
        self, cell: CellId, ident: list[bytes], parent: Mapping[str, Any], count: int
    ) -> None:
        """Keep a client's request as the parent of the cell's later reruns."""
        header = {**parent["header"], "cell_id": cell}
        self._requests[cell] = Request(
            ident, _message(header, parent["metadata"]), count, header.get("session")
        )

    def for_rerun(
        self, cell: CellId, next_count: int, client: str | None = None
    ) -> Request:
        """Return the request to publish a rerun under.

        Parameters
        ----------
        cell
            The cell that is rerun.
        next_count
            The execution count for a cell that no client ever asked for.
        client
            The client session to address, if it may be another than that which last
            asked for the cell.
        """
        if cell not in self._requests:
            self._requests[cell] = Request([], self._made_up(cell), next_count, None)
        request = self._requests[cell]
        if client in (None, request.client):
            return request
        message = self._made_up(cell)
        message["header"]["session"] = client
        return replace(request, ident=[], message=message)

    def _made_up(self, cell: CellId) -> dict[str, Any]:
        header = {
            **self._make_header("execute_request"),
            "msg_id": uuid.uuid4().hex,
            "cell_id": cell,
        }
        return _message(header, {"cellId": cell})


def _message(header: dict[str, Any], metadata: dict[str, Any]) -> dict[str, Any]:
    return {
        "header": header,
        "msg_id": header["msg_id"],
        "msg_type": "execute_request",
        "parent_header": {},
        "metadata": metadata,
        "content": {},
    }
