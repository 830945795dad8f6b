/** What was done to databases from this machine, beside any run: one JSON object a line, only ever appended to. */
import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';

export interface LogLine {
  at: string;
  by: string;
  host: string;
  database: string;
  act: string;
  /** begun: written before anything is changed, so that a crash in between is seen. */
  what: 'begun' | 'done' | 'failed';
  text: string;
}

export const LOG_FILE = 'escalations.jsonl';

/** On disk before it returns. @throws when it cannot be written: what leaves no trace is not done */
export async function writeLog(stateDir: string, line: LogLine): Promise<void> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);
  const file = await open(join(stateDir, LOG_FILE), flags, 0o600);
  try {
    await file.appendFile(`${JSON.stringify(line)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}
