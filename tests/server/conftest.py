"""Jupyter servers over each kind of contents manager."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.server.api import Api

if TYPE_CHECKING:
    from collections.abc import Iterator

WITHOUT_JUPYTEXT = "--ServerApp.jpserver_extensions=jupyterlab_jupytext=False"
OVER = "--ServerApp.contents_manager_class=jupyter_server.services.contents"
MANAGERS = {
    "usual": [WITHOUT_JUPYTEXT],
    "synchronous": [WITHOUT_JUPYTEXT, f"{OVER}.largefilemanager.LargeFileManager"],
    "plain": [WITHOUT_JUPYTEXT, f"{OVER}.filemanager.AsyncFileContentsManager"],
    "jupytext": [],
}


@pytest.fixture(scope="module", params=MANAGERS)
def api(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    """Return a server; there is one for each contents manager below the layer."""
    server = Api(tmp_path_factory.mktemp("server"), *MANAGERS[request.param])
    yield server
    server.stop()
