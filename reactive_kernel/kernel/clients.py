"""Which client the outputs of a rerun are addressed to.

A client takes what answers its own request, as long as it remembers that request, and
passes over answers to others. Clients with our comm also look at the key ``cell_id`` of
the parent header (`parents`); where several of them share one document, only the one that
is addressed writes the output into it.
"""

from __future__ import annotations

__all__ = ["Clients"]


class Clients:
    """The sessions of clients: who has the comm open, and who was heard last."""

    def __init__(self) -> None:
        self.last: str | None = None
        """The session of the latest message that can make cells run."""
        self._comms: dict[str, str | None] = {}

    def __bool__(self) -> bool:
        return bool(self._comms)

    def __contains__(self, session: object) -> bool:
        return session in self._comms.values()

    @property
    def comms(self) -> tuple[str, ...]:
        """The ids of the open comms."""
        return tuple(self._comms)

    def open(self, comm_id: str, session: str | None) -> None:
        """Note that a client opened the comm."""
        self._comms[comm_id] = session
        self.last = session

    def close(self, comm_id: str) -> None:
        """Note that a client closed the comm."""
        self._comms.pop(comm_id, None)

    def addressee(self, owner: str | None) -> str | None:
        """Return the session that the outputs of a cell's rerun are addressed to.

        Parameters
        ----------
        owner
            The session that last asked for the cell, if one did.
        """
        sessions = list(self._comms.values())
        if self.last in sessions:
            return self.last
        if owner == self.last or owner in sessions or not sessions:
            return owner
        return sessions[-1]
