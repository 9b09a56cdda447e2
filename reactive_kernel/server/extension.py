"""How the layer comes into a server: as an extension that is on unless switched off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from traitlets import Bool
from traitlets.config import LoggingConfigurable

from reactive_kernel.server.contents import layered

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

__all__ = ["PyNotebooks"]


class PyNotebooks(LoggingConfigurable):
    """Options of the server for notebooks in ``.py`` files."""

    enabled = Bool(
        True, help="Serve .py files of Reactive Python's format as notebooks."
    ).tag(config=True)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "reactive_kernel.server"}]


def _load_jupyter_server_extension(app: ServerApp) -> None:
    """Put the layer over the server's contents manager, whichever it is."""
    if not PyNotebooks(parent=app).enabled:
        return
    manager: Any = app.contents_manager
    # The object stays the one that other extensions hold and have configured; it only
    # answers differently. They may derive a class of their own from the server's.
    manager.__class__ = layered(manager.__class__)
    app.contents_manager_class = layered(app.contents_manager_class)
    app.log.info("Reactive Python: .py notebooks are served as notebooks")
