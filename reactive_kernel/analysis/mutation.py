"""Which expressions change an object in place.

A cell that does this to an object it did not make is a writer of the object's name:

>>> def changed(text):
...     return changed_by_call(ast.parse(text, mode="eval").body, used=False)
>>> changed("orders.items.append(1)"), changed("df.drop(columns='x', inplace=True)")
('orders', 'df')

Functions of a module are not methods of an object, although they look the same:

>>> changed("np.append(a, 1)"), changed("os.remove(path)")
(None, None)

What is drawn into axes or a figure changes it; these are known by their usual names:

>>> (
...     changed("ax_left.plot(x, y)"),
...     changed("prices.plot(ax=axes[0])"),
...     changed("df.plot()"),
... )
('ax_left', 'axes', None)

Stores and deletions through a name (``df["x"] = 1``) need no table: the walk sees them.
"""

from __future__ import annotations

import ast
import re

__all__ = ["SPECIAL", "changed_by_call", "root_name", "stored_into", "words"]


def words(text: str) -> frozenset[str]:
    """Return the words of a text as a set; long tables read better that way."""
    return frozenset(text.split())


SILENT = words(
    "add append appendleft clear discard difference_update extend extendleft fill"
    " insert intersection_update itemset move_to_end put remove resize reverse rotate"
    " setflags sort symmetric_difference_update update"
)
"""Mutators that return None: where the result is used, it is another method."""

ANSWERING = words("pop popitem popleft setdefault")
"""Mutators whose result is useful."""

FIRST_ARGUMENT = words(
    "copyto delattr fill_diagonal heapify heappop heappush heappushpop heapreplace"
    " insort insort_left insort_right next place putmask setattr shuffle"
)
"""Functions that change their first argument."""

SPECIAL = words("eval exec getpass globals input locals vars")
"""Functions with effects that no name shows."""

CANVAS = re.compile(r"(\w+_)?(ax|axs|axes|fig|figure)\d*(_\w+)?")
"""Names that stand for axes and figures by convention."""

DRAWING = words(
    "add_artist add_axes add_collection add_gridspec add_line add_patch add_subplot"
    " annotate arrow axhline axhspan axis axline axvline axvspan bar bar_label barh"
    " boxplot broken_barh clabel clear colorbar contour contour3D contourf errorbar"
    " eventplot fill fill_between fill_betweenx grid hexbin hist hist2d hlines imshow"
    " invert_xaxis invert_yaxis invert_zaxis legend loglog margins matshow pcolor"
    " pcolormesh pie plot plot3D plot_surface plot_wireframe quiver scatter scatter3D"
    " secondary_xaxis secondary_yaxis semilogx semilogy spy stackplot stairs stem step"
    " streamplot subplots subplots_adjust suptitle supxlabel supylabel table text"
    " tick_params tight_layout tricontourf tripcolor twinx twiny violinplot view_init"
    " vlines"
)
"""Methods of axes and figures that change them, besides those that begin with `set`."""

MODULES = words(
    "np numpy pd pandas plt pylab mpl matplotlib sp scipy stats sns sk sklearn torch"
    " tf tensorflow keras jax jnp nx networkx sympy cv2 pl da dd requests httpx wandb"
    " tqdm st os sys re io math cmath random time json pickle shutil itertools"
    " functools operator heapq bisect subprocess warnings logging urllib"
)
"""Names that stand for modules by convention, wherever they are imported."""

SETTINGS = words(
    "os.environ sys.path plt.rcParams mpl.rcParams matplotlib.rcParams pylab.rcParams"
    " pd.options pandas.options warnings.filters"
)
"""Settings that are names of their own: changing one leaves its module as it is."""

INTERESTING = SILENT | ANSWERING | FIRST_ARGUMENT


def root_name(node: ast.expr) -> str | None:
    """Return the name that a chain of attributes and items starts from.

    Examples
    --------
    >>> root_name(ast.parse("o.a[k].b", mode="eval").body)
    'o'
    >>> root_name(ast.parse("f(x).b", mode="eval").body) is None
    True
    """
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def stored_into(node: ast.expr) -> str | None:
    """Return the name whose object a store into a chain changes, unless a setting's.

    Examples
    --------
    >>> stored_into(ast.parse("o.a[k].b", mode="eval").body)
    'o'
    >>> stored_into(ast.parse("os.environ[k]", mode="eval").body) is None
    True
    """
    root, inner = node, node
    while isinstance(root, ast.Attribute | ast.Subscript | ast.Starred):
        root, inner = root.value, root
    if not isinstance(root, ast.Name):
        return None
    name = f"{root.id}.{inner.attr}" if isinstance(inner, ast.Attribute) else ""
    return None if name in SETTINGS and inner is not node else root.id


def changed_by_call(call: ast.Call, *, used: bool) -> str | None:
    """Return the name whose object a call changes in place, or None.

    Parameters
    ----------
    call
        The call.
    used
        Its result is assigned, returned, or looked into.
    """
    func = call.func
    if isinstance(func, ast.Name):
        known = func.id in FIRST_ARGUMENT
        return first_argument(call) if known else canvas_argument(call)
    if not isinstance(func, ast.Attribute):
        return None
    method = func.attr
    if method in INTERESTING:
        if method in FIRST_ARGUMENT:
            return first_argument(call)
        if not (used and method in SILENT):
            return receiver(func)
    if call.keywords and any(sets_inplace(keyword) for keyword in call.keywords):
        return receiver(func)
    if method in DRAWING or method.startswith("set_"):
        root = receiver(func)
        if root is not None and CANVAS.fullmatch(root):
            return root
    return canvas_argument(call)


def receiver(func: ast.Attribute) -> str | None:
    """Return the root of the object that a method is called on, unless a module."""
    root = root_name(func)
    return None if root in MODULES else root


def first_argument(call: ast.Call) -> str | None:
    """Return the root of the first argument of a call."""
    return root_name(call.args[0]) if call.args else None


def canvas_argument(call: ast.Call) -> str | None:
    """Return the root of what stands as ``ax=`` in a call: the call draws into it."""
    values = (keyword.value for keyword in call.keywords if keyword.arg == "ax")
    return next(map(root_name, values), None)


def sets_inplace(keyword: ast.keyword) -> bool:
    """Return whether a keyword argument is ``inplace=`` and not literally false."""
    value = keyword.value
    literally_false = isinstance(value, ast.Constant) and not value.value
    return keyword.arg == "inplace" and not literally_false
