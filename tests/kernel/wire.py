"""A notebook in a browser tab, reduced to its messages: the driver of the kernel tests.

::

    nb.run("a", "x = 1")  # Shift-Enter; waits for reply and idle
    nb.run("b", "x + 1")
    nb.run("a", "x = 41")
    nb.settle()  # waits until the cascade is over
    assert nb["b"] == "42"  # what stands under b
    assert nb.ran() == ["a", "b", "a", "b"]
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import zmq
from jupyter_client.session import Session

from tests.kernel.etiquette import Etiquette, Message
from tests.kernel.kernels import Kernel
from tests.kernel.mirror import Mirror
from tests.kernel.screen import Output, Screen

__all__ = ["Reply", "Wire", "fill"]

Reply: TypeAlias = dict[str, Any]

PATIENCE = 20.0
CHANNELS = ("shell", "control", "stdin")


class Wire:
    """One client of a running kernel.

    Parameters
    ----------
    kernel
        The kernel to talk to.
    answers
        What the user types when a cell asks for input, in order.
    """

    def __init__(self, kernel: Kernel, answers: Iterable[str] = ()) -> None:
        self.kernel = kernel
        self.answers = list(answers)
        self.messages: list[Message] = []
        self.screen = Screen()
        self.etiquette = Etiquette()
        self.mirror = Mirror()
        self.comm_errors: list[str] = []
        self.answers_heard: dict[int, dict[str, Any]] = {}
        self.session, self._sockets = connect(kernel.connection)
        self._poller = zmq.Poller()
        for socket in self._sockets.values():
            self._poller.register(socket, zmq.POLLIN)
        self._cells: dict[str, str] = {}
        self.started: list[str] = []
        """The cells that started to run since `ran` was called last."""
        self._replies: dict[str, Message] = {}
        self.comm: tuple[str, str | None] | None = None
        try:
            self._wait_until_connected()
        except AssertionError:
            self.close()
            raise

    # -- what the user does ---------------------------------------------------------

    def run(self, cell: str | None, source: str, **request: Any) -> Reply:
        """Press Shift-Enter and wait for the reply and the idle that follow."""
        return self.wait(self.submit(cell, source, **request))

    def submit(
        self,
        cell: str | None,
        source: str,
        *,
        deleted: Iterable[str] = (),
        metadata: dict[str, Any] | None = None,
        **content: Any,
    ) -> str:
        """Press Shift-Enter and don't wait; return the id of the request.

        The metadata is what JupyterLab sends: the cell's own, the cells deleted since
        the last run, and the cell's id (none: a console, nbclient).
        """
        deleted = list(deleted)
        for gone in deleted:
            self.screen.remove(gone)
        told = {**(metadata or {}), "recordTiming": False, "deletedCells": deleted}
        request = self.request(
            "execute_request",
            {**EXECUTE, "code": source, **content},
            metadata={} if cell is None else {**told, "cellId": cell},
        )
        if not content.get("silent"):
            shown = request if cell is None else cell
            self._cells[request] = shown
            self.screen.execute(shown, request)
        return request

    def interrupt(self) -> None:
        """Press the stop button."""
        self.kernel.interrupt()

    def reload(self) -> None:
        """Reload the page: a new session, no futures, no comm."""
        self.session = Session(key=self.session.key)
        self.comm = None
        self.mirror = Mirror()
        self.screen.reload()

    # -- what the user sees ----------------------------------------------------------

    def __getitem__(self, cell: str) -> str:
        """Return the readable text under a cell."""
        area = self.screen.areas.get(cell)
        return area.text if area else ""

    @property
    def outputs(self) -> dict[str, list[Output]]:
        """The outputs under each cell."""
        return {cell: area.outputs for cell, area in self.screen.areas.items()}

    def ran(self) -> list[str]:
        """Return the cells that ran since last asked, in order."""
        ran, self.started = self.started, []
        return ran

    def about(self, cell: str) -> list[Message]:
        """Return the iopub messages published so far for a cell."""
        return [
            message
            for message in self.messages
            if message.channel == "iopub" and self._cell_of(message) == cell
        ]

    def value(self, expression: str) -> str:
        """Return the repr of an expression, asked silently as a debugger would."""
        reply = self.run(None, "", silent=True, user_expressions={"it": expression})
        answer = reply["user_expressions"]["it"]
        if answer["status"] != "ok":
            return f"{answer['ename']}: {answer['evalue']}"
        return str(answer["data"]["text/plain"])

    # -- the comm ---------------------------------------------------------------------

    def open_comm(
        self, *, subshell: bool = False, protocol: int = 1, notebook: str = ""
    ) -> None:
        """Open the comm as the extension does, and wait for the full state.

        With `subshell`, deliver it over a subshell of its own, as JupyterLab does.
        """
        id = self.session.msg_id
        thread = self._create_subshell() if subshell else None
        self.comm = (id, thread)
        self.mirror = Mirror()
        self.request(
            "comm_open",
            {
                "comm_id": id,
                "target_name": "reactive_kernel",
                "data": {
                    "protocol": protocol,
                    "client": "tests",
                    "notebook": notebook,
                },
            },
            subshell=thread,
        )
        self.until(lambda: self.mirror.revision is not None, "the full state")

    def close_comm(self) -> None:
        """Close the comm and wait until the kernel has taken note."""
        assert self.comm
        id, thread = self.comm
        self.request("comm_close", {"comm_id": id, "data": {}}, subshell=thread)
        self.comm = None
        self.ping()

    def send(self, type: object, **fields: Any) -> str:
        """Send a message of protocol.md; return the id of the comm message."""
        return self.send_raw({"type": type, **fields})

    def send_raw(self, data: Any) -> str:
        """Send anything at all over the comm."""
        assert self.comm, "open_comm() first"
        id, thread = self.comm
        return self.request("comm_msg", {"comm_id": id, "data": data}, subshell=thread)

    def open(self, **cells: str) -> None:
        """Tell the kernel the whole notebook: ids and sources, in order."""
        self.send("notebook", cells=[cell(id, text) for id, text in cells.items()])

    def edit(self, id: str, source: str) -> None:
        """Tell the kernel the new text of a cell."""
        self.send("edit", cells=[{"id": id, "source": source}])

    def state(self, id: str) -> str | None:
        """Return the state of a cell as last told."""
        known = self.mirror.cells.get(id)
        return None if known is None else str(known["state"])

    def states(self) -> dict[str, str]:
        """Return the state of every cell as last told, in document order."""
        return {id: str(self.mirror.cells[id]["state"]) for id in self.mirror.order}

    def reasons(self, id: str) -> list[dict[str, Any]]:
        """Return why a cell is not fresh."""
        return list(self.mirror.cells[id]["reasons"])

    def becomes(self, id: str, state: str) -> None:
        """Wait until a cell is told to be in a state."""
        self.until(
            lambda: self.state(id) == state,
            lambda: f"{id} to be {state}, it is {self.state(id)}",
        )

    def snapshot(self) -> None:
        """Ask for the whole state and wait for it."""
        fulls = self.mirror.fulls
        self.send("snapshot")
        self.until(lambda: self.mirror.fulls > fulls, "a snapshot")

    def question(self, type: str, **fields: Any) -> dict[str, Any]:
        """Ask something over the comm and return the answer."""
        number = len(self.answers_heard) + 1
        self.send(type, request=number, **fields)
        self.until(lambda: number in self.answers_heard, f"the answer to {type}")
        return self.answers_heard[number]

    # -- waiting ----------------------------------------------------------------------

    def settle(self, patience: float = PATIENCE) -> None:
        """Wait until no cell is queued or running any more."""
        if self.comm:
            self.snapshot()
            self.until(lambda: self.mirror.settled, "settled", patience)
            self.until(lambda: self.etiquette.quiet, "idle", patience)
        else:
            self._settle_by_asking(patience)

    def _settle_by_asking(self, patience: float) -> None:
        # The kernel answers requests between two cells of a cascade, so three answers
        # in a row without a cell in between mean that none is left.
        deadline = time.monotonic() + patience
        answers = 0
        while answers < 3:
            assert time.monotonic() < deadline, f"never settled: {self.started}"
            before = len(self.started)
            self.ping()
            self.pump(0.02)
            self.until(lambda: self.etiquette.quiet, "idle", patience)
            answers = answers + 1 if len(self.started) == before else 0

    def ping(self) -> Reply:
        """Ask for the kernel's info and wait for the answer."""
        return self.wait(self.request("kernel_info_request", {}))

    def wait(self, request: str, patience: float = PATIENCE) -> Reply:
        """Wait for the reply to a request and the idle after it."""
        self.until(lambda: request in self._replies, "the reply", patience)
        self.until(lambda: self.idle_seen(request), "idle", patience)
        return self._replies[request].content

    def replied(self, request: str) -> bool:
        """Say whether the reply to a request has come."""
        return request in self._replies

    def idle_seen(self, request: str) -> bool:
        """Say whether the kernel has said that it is done with a request."""
        return any(
            message.request == request
            and message.kind == "status"
            and message.content["execution_state"] == "idle"
            for message in reversed(self.messages)
        )

    def until(
        self,
        happened: Callable[[], object],
        what: str | Callable[[], str] = "it",
        patience: float = PATIENCE,
    ) -> None:
        """Take in messages until something has happened."""
        deadline = time.monotonic() + patience
        while not happened():
            self.pump(min(0.1, patience))
            if time.monotonic() > deadline:
                text = what if isinstance(what, str) else what()
                raise AssertionError(f"waited {patience:.0f} s in vain for {text}")
            if not self.kernel.alive:
                raise AssertionError(f"the kernel died\n{self.kernel.log()[-2000:]}")

    # -- messages ---------------------------------------------------------------------

    def request(
        self,
        kind: str,
        content: dict[str, Any],
        *,
        metadata: dict[str, Any] | None = None,
        subshell: str | None = None,
        channel: str = "shell",
    ) -> str:
        """Send any request; return its id."""
        message = self.session.msg(kind, content, metadata=metadata)
        if subshell is not None:
            message["header"]["subshell_id"] = subshell
        self.session.send(self._sockets[channel], message)
        return str(message["header"]["msg_id"])

    def ask(self, kind: str, content: dict[str, Any], channel: str = "shell") -> Reply:
        """Send any request and wait for its reply."""
        return self.wait(self.request(kind, content, channel=channel))

    def pump(self, seconds: float = 0.0) -> None:
        """Take in what has arrived, waiting up to `seconds` for the first message."""
        for socket, _event in self._poller.poll(int(seconds * 1000)):
            channel = next(n for n, s in self._sockets.items() if s is socket)
            while received := self._receive(channel):
                self._take(received)

    def _receive(self, channel: str) -> Message | None:
        _idents, raw = self.session.recv(self._sockets[channel], zmq.NOBLOCK)
        if raw is None:
            return None
        return Message(
            channel,
            raw["msg_type"],
            raw["content"],
            raw["parent_header"],
            raw["metadata"],
            raw["header"],
        )

    def _take(self, message: Message) -> None:
        self.messages.append(message)
        self.etiquette.check(message)
        match message.channel, message.kind:
            case "stdin", "input_request":
                self._answer()
            case "iopub", "execute_input":
                self._take_start(message)
            case "iopub", "comm_msg":
                self._take_comm(message.content)
            case "iopub", _:
                self.screen.feed(message.kind, message.content, message.request)
            case _:
                self._replies[message.request] = message

    def _take_start(self, message: Message) -> None:
        cell = self._cell_of(message)
        self.started.append(cell or "?")
        if self.comm and cell and message.request not in self._cells:
            # No request of ours, but the header says where its outputs belong.
            self.screen.follow(cell, message.request)

    def _answer(self) -> None:
        assert self.answers, "a cell asked for input and nobody is there to answer"
        message = self.session.msg("input_reply", {"value": self.answers.pop(0)})
        self.session.send(self._sockets["stdin"], message)

    def _take_comm(self, content: dict[str, Any]) -> None:
        if self.comm is None or content["comm_id"] != self.comm[0]:
            return
        data = content["data"]
        if data["type"] == "error":
            self.comm_errors.append(data["message"])
        elif "request" in data:
            self.answers_heard[data["request"]] = data
        else:
            self.mirror.fold(data)

    def _cell_of(self, message: Message) -> str | None:
        return message.parent.get("cell_id") or self._cells.get(message.request)

    def _create_subshell(self) -> str:
        return str(self.ask("create_subshell_request", {}, "control")["subshell_id"])

    def _wait_until_connected(self) -> None:
        # A subscription takes effect some time after it is made, and iopub_welcome goes
        # to the first subscriber only: ask until the end of an answer is heard on iopub.
        deadline = time.monotonic() + PATIENCE
        while not self._overhears(self.request("kernel_info_request", {})):
            assert time.monotonic() < deadline, f"no kernel\n{self.kernel.log()}"

    def _overhears(self, request: str, patience: float = 0.03) -> bool:
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            self._sockets["iopub"].poll(10)
            while message := self._receive("iopub"):
                idle = message.content.get("execution_state") == "idle"
                if idle and message.request == request:
                    return True
        return False

    def close(self) -> None:
        """Leave the kernel alone."""
        for socket in self._sockets.values():
            socket.close(linger=0)


EXECUTE: dict[str, Any] = {
    "silent": False,
    "store_history": True,
    "user_expressions": {},
    "allow_stdin": True,
    "stop_on_error": True,
}


def cell(id: str, source: str, **reactive: Any) -> dict[str, Any]:
    """Return a cell as the ``notebook`` message holds it."""
    metadata = {"reactive": reactive} if reactive else {}
    return {"id": id, "source": source, "metadata": metadata}


def connect(info: dict[str, Any]) -> tuple[Session, dict[str, zmq.Socket[bytes]]]:
    """Open the four sockets of a client."""
    session = Session(
        key=info["key"].encode(), signature_scheme=info["signature_scheme"]
    )
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context.instance()
    sockets = {
        name: context.socket(zmq.SUB if name == "iopub" else zmq.DEALER)
        for name in ("iopub", *CHANNELS)
    }
    sockets["iopub"].subscribe(b"")
    for name, socket in sockets.items():
        socket.linger = 0
        if name != "iopub":
            # stdin requests find their way back by the identity of the shell socket.
            socket.identity = session.bsession
        between = "-" if info["transport"] == "ipc" else ":"
        place = f"{info['ip']}{between}{info[name + '_port']}"
        socket.connect(f"{info['transport']}://{place}")
    return session, sockets


def fill(nb: Wire, **cells: str) -> None:
    """Open a notebook and run it from top to bottom."""
    nb.open(**cells)
    for id, source in cells.items():
        nb.run(id, source)
    nb.settle()
    nb.ran()
