"""Clicks as a trait: a button has none that tells of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from traitlets import HasTraits, Int

if TYPE_CHECKING:
    from ipywidgets import Button

__all__ = ["Clicks"]


class Clicks(HasTraits):
    """How often a button was clicked.

    Attributes
    ----------
    count
        The clicks so far.
    """

    count = Int()

    def __init__(self, button: Button) -> None:
        super().__init__()
        button.on_click(self._add)

    def _add(self, _button: Button) -> None:
        self.count += 1
