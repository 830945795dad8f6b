/** The disk under the local journal is full, or the journal may grow no more. */
import { spawnSync } from 'node:child_process';
import type { Fault } from '../support/point.ts';
import type { Reference } from '../support/reference.ts';

/**
 * A file system of its own for the journal, of so many kilobytes, in a mount namespace that only the program sees: the
 * write fails with ENOSPC. For Linux that lets users make namespaces.
 */
const tiny = (kilobytes: number): string[] => [
  ...['unshare', '-rm', 'sh', '-c'],
  `mount -t tmpfs -o size=${kilobytes}k,mode=0700 backout "$XDG_STATE_HOME" && exec "$@"`,
  'sh',
];

/** No file may grow beyond so many bytes (RLIMIT_FSIZE): the write fails with EFBIG, at whatever byte is wanted. */
const limited = (bytes: number): string[] => ['prlimit', `--fsize=${bytes}`, '--'];

const works = ([command = '', ...words]: string[]): boolean =>
  spawnSync(command, [...words, 'true'], { env: { ...process.env, XDG_STATE_HOME: '/tmp' } }).status === 0;

/** `bytes`: the journal's length in a run without faults; it is cut short at `count` places, evenly. */
export function fullDisks(reference: Reference, count: number): Fault[] {
  const { journalBytes } = reference;
  const places = Array.from({ length: count }, (_, n) => Math.round(((n + 0.5) / count) * journalBytes));
  const pages = [...new Set(places.map((bytes) => 4 * Math.max(1, Math.round(bytes / 4096))))];
  const fault = (name: string, launcher: string[]): Fault => ({
    kind: 'journal-full',
    name,
    at: null,
    side: 'before',
    launcher,
    noJournal: launcher[0] === 'unshare',
    check: ({ ended }) =>
      /mistake in backout/.test(ended.err) ? ['it takes a full disk for a mistake of its own'] : [],
  });
  return [
    ...(works(limited(1 << 20)) ? places.map((bytes) => fault(`${bytes} bytes`, limited(bytes))) : []),
    ...(works(tiny(64)) ? pages.map((kilobytes) => fault(`a disk of ${kilobytes} kB`, tiny(kilobytes))) : []),
  ];
}
