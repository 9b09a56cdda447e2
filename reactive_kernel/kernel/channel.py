"""The comm to clients that want to know more than outputs: snapshots and deltas.

Every client sees the same states under the same revisions. Deltas are sent at most 20
times a second, from the IOPub thread, so that they go out while a cell runs; what is
still unsent when everything has settled goes out at once.
"""

from __future__ import annotations

import threading
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

from reactive_kernel.document import CellId
from reactive_kernel.errors import MessageError, NameRefusedError
from reactive_kernel.kernel import protocol
from reactive_kernel.kernel.clients import Clients
from reactive_kernel.kernel.notebooks import Notebooks
from reactive_kernel.shell import labels, variables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reactive_kernel.document import Cell
    from reactive_kernel.runtime import Session

__all__ = ["Channel", "Comm"]

_PERIOD = 0.05
"""Seconds between two deltas, and the longest delay of the last one."""


class Comm(Protocol):
    """The part of a comm that is used here."""

    comm_id: str

    def on_msg(self, callback: Callable[[Mapping[str, Any]], None]) -> None:
        """Set what is called with each message of the client."""
        ...

    def on_close(self, callback: Callable[[Mapping[str, Any]], None]) -> None:
        """Set what is called when the client closes the comm."""
        ...


class Channel:
    """Tells all open comms what changes in a session, and hears what clients say.

    Parameters
    ----------
    session
        The engine.
    send
        Publishes data on the comm with a given id; from any thread.
    later
        Calls something after a delay in seconds, in some thread that is never busy.
    on_change
        Called when a client's message may have put cells on the agenda.
    on_metadata
        Called with the metadata of the notebook when a client tells it.
    """

    def __init__(
        self,
        session: Session,
        send: Callable[[str, dict[str, object]], None],
        later: Callable[[Callable[[], None], float], None],
        on_change: Callable[[], None],
        on_metadata: Callable[[Mapping[str, Any]], None],
    ) -> None:
        self._session = session
        self._send = send
        self._later = later
        self._on_change = on_change
        self._on_metadata = on_metadata
        self._lock = threading.RLock()
        self.clients = Clients()
        self._notebooks = Notebooks()
        self._revision = 0
        self._told: tuple[bool, str] = (True, "")
        self._last = 0.0
        self._scheduled = False

    @property
    def is_open(self) -> bool:
        """True while a client listens."""
        return bool(self.clients)

    def open(self, comm: Comm, message: Mapping[str, Any]) -> None:
        """Take up a comm that a client opens, and answer with a full state."""
        try:
            opening = protocol.parse_open(message["content"]["data"])
        except MessageError as error:
            self._send(comm.comm_id, protocol.error_message(str(error)))
            return
        comm.on_msg(lambda message: self._hear(comm.comm_id, opening.notebook, message))
        comm.on_close(lambda _message: self.clients.close(comm.comm_id))
        with self._session.lock, self._lock:
            self.flush()
            self.clients.open(comm.comm_id, message["header"].get("session"))
            self._tell_all(comm.comm_id)

    def _hear(self, comm_id: str, notebook: str, message: Mapping[str, Any]) -> None:
        try:
            said = protocol.parse(message["content"]["data"])
        except MessageError as error:
            self._send(comm_id, protocol.error_message(str(error)))
            return
        if isinstance(said, protocol.Question):
            self._send(comm_id, self._answer(said))
            return
        self._obey(comm_id, notebook, said)
        self.touch()
        self._on_change()

    def _answer(self, question: protocol.Question) -> dict[str, object]:
        """Return the answer to a question; nothing changes, and no state is told."""
        session = self._session
        try:
            match question:
                case protocol.Variables(request=request):
                    return protocol.variables_answer(request, variables(session))
                case protocol.Find(name=name, at=at):
                    return protocol.found_answer(question, session.find(name, at))
                case protocol.Rename(name=name, to=to):
                    renaming = session.rename(name, to)
                    return protocol.renaming_answer(question, renaming)
        except NameRefusedError as error:
            cell = labels(session).get(CellId(error.cell or ""))
            why = f"{cell} {error.why}" if cell else error.why
            return protocol.refusal(question, why)

    def _obey(
        self,
        comm_id: str,
        notebook: str,
        said: protocol.ClientMessage | None,
    ) -> None:
        session = self._session
        match said:
            case protocol.Notebook(cells=cells, metadata=metadata):
                if metadata is not None:
                    self._on_metadata(metadata)
                self._sync(notebook, cells)
            case protocol.Edit(cells=texts):
                session.edit(texts)
            case protocol.Order(ids=ids):
                with session.lock:
                    before, after = self._notebooks.tell(notebook, ids)
                    session.reorder([*before, *ids, *after])
            case protocol.Run(cells=ids):
                session.ask(ids)
            case protocol.Configure(mode=mode):
                session.set_mode(mode)
            case protocol.Snapshot():
                with session.lock, self._lock:
                    self.flush()
                    self._tell_all(comm_id)
            case _:
                pass

    def _sync(self, notebook: str, cells: tuple[Cell, ...]) -> None:
        session = self._session
        with session.lock:
            before, after = self._notebooks.tell(notebook, [cell.id for cell in cells])
            document = session.document
            session.sync(
                [
                    *(document[id] for id in before if id in document),
                    *cells,
                    *(document[id] for id in after if id in document),
                ]
            )

    def _tell_all(self, comm_id: str) -> None:
        state = protocol.state_message(self._session, self._revision, None)
        self._send(comm_id, state)

    def touch(self) -> None:
        """Note that something changed; a delta follows within the period."""
        with self._lock:
            if not self.clients or self._scheduled:
                return
            self._scheduled = True
            wait = self._last + _PERIOD - monotonic()
        self._later(self._tick, max(0.0, wait))

    def _tick(self) -> None:
        with self._session.lock, self._lock:
            self._scheduled = False
            self.flush()

    def flush(self) -> None:
        """Send what is unsent."""
        # Always the session's lock first, then ours: the session calls `touch`.
        with self._session.lock, self._lock:
            changes = self._session.drain()
            told = (self._session.settled, str(self._session.mode))
            if not self.clients or not (changes or told != self._told):
                return
            self._revision += 1
            self._told = told
            self._last = monotonic()
            state = protocol.state_message(self._session, self._revision, changes)
            for comm_id in self.clients.comms:
                self._send(comm_id, state)
