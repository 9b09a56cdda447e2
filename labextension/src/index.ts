import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';

import { pyfiles } from './convert';
import { ReactiveNotebooks } from './notebooks';
import { steering } from './steering';
import { IReactiveNotebooks } from './tokens';
import { understanding } from './understanding';
import { marks } from './views/marks';

export * from './tokens';

const notebooks: JupyterFrontEndPlugin<IReactiveNotebooks> = {
  id: 'reactive-kernel:notebooks',
  description: 'Follows the open notebooks that run on the Reactive Python kernel.',
  autoStart: true,
  requires: [INotebookTracker],
  provides: IReactiveNotebooks,
  activate: (_app, tracker: INotebookTracker) =>
    new ReactiveNotebooks(tracker, (panel, reason) => {
      console.warn(`Reactive Python: ${panel.title.label}: ${reason}`);
      // JupyterLab cuts longer texts off.
      Notification.warning(
        'Reactive Python: this kernel and the extension do not understand each other, ' +
          'so no marks are shown. Cells run as usual.',
        { autoClose: false }
      );
    })
};

export default [notebooks, pyfiles, marks, steering, understanding];
