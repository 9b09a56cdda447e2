"""A Jupyter server in a process of its own, and its contents API in verbs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from tests.browser.server import LabServer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Answer", "Api"]


class Answer(dict[str, Any]):
    """The JSON of an answer, and its status."""

    def __init__(self, status: int, content: Mapping[str, Any]) -> None:
        super().__init__(content)
        self.status = status


class Api(LabServer):
    """A Jupyter server with the configuration that an installation brings.

    Parameters
    ----------
    folder
        Where it keeps everything.
    options
        More of its command line.
    """

    def __init__(self, folder: Path, *options: str) -> None:
        self.options = options
        super().__init__(folder)

    def _configure(self) -> None:
        super()._configure()
        self._serve_py_notebooks()

    def _program(self) -> tuple[str, tuple[str, ...]]:
        return "jupyter_server", self.options

    def get(self, path: str, **query: object) -> Answer:
        """Ask for a file or folder."""
        return self._ask("GET", f"{path}?{urlencode(query)}")

    def save(self, path: str, notebook: Mapping[str, Any]) -> Answer:
        """Save a notebook."""
        model = {"type": "notebook", "format": "json", "content": notebook}
        return self._ask("PUT", path, model)

    def save_text(self, path: str, text: str) -> Answer:
        """Save a text."""
        return self._ask(
            "PUT", path, {"type": "file", "format": "text", "content": text}
        )

    def post(self, path: str, content: Mapping[str, Any]) -> Answer:
        """Make a copy, a new file or a checkpoint."""
        return self._ask("POST", path, content)

    def rename(self, path: str, new: str) -> Answer:
        """Give a file another name."""
        return self._ask("PATCH", path, {"path": new})

    def _ask(
        self, method: str, path: str, content: Mapping[str, Any] | None = None
    ) -> Answer:
        data = None if content is None else json.dumps(content).encode()
        headers = {"Authorization": f"token {self.token}"}
        url = f"{self.url}api/contents/{path}"
        request = Request(url, data, headers, method=method)
        try:
            with urlopen(request, timeout=30) as response:
                return Answer(response.status, json.loads(response.read() or b"{}"))
        except HTTPError as error:
            with error:
                text = error.read()
                # Jupyter answers 404 with a bare text.
                known = text.startswith(b"{")
                content = json.loads(text) if known else {"message": text.decode()}
                return Answer(error.code, content)
