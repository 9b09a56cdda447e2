"""What a client would show under each cell, by the rules of JupyterLab's output area.

A message belongs to the cell whose *latest* execute_request is its parent, because that
is the only future that JupyterLab keeps for the cell. Everything else is not shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

__all__ = ["Area", "Output", "Screen"]

Output: TypeAlias = dict[str, Any]

SHOWN = frozenset({"stream", "display_data", "execute_result", "error"})


@dataclass(slots=True)
class Area:
    """The outputs of one cell, and whether the next one replaces them."""

    request: str
    outputs: list[Output] = field(default_factory=list)
    clear_next: bool = False

    def clear(self, *, wait: bool) -> None:
        """Forget the outputs now, or (`wait`) when the next one arrives."""
        if not wait:
            self.outputs.clear()
        self.clear_next = wait

    def add(self, output: Output) -> None:
        """Append an output; text of one stream flows together."""
        if self.clear_next:
            self.clear(wait=False)
        last = self.outputs[-1] if self.outputs else None
        if last and output["output_type"] == "stream" and same_stream(last, output):
            last["text"] += output["text"]
        else:
            self.outputs.append(output)

    @property
    def text(self) -> str:
        """All of it as a reader would see it, without escape codes or tracebacks."""
        return "\n".join(map(readable, self.outputs)).strip("\n")


class Screen:
    """The output areas of a notebook, fed with iopub messages."""

    def __init__(self) -> None:
        self.areas: dict[str, Area] = {}
        self._displays: dict[str, list[Output]] = {}

    def execute(self, cell: str, request: str) -> None:
        """Open a new future for the cell, as pressing Shift-Enter does."""
        self.areas[cell] = Area(request)

    def follow(self, cell: str, request: str) -> None:
        """Show under a cell what comes with a request that the kernel made up."""
        if cell not in self.areas:
            self.areas[cell] = Area(request)
        self.areas[cell].request = request

    def remove(self, cell: str) -> None:
        """Delete the cell and its outputs."""
        self.areas.pop(cell, None)

    def reload(self) -> None:
        """Lose every future, as reloading the page does; the outputs stay."""
        for area in self.areas.values():
            area.request = ""

    def feed(self, kind: str, content: dict[str, Any], request: str) -> None:
        """Show one iopub message whose parent is `request`."""
        if kind == "update_display_data":
            self._update_display(content)
            return
        for area in self._areas_of(request):
            if kind == "clear_output":
                area.clear(wait=content["wait"])
            elif kind in SHOWN:
                self._add(area, kind, content)

    def _areas_of(self, request: str) -> Iterator[Area]:
        return (area for area in self.areas.values() if area.request == request)

    def _add(self, area: Area, kind: str, content: dict[str, Any]) -> None:
        output = {"output_type": kind, **content}
        transient = output.pop("transient", None) or {}
        area.add(output)
        if display_id := transient.get("display_id"):
            self._displays.setdefault(display_id, []).append(output)

    def _update_display(self, content: dict[str, Any]) -> None:
        display_id = content["transient"]["display_id"]
        for output in self._displays.get(display_id, ()):
            output.update(data=content["data"], metadata=content["metadata"])


def same_stream(left: Output, right: Output) -> bool:
    """Say whether two outputs are text of the same stream."""
    return left["output_type"] == "stream" and left["name"] == right["name"]


def readable(output: Output) -> str:
    """Return an output as one would read it aloud."""
    match output["output_type"]:
        case "stream":
            return str(output["text"]).replace("\r\n", "\n").rstrip("\n")
        case "error":
            return f"{output['ename']}: {output['evalue']}"
        case _:
            data = output["data"]
            return str(data.get("text/plain", f"<{', '.join(sorted(data))}>"))
