/** The application's source after a rollback: shown, written as a diff, or edited on a typed consent. */
import { EDIT_FILES, mayLookAtApplication, noApplication } from '../application.ts';
import { failureNote, to, type Reduced } from '../reduced.ts';
import type { Application, ApplicationEvent, State, Task } from '../types.ts';

const withApplication = (state: State, application: Partial<Application>): State => ({
  ...state,
  application: { ...state.application, ...application },
});

const note = (text: string): Task => ({ type: 'record', event: { type: 'note', text } });

/** Looks where the source is known to be, unless it was looked at already. */
export function openApplication(state: State): Reduced {
  if (!mayLookAtApplication(state)) return to(state);
  if (state.application.scan) return to(withApplication(state, { open: true }));
  return to(withApplication(state, { ...noApplication(), open: true, status: 'working' }), {
    type: 'scan-application',
  });
}

export const closeApplication = (state: State): Reduced =>
  to(withApplication(state, state.application.consenting ? { consenting: false } : { open: false }));

export function onApplication(state: State, event: ApplicationEvent): Reduced {
  const { status, scan } = state.application;
  const unasked = event.type === 'application-scanned' && event.unasked === true;
  if (status !== 'working' && !unasked) return to(state);
  switch (event.type) {
    case 'application-scanned':
      return to(
        withApplication(state, {
          ...noApplication(),
          open: state.application.open,
          status: event.scan ? 'done' : 'no-folder',
          scan: event.scan,
        }),
      );
    case 'application-edited': {
      const { edited } = event;
      const lines = edited.map(
        ({ path, copy, refused }) => `${path}: ${refused ?? `edited, before: ${copy ?? ''}`}`,
      );
      return to(
        withApplication(state, { status: 'done', edited }),
        note(
          `Files of the application in ${scan?.folder ?? ''} were edited, as the operator asked: ${lines.join('; ')}`,
        ),
      );
    }
    case 'application-diff':
      return to(
        withApplication(state, { status: 'done', patch: event.path }),
        note(`What has to change in the application was written as a diff: ${event.path}`),
      );
    case 'application-failed':
      return to(
        withApplication(state, { status: scan ? 'done' : 'failed', error: event.error }),
        failureNote('The source of the application could not be worked on', event.error),
      );
  }
}

export function answerApplication(state: State, name: string, value: string): Reduced {
  if (name === 'application-folder') {
    const folder = value.trim();
    if (folder === '') return closeApplication(state);
    return to(withApplication(state, { ...noApplication(), open: true, status: 'working' }), {
      type: 'scan-application',
      folder,
    });
  }
  const { scan } = state.application;
  if (name === 'edit-files') {
    const asked = withApplication(state, { consenting: false });
    if (value !== EDIT_FILES || !scan) {
      return to({ ...asked, notice: 'What was typed is not what was asked for. No file was edited.' });
    }
    return to(withApplication(asked, { status: 'working', error: null }), { type: 'edit-application', scan });
  }
  switch (value) {
    case 'write':
      return scan
        ? to(withApplication(state, { status: 'working', error: null }), {
            type: 'write-application-diff',
            scan,
          })
        : to(state);
    case 'edit':
      return to(withApplication(state, { consenting: true }));
    case 'folder':
      return to(withApplication(state, { ...noApplication(), open: true, status: 'no-folder' }));
    default:
      return closeApplication(state);
  }
}
