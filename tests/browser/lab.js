// What the tests need to see inside a JupyterLab page; loaded before the page's own code.
// Everything here only reads, but for `focus`, `setSource`, `setSettings` and `restart`.
window.lab = {
  panel: () => window.jupyterapp?.shell.currentWidget,
  session: () => lab.panel().sessionContext,
  kernel: () => lab.session().session.kernel,
  cells: () => lab.panel().content.widgets,
  cell: id => lab.cells().find(cell => cell.model.id === id),
  index: id => lab.cells().findIndex(cell => cell.model.id === id),

  ids: () => lab.cells().map(cell => cell.model.id),

  isShown: path => {
    const panel = lab.panel();
    return Boolean(
      panel?.context?.path === path &&
        panel.context.isReady &&
        panel.content.widgets.length > 0
    );
  },
  isOpen: path =>
    lab.isShown(path) && lab.panel().sessionContext?.isReady && lab.isIdle(),
  isIdle: () => lab.session().session?.kernel?.status === 'idle',
  isSaved: () => !lab.panel().context.model.dirty,

  outputs: id => lab.cell(id).model.outputs.toJSON().map(lab.asSent),
  // JupyterLab keeps its drawing of a diagram in the output, some time after it has come.
  asSent: output => {
    if (!output.data?.['text/vnd.mermaid']) return output;
    const { 'image/svg+xml': _drawn, ...data } = output.data;
    return { ...output, data, metadata: {} };
  },
  text: id =>
    lab
      .outputs(id)
      .map(output => {
        const data = output.data ?? {};
        const text =
          output.text ?? output.traceback ?? data['text/html'] ?? data['text/plain'] ?? '';
        return Array.isArray(text) ? text.join('') : text;
      })
      .join('\n'),
  shows: ({ id, text }) => lab.text(id).includes(text),

  prompt: id => lab.cell(id).node.querySelector('.jp-InputPrompt').textContent.trim(),
  recordTiming: () => {
    const notebook = lab.panel().content;
    notebook.notebookConfig = { ...notebook.notebookConfig, recordTiming: true };
  },
  timing: id => lab.cell(id).model.getMetadata('execution'),

  counts: () =>
    Object.fromEntries(
      lab
        .cells()
        .filter(cell => cell.model.type === 'code')
        .map(cell => [cell.model.id, cell.model.executionCount])
    ),
  // A cell loses its number when it starts and gets one with the kernel's reply.
  unanswered: new Set(),
  expectReplies: ids => {
    lab.unanswered = new Set(ids);
    for (const id of ids) {
      const model = lab.cell(id).model;
      const noticed = (_, change) => {
        if (change.name === 'executionCount' && change.newValue !== null) {
          lab.unanswered.delete(id);
          model.stateChanged.disconnect(noticed);
        }
      };
      model.stateChanged.connect(noticed);
    }
  },
  haveReplies: () => lab.unanswered.size === 0 && lab.isIdle(),

  focus: id => {
    const notebook = lab.panel().content;
    notebook.deselectAll();
    notebook.activeCellIndex = lab.index(id);
    notebook.mode = 'command';
    notebook.activate();
  },
  setSource: ({ id, source }) => lab.cell(id).model.sharedModel.setSource(source),
  setSettings: ({ id, settings }) =>
    lab.cell(id).model.sharedModel.setMetadata('reactive', settings),
  // What the extension knows of the open notebook: see labextension/src/tokens.ts.
  reactive: () =>
    window.jupyterapp?.pluginRegistry._plugins
      .get('reactive-kernel:notebooks')
      ?.service?.of(lab.panel()),
  isLive: () => Boolean(lab.reactive()?.live),
  states: () =>
    Object.fromEntries(
      lab.reactive().model.order.map(id => [
        id,
        lab.reactive().model.cells.get(id).state
      ])
    ),
  isIn: ({ id, state }) => lab.reactive()?.model.cells.get(id)?.state === state,
  // What stands in front of a cell: the shape and the word, as they are drawn.
  mark: id => {
    const { content, display } = getComputedStyle(lab.cell(id).node, '::after');
    return display === 'none' || content === 'none' ? '' : content.slice(1, -1);
  },
  isMarked: ({ id, mark }) => lab.mark(id) === mark,
  hasWords: ({ id, words }) => lab.words(id) === words,
  active: () => lab.panel().content.activeCell.model.id,
  settings: id => lab.cell(id).model.getMetadata('reactive') ?? null,
  words: id => lab.cell(id).node.getAttribute('aria-description') ?? '',
  line: id => getComputedStyle(lab.cell(id).node, '::before').borderLeft,
  isThemed: theme =>
    document.body.dataset.jpThemeName === theme && !document.querySelector('.jp-Splash'),
  // The contrast of the word and of the line in front of a cell.
  contrast: id => {
    const canvas = document.createElement('canvas').getContext('2d');
    const paper = getComputedStyle(lab.panel().content.node).backgroundColor;
    const luminance = color => {
      canvas.fillStyle = paper;
      canvas.fillRect(0, 0, 1, 1);
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].map(part => {
        const share = part / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const between = color => {
      const [low, high] = [luminance(color), luminance(paper)].sort((a, b) => a - b);
      return (high + 0.05) / (low + 0.05);
    };
    const { node } = lab.cell(id);
    return [
      between(getComputedStyle(node, '::after').color),
      between(getComputedStyle(node, '::before').borderLeftColor)
    ];
  },
  // What axe-core finds wrong with the elements of a selector.
  violations: async selector => {
    const { violations } = await axe.run(document, { resultTypes: ['violations'] });
    return violations.flatMap(({ id, nodes }) =>
      nodes
        .filter(({ target }) => document.querySelector(target[0])?.matches(selector))
        .map(({ target, failureSummary }) => `${id}: ${target[0]}: ${failureSummary}`)
    );
  },
  // Milliseconds from an edit until another cell carries a mark.
  markDelay: ({ id, source, other, mark }) =>
    lab.within(
      10,
      new Promise(resolve => {
        const start = performance.now();
        const { node } = lab.cell(other);
        new MutationObserver((_, observer) => {
          if (node.classList.contains(`jp-Reactive-${mark}`)) {
            observer.disconnect();
            resolve(performance.now() - start);
          }
        }).observe(node, { attributeFilter: ['class'] });
        lab.setSource({ id, source });
      })
    ),
  useWindowing: windowingMode => {
    const notebook = lab.panel().content;
    notebook.notebookConfig = { ...notebook.notebookConfig, windowingMode };
  },
  scrollTo: id => lab.within(10, lab.panel().content.scrollToItem(lab.index(id))),
  summary: () => lab.panel().node.querySelector('.jp-Reactive-summary').textContent,
  inStep: () => {
    const code = lab.cells().filter(cell => cell.model.type === 'code');
    const told = lab.reactive()?.model.order ?? [];
    return told.join() === code.map(cell => cell.model.id).join();
  },
  // Milliseconds from an edit until the model knows of the state of another cell.
  delay: ({ id, source, other, state }) =>
    lab.within(
      10,
      new Promise(resolve => {
        const start = performance.now();
        const model = lab.reactive().model;
        const check = () => {
          if (model.cells.get(other)?.state === state) {
            model.changed.disconnect(check);
            resolve(performance.now() - start);
          }
        };
        model.changed.connect(check);
        lab.setSource({ id, source });
      })
    ),

  execute: ({ command, args }) => jupyterapp.commands.execute(command, args),
  split: async ({ id, line }) => {
    lab.focus(id);
    const { editor } = lab.cell(id);
    editor.setSelection({ start: { line, column: 0 }, end: { line, column: 0 } });
    await lab.execute({ command: 'notebook:split-cell-at-cursor' });
  },
  select: ({ id, other }) => {
    lab.focus(id);
    lab.panel().content.extendContiguousSelectionTo(lab.index(other));
  },
  show: path => {
    for (const panel of jupyterapp.shell.widgets('main')) {
      if (panel.context?.path === path) jupyterapp.shell.activateById(panel.id);
    }
  },
  setOwnSettings: settings =>
    lab.panel().content.model.setMetadata('reactive', settings),
  within: (seconds, promise) =>
    Promise.race([
      promise,
      new Promise((_, reject) =>
        setTimeout(() => reject(new Error(`no answer in ${seconds} s`)), 1000 * seconds)
      )
    ]),
  restart: async () => {
    await lab.within(30, lab.session().restartKernel());
    await lab.within(30, lab.kernel().info);
  },
  changeKernel: async name => {
    await lab.within(30, lab.session().changeKernel({ name }));
    await lab.within(30, lab.kernel().info);
  },
  // The kernel answers in order, so what was asked of it before is done.
  answered: async () => {
    await lab.within(30, lab.kernel().requestKernelInfo());
  }
};
