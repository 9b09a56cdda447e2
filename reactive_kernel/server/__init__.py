"""The part of Jupyter's server: ``.py`` notebooks are served as notebooks.

`extension` puts a layer over the contents manager that the server is configured with.
`contents` is that layer: it answers for ``.py`` notebooks and leaves everything else to
the manager below. `pairs` keeps outputs in an ``.ipynb`` beside the ``.py``. Nothing is
executed, and a file that is no notebook stays what it is.
"""

from __future__ import annotations

from reactive_kernel.server.extension import (
    PyNotebooks,
    _jupyter_server_extension_points,
    _load_jupyter_server_extension,
)

__all__ = [
    "PyNotebooks",
    "_jupyter_server_extension_points",
    "_load_jupyter_server_extension",
]
