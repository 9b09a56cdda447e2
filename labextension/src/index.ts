import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';

import { ReactiveNotebooks } from './notebooks';
import { steering } from './steering';
import { IReactiveNotebooks } from './tokens';
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
      Notification.warning(
        `${panel.title.label}: the marks of Reactive Python are not shown, because ` +
          `kernel and extension do not understand each other (${reason}). ` +
          'Cells run as usual. Install the same version of reactive-kernel for both.',
        { autoClose: false }
      );
    })
};

export default [notebooks, marks, steering];
