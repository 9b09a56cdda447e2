"""Ships the JupyterLab extension with the wheel, if it was built."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUNDLE = "reactive_kernel/labextension"
INSTALL = "labextension/install.json"
PLACE = "share/jupyter/labextensions/reactive-kernel"


class ExtensionHook(BuildHookInterface):
    """Puts the bundle where Jupyter looks; without it the wheel is the kernel alone.

    A table in `pyproject.toml` could do that, but it makes the build fail when there is
    no bundle.
    """

    def initialize(self, _version: str, build_data: dict[str, Any]) -> None:
        """Add the bundle to the data of the wheel."""
        if self.target_name == "wheel" and (Path(self.root) / BUNDLE).is_dir():
            shared = {BUNDLE: PLACE, INSTALL: f"{PLACE}/install.json"}
            build_data["shared_data"].update(shared)
