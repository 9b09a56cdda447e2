"""A kernel process and the one client that measures it.

The client speaks over bare sockets and reads no more of a message than it must: what it
costs itself is counted on both sides of every comparison.
"""

from __future__ import annotations

import atexit
import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shutil import rmtree
from subprocess import DEVNULL
from tempfile import TemporaryDirectory, mkdtemp
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any, Self

import psutil  # type: ignore[import-untyped]  # it comes without types
import zmq
from jupyter_client.manager import KernelManager
from jupyter_client.session import DELIM, Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["PLAIN", "REACTIVE", "Kernel", "Message"]

PLAIN = "python3"
REACTIVE = "reactive-python"

_PATIENCE = 300.0
"""Seconds without the message that is waited for, after which something is broken."""

_EXECUTE = {
    "silent": False,
    "store_history": True,
    "user_expressions": {},
    "allow_stdin": False,
    "stop_on_error": True,
}


@dataclass(frozen=True, slots=True)
class Message:
    """The parts of a message that are looked at."""

    kind: str
    parent: Mapping[str, Any]
    raw: bytes

    @property
    def content(self) -> dict[str, Any]:
        """The content."""
        found: dict[str, Any] = json.loads(self.raw)
        return found

    @property
    def is_idle(self) -> bool:
        """Whether it says that all is done that its parent asked for."""
        return self.kind == "status" and b'"idle"' in self.raw

    def answers(self, request: str) -> bool:
        """Tell whether the message belongs to a request."""
        return bool(self.parent.get("msg_id") == request)


class Kernel:
    """A kernel process with a history and a configuration of its own.

    Parameters
    ----------
    name
        The name of its kernelspec.

    Attributes
    ----------
    seconds_to_ready
        From the launch to the first reply.
    """

    def __init__(self, name: str) -> None:
        self._folder = TemporaryDirectory(ignore_cleanup_errors=True)
        folder = Path(self._folder.name)
        self._manager = KernelManager(
            kernel_name=name, connection_file=str(folder / "connection.json")
        )
        begin = perf_counter()
        self._manager.start_kernel(
            env=_environment(IPYTHONDIR=str(folder / "ipython")),
            cwd=str(folder),
            stdout=DEVNULL,
            stderr=DEVNULL,
        )
        try:
            self._connect()
            self._wait(self._request("kernel_info_request", {}), ("shell",))
            self.seconds_to_ready = perf_counter() - begin
            self._wait_for_iopub()
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process."""
        for socket in self._sockets.values():
            socket.close(linger=0)
        self._manager.shutdown_kernel(now=True)
        self._manager.cleanup_resources()
        self._folder.cleanup()

    @property
    def memory(self) -> float:
        """The resident memory of the process in MiB."""
        pid = getattr(self._manager.provisioner, "pid", None)
        return float(psutil.Process(pid).memory_info().rss / 2**20)

    # -- what a client does ----------------------------------------------------------

    def send(self, cell: str, source: str) -> str:
        """Ask for a cell to be run, as JupyterLab does; return the request's id."""
        metadata = {"cellId": cell, "deletedCells": [], "recordTiming": False}
        return self._request("execute_request", {**_EXECUTE, "code": source}, metadata)

    def run(self, cell: str, source: str) -> float:
        """Run a cell; return the seconds until its reply and its idle are here."""
        begin = perf_counter()
        self._wait(self.send(cell, source), ("shell", "iopub"))
        return perf_counter() - begin

    def run_all(self, cells: Mapping[str, str]) -> float:
        """Run cells, each when the one before it is done; return the seconds."""
        # Not queued at once: the time that ipykernel 7.4 needs for one of n queued
        # requests grows with n (14 ms at 1,000), so that would flatter a cascade.
        return sum(self.run(id, source) for id, source in cells.items())

    def cascade(self, cell: str, source: str, count: int, *, settled: bool) -> float:
        """Run a cell that `count` others follow; return the seconds until all have.

        With `settled`, until the comm says so too.
        """
        begin = perf_counter()
        request = self.send(cell, source)

        def is_rerun(message: Message) -> bool:
            own = message.answers(request)
            return message.is_idle and "cell_id" in message.parent and not own

        for _ in range(count):
            self.until(is_rerun)
        if settled:
            self.until(lambda message: _state(message).get("settled") is True)
        return perf_counter() - begin

    def open_widget(self, cell: str, source: str) -> str:
        """Run a cell that makes widgets; return the id of the last one's comm."""
        opened: list[str] = []
        request = self.send(cell, source)

        def done(message: Message) -> bool:
            if message.kind == "comm_open":
                opened.append(message.content["comm_id"])
            return message.is_idle and message.answers(request)

        self.until(done)
        return opened[-1]

    def move(self, comm: str, **state: object) -> str:
        """Set traits of a widget, as its client does; return the request's id."""
        data = {"method": "update", "state": state, "buffer_paths": []}
        return self._request("comm_msg", {"comm_id": comm, "data": data})

    def open_comm(self) -> None:
        """Open the comm of the reactive kernel and wait for its first state."""
        self._comm = "benchmarks"
        self._request(
            "comm_open",
            {
                "comm_id": self._comm,
                "target_name": "reactive_kernel",
                "data": {"protocol": 1, "client": "benchmarks"},
            },
        )
        self.until(lambda message: bool(_state(message)))

    def tell(self, type: str, **fields: Any) -> None:
        """Send something over the comm."""
        data = {"type": type, **fields}
        self._request("comm_msg", {"comm_id": self._comm, "data": data})

    def until_told(self, cells: Iterable[str]) -> None:
        """Wait until the states of some cells have been told."""
        missing = set(cells)

        def told_all(message: Message) -> bool:
            missing.difference_update(_state(message).get("cells", ()))
            return not missing

        self.until(told_all)

    def until(self, wanted: Callable[[Message], bool]) -> None:
        """Take in what is published until a message is the wanted one."""
        while not wanted(self._receive("iopub")):
            pass

    # -- sockets ---------------------------------------------------------------------

    def _connect(self) -> None:
        file = Path(self._manager.connection_file)
        info = json.loads(file.read_text(encoding="utf-8"))
        self._session = Session(
            key=info["key"].encode(), signature_scheme=info["signature_scheme"]
        )
        self._sockets = {
            "shell": _socket(zmq.DEALER, info, "shell_port"),
            "iopub": _socket(zmq.SUB, info, "iopub_port"),
        }
        self._sockets["iopub"].subscribe(b"")

    def _wait_for_iopub(self) -> None:
        # A subscription takes effect some time after it is made.
        deadline = monotonic() + _PATIENCE
        while monotonic() < deadline:
            request = self._request("kernel_info_request", {})
            self._wait(request, ("shell",))
            while self._sockets["iopub"].poll(50):
                message = self._receive("iopub")
                if message.is_idle and message.answers(request):
                    return
        raise TimeoutError("the kernel publishes nothing")

    def _request(
        self, kind: str, content: dict[str, Any], metadata: dict[str, Any] | None = None
    ) -> str:
        message = self._session.msg(kind, content, metadata=metadata)
        self._session.send(self._sockets["shell"], message)
        return str(message["header"]["msg_id"])

    def _wait(self, request: str, channels: Iterable[str]) -> None:
        for channel in channels:
            while True:
                message = self._receive(channel)
                wanted = channel == "shell" or message.is_idle
                if wanted and message.answers(request):
                    break

    def _receive(self, channel: str) -> Message:
        socket = self._sockets[channel]
        deadline = monotonic() + _PATIENCE
        while not socket.poll(1000):
            if not self._manager.is_alive():
                raise RuntimeError("the kernel died")
            if monotonic() > deadline:
                raise TimeoutError(f"no message on {channel} for {_PATIENCE:.0f} s")
        return _parsed(socket.recv_multipart())


def _environment(**own: str) -> dict[str, str]:
    """Return the environment of a kernel, with bytecode cached as after `pip install`.

    Otherwise what was installed in place might be compiled at each start.
    """
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name != "PYTHONDONTWRITEBYTECODE"
    }
    return {**inherited, "PYTHONPYCACHEPREFIX": _bytecode(), **own}


@cache
def _bytecode() -> str:
    folder = mkdtemp()
    atexit.register(rmtree, folder, ignore_errors=True)
    return folder


def _socket(
    kind: zmq.SocketType, info: Mapping[str, Any], port: str
) -> zmq.Socket[bytes]:
    socket: zmq.Socket[bytes] = zmq.Context.instance().socket(kind)
    # Try again every 5 ms until the kernel listens: with the default of 100 ms,
    # start-up would be measured in steps of that.
    socket.reconnect_ivl = 5
    # Lose nothing that is published, however late it is read.
    socket.rcvhwm = 0
    socket.connect(f"{info['transport']}://{info['ip']}:{info[port]}")
    return socket


def _parsed(frames: list[bytes]) -> Message:
    start = frames.index(DELIM) + 2
    header, parent, _metadata, content = frames[start : start + 4]
    return Message(json.loads(header)["msg_type"], json.loads(parent), content)


def _state(message: Message) -> dict[str, Any]:
    """Return the `state` that a message of the comm holds; empty if it is none."""
    if message.kind != "comm_msg":
        return {}
    data: dict[str, Any] = message.content["data"]
    return data if data.get("type") == "state" else {}
