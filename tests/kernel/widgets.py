"""Widgets as their client moves them: the messages that the ipywidgets front end sends."""

from __future__ import annotations

from typing import Any

from tests.kernel.etiquette import Message
from tests.kernel.wire import Wire

__all__ = ["Front"]


class Front:
    """The widgets that a kernel has told its client of.

    Parameters
    ----------
    nb
        The client's connection.
    """

    def __init__(self, nb: Wire) -> None:
        self._nb = nb

    def opened(self) -> list[Message]:
        """Return the messages that opened widgets, in order."""
        return [
            message
            for message in self._nb.messages
            if message.kind == "comm_open"
            and message.content["target_name"] == "jupyter.widget"
        ]

    def id(self, model: str, place: int = -1) -> str:
        """Return the id of a widget of a kind, the last one made if not said."""
        kind = f"{model}Model"
        found = [
            message.content["comm_id"]
            for message in self.opened()
            if message.content["data"]["state"]["_model_name"] == kind
        ]
        return str(found[place])

    def set(self, model: str, place: int = -1, **state: Any) -> str:
        """Set traits of a widget as a move of the mouse does; return the request."""
        return self.update(self.id(model, place), **state)

    def update(self, comm: str, **state: Any) -> str:
        """Send new values of a widget's traits; return the request."""
        data = {"method": "update", "state": state, "buffer_paths": []}
        return self._nb.request("comm_msg", {"comm_id": comm, "data": data})

    def click(self, place: int = -1) -> str:
        """Click a button."""
        data = {"method": "custom", "content": {"event": "click"}}
        content = {"comm_id": self.id("Button", place), "data": data}
        return self._nb.request("comm_msg", content)

    def move(self, model: str, place: int = -1, **state: Any) -> None:
        """Set traits of a widget and wait until all has followed."""
        request = self.set(model, place, **state)
        self._nb.until(lambda: self._nb.idle_seen(request), "idle")
        self._nb.settle()
