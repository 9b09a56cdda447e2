"""One process that has imported everything, and forks: fresh processes in milliseconds.

Starting an interpreter and importing IPython, ipykernel, numpy, pandas and matplotlib
takes a second; a fork of a process that has done so takes a few milliseconds and is as
fresh: the process never runs a cell, and has no thread, loop or zmq context.

Each connection to its socket is a request: a function, by name, and its arguments. A
fork calls it, with the connection in its hands, and exits.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from functools import cache
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import Any

__all__ = ["ask"]

ROOT = Path(__file__).parents[2]
PRELOADED = (
    "IPython",
    "ipykernel.kernelapp",
    "jupyter_client.session",
    # Not matplotlib_inline: it connects to the shell when it is imported.
    "matplotlib.backends.backend_agg",
    "matplotlib.pyplot",
    "numpy.random",
    "pandas",
    "reactive_kernel.kernel.app",
    "tests.fresh.plain",
    "tests.fresh.kernels",
    "tests.fresh.values",
)
UNWANTED = frozenset({"COLUMNS", "PYTHONWARNINGS", "JPY_SESSION_NAME"})
OWN = {
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "PYTHONHASHSEED": "0",
}


def ask(function: str, *arguments: object, prepared: str = "") -> Connection:
    """Call a function, named as ``module:name``, in a fresh process.

    Parameters
    ----------
    function
        What to call.
    arguments
        What to call it with.
    prepared
        Another function, which the process that forks has called before.

    Returns
    -------
    Connection
        The other end of what the function gets as its first argument. It is closed
        when the process ends.
    """
    connection = Client(_running(prepared), "AF_UNIX")
    connection.send((function, arguments))
    return connection


@cache
def _running(prepared: str) -> str:
    """Start the process that forks, once; return the path of its socket."""
    folder = tempfile.TemporaryDirectory(prefix="fresh-", ignore_cleanup_errors=True)
    path = str(Path(folder.name) / "socket")
    kept = {name: text for name, text in os.environ.items() if name not in UNWANTED}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fresh.server", path, prepared],
        cwd=ROOT,
        env={**kept, **OWN, "PYTHONPATH": _path()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    assert process.stdout.readline() == b"ready\n", "the fork server did not start"

    def stop() -> None:
        assert process.stdin
        assert process.stdout
        process.stdin.close()
        process.wait(10)
        process.stdout.close()
        folder.cleanup()

    atexit.register(stop)
    return path


def _path() -> str:
    return os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))


def serve(path: str, prepared: str) -> None:
    """Fork for every connection, until stdin is closed."""
    for module in PRELOADED:
        importlib.import_module(module)
    if prepared:
        _named(prepared)()
    gc.collect()
    gc.freeze()
    # Children that nobody waits for are no zombies.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(64)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            ready, _, _ = select.select([listener, sys.stdin], [], [])
            if sys.stdin in ready:
                return
            accepted, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _answer(Connection(accepted.detach()))
            accepted.close()


def _named(name: str) -> Any:
    module, _, function = name.partition(":")
    return getattr(sys.modules[module], function)


def _answer(connection: Connection) -> None:
    """Do what is asked for in this process, and end it."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    try:
        name, arguments = connection.recv()
        _named(name)(connection, *arguments)
    except SystemExit:
        pass
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    serve(*sys.argv[1:])
