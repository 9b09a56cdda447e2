"""What the extension costs in JupyterLab: marks, scrolling and memory."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import sync_playwright

from benchmarks.measure import Kind, Row, Sample
from tests.browser.conftest import FLAGS, KERNELSPEC, VIEWPORT
from tests.browser.lab import SCRIPT, Lab
from tests.browser.server import LabServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.measure import Effort

__all__ = ["browser"]

# From the state message until the page has worked out what all cells look like.
MARK_ALL = """
() => {
  const model = lab.reactive().model;
  const told = state => ({
    type: 'state', revision: model.revision + 1, full: false, mode: 'auto',
    settled: true, removed: [], order: null,
    cells: new Map(model.order.map(id => [id, {
      ...model.cells.get(id), state,
      reasons: [{ kind: 'input', cell: model.order[0], names: ['x'] }]
    }]))
  });
  const took = [];
  for (let turn = 0; turn < 21; turn += 1) {
    const message = told(turn % 2 ? 'stale' : 'queued');
    const start = performance.now();
    model.apply(message);
    took.push(performance.now() - start);
    getComputedStyle(lab.cells()[0].node, '::after').content;
  }
  return took.slice(1);
}
"""
# Scroll from top to bottom in steps of a frame; the times between frames.
SCROLL = """
marked => lab.within(60, new Promise(resolve => {
  lab.panel().node.classList.toggle('jp-Reactive-marks', marked);
  lab.panel().node.classList.toggle('jp-Reactive-dims', marked);
  const outer = lab.panel().content.outerNode;
  const took = [];
  let before = null;
  outer.scrollTop = 0;
  const step = now => {
    if (before !== null) took.push(now - before);
    before = now;
    outer.scrollTop += 60;
    if (took.length < 300) requestAnimationFrame(step);
    else resolve(took);
  };
  requestAnimationFrame(step);
}))
"""
RERUN = """
times => lab.within(300, new Promise(resolve => {
  const { model } = lab.reactive();
  const [id] = model.order;
  let left = times;
  const go = () => {
    if (left === 0) {
      model.changed.disconnect(onChanged);
      resolve();
    } else {
      left -= 1;
      lab.reactive().run([id]);
    }
  };
  const onChanged = (_, change) => {
    // A short run is told in one message, so `settled` may never be seen to change.
    const isDone = model.cells.get(id).state === 'fresh' && model.settled;
    if (change.cells.has(id) && isDone) setTimeout(go, 0);
  };
  model.changed.connect(onChanged);
  go();
}))
"""


def browser(effort: Effort) -> Iterator[Row]:
    """Mark, scroll and rerun in a notebook in JupyterLab; needs Chromium."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        return
    with _lab(path) as lab:
        cells = effort.sizes(100, 1000)[-1]
        _open(lab, cells)
        marks = Sample(tuple(lab.page.evaluate(MARK_ALL)))
        what = f"a state message marks {cells} cells"
        yield Row(what, "ms", marks, kind=Kind.VALUE, limit=16)
        plain = Sample(tuple(lab.page.evaluate(SCROLL, False)))
        frames = Sample(tuple(lab.page.evaluate(SCROLL, True)))
        what = f"a frame while scrolling {cells} cells, against no marks"
        yield Row(what, "ms", frames, plain, limit=1)
        _open(lab, cells)
        pressed = Sample(tuple(_delays(lab, effort.times(20))))
        what = "key press until a dependent is marked"
        yield Row(what, "ms", pressed, kind=Kind.VALUE, limit=250)
        _open(lab, 3)
        yield _growth(lab, effort.times(1000))


@contextmanager
def _lab(chromium: str) -> Iterator[Lab]:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = LabServer(Path(folder), extended=True)
        try:
            started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            page = started.new_page(viewport=VIEWPORT)
            page.add_init_script(path=SCRIPT)
            yield Lab(page, server)
        finally:
            server.stop()


def _open(lab: Lab, cells: int) -> None:
    """Open a notebook of cells that read what the first defines, and run two of them."""
    readers = [new_code_cell(f"x + {n}", id=f"c{n}") for n in range(cells - 1)]
    content: Any = new_notebook(
        cells=[new_code_cell("x = 1\nprint(x)", id="a"), *readers],
        metadata={"kernelspec": KERNELSPEC},
    )
    file = lab.server.work / f"cells{cells}.ipynb"
    nbformat.write(content, file)
    lab.open(file)
    lab.go_live()
    lab.run("a")
    lab.run("c0")
    lab.wait_for_state("c0", "fresh")


def _delays(lab: Lab, times: int) -> Iterator[float]:
    for number in range(times):
        yield lab.mark_delay("a", f"x = {number + 2}", "c0", "stale")
        lab.write("a", "x = 1\nprint(x)")
        lab.wait_for_mark("c0", "")


def _growth(lab: Lab, times: int) -> Row:
    """Return how much more memory the page holds after reruns."""
    lab.page.evaluate(RERUN, 50)
    before = _heap(lab)
    lab.page.evaluate(RERUN, times)
    grown = Sample(((_heap(lab) - before) / 1e6,))
    what = f"what the page grows by in {times} reruns"
    return Row(what, "MB", grown, kind=Kind.VALUE, limit=2)


def _heap(lab: Lab) -> float:
    session = lab.page.context.new_cdp_session(lab.page)
    session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return float(used)
