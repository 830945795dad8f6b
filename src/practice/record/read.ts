/** Records of drills, one's own and those that were handed over. What cannot be read is named, never left out unseen. */
import { constants } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseRecord, type ReadRecord } from './types.ts';

/** A record is some ten kB; what is larger is none. */
const LARGEST = 2_000_000;

export interface BrokenRecord {
  path: string;
  /** Why, as the end of a sentence. */
  reason: string;
}

export interface Records {
  records: ReadRecord[];
  broken: BrokenRecord[];
}

const reasonOf = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file or folder';
  if (code === 'EACCES' || code === 'EPERM') return 'reading it is not permitted';
  return code === 'ELOOP' ? 'it is a link' : message;
};

async function readRecord(path: string): Promise<ReadRecord> {
  // O_NONBLOCK: a pipe that lies there would be waited for.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const file = await open(path, flags);
  try {
    const about = await file.stat();
    if (!about.isFile()) throw new Error('it is not a plain file');
    if (about.size > LARGEST) throw new Error('it is too large to be a record');
    return parseRecord(await file.readFile('utf8'));
  } finally {
    await file.close();
  }
}

async function filesIn(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const names = await readdir(path);
  return names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(path, name));
}

/**
 * @param own the folder of this machine's records, which need not be there
 * @param handedOver files and folders; a record that is there twice counts once
 */
export async function readRecords(own: string, handedOver: readonly string[] = []): Promise<Records> {
  const records = new Map<string, { record: ReadRecord; path: string }>();
  const broken: BrokenRecord[] = [];
  for (const place of [own, ...handedOver]) {
    let files: string[] = [];
    try {
      files = await filesIn(place);
    } catch (error) {
      if (place !== own || (error as NodeJS.ErrnoException).code !== 'ENOENT') {
        broken.push({ path: place, reason: reasonOf(error) });
      }
    }
    for (const path of files) {
      try {
        const record = await readRecord(path);
        const known = records.get(record.id);
        if (known && JSON.stringify(known.record) !== JSON.stringify(record)) {
          throw new Error(`it says something else of the same attempt than ${known.path}`);
        }
        if (!known) records.set(record.id, { record, path });
      } catch (error) {
        broken.push({ path, reason: reasonOf(error) });
      }
    }
  }
  return { records: [...records.values()].map(({ record }) => record), broken };
}
