/** The application's source after a rollback: what in it names tables that are called otherwise now. */
import type { ExplainedError } from '../../postgres/types.ts';
import type { Edited } from '../../project/edit.ts';
import type { ProjectScan } from '../../project/scan.ts';

export interface Application {
  /** It stands in front of the verification. */
  open: boolean;
  status: 'idle' | 'working' | 'no-folder' | 'done' | 'failed';
  scan: ProjectScan | null;
  /** The operator is typing their consent to files being edited. */
  consenting: boolean;
  /** What became of each file, once they consented. */
  edited: Edited[] | null;
  /** Where the diff was written. */
  patch: string | null;
  error: ExplainedError | null;
}

export type ApplicationTask =
  /** `folder`: as typed; absent: the one that is known. Reads only. */
  | { type: 'scan-application'; folder?: string }
  /** Edits files on this machine, each copied first. */
  | { type: 'edit-application'; scan: ProjectScan }
  | { type: 'write-application-diff'; scan: ProjectScan };

export type ApplicationEvent =
  /** `scan` null: no folder is known. `unasked`: looked at with the verification. */
  | { type: 'application-scanned'; scan: ProjectScan | null; unasked?: true }
  | { type: 'application-edited'; edited: Edited[] }
  | { type: 'application-diff'; path: string }
  | { type: 'application-failed'; error: ExplainedError };
