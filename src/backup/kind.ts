/** What a file or folder is, read off its first bytes: a dump of pg_dump's, or something else. Reads only. */
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchiveKind } from './types.ts';

export interface OnDisk {
  kind: ArchiveKind;
  bytes: number;
  /** Of the newest file in it. */
  modifiedAt: Date;
}

/** Null where there is nothing, or nothing that may be read. */
export async function onDisk(path: string): Promise<OnDisk | null> {
  try {
    const whole = await stat(path);
    if (whole.isDirectory()) return await folderOnDisk(path, whole.mtime);
    return { kind: kindOf(await firstBytes(path)), bytes: whole.size, modifiedAt: whole.mtime };
  } catch {
    return null;
  }
}

async function folderOnDisk(path: string, own: Date): Promise<OnDisk> {
  const names = await readdir(path);
  const files = await Promise.all(names.map((name) => stat(join(path, name))));
  const plain = files.filter((file) => file.isFile());
  const newest = Math.max(own.getTime(), ...plain.map(({ mtimeMs }) => mtimeMs));
  return {
    kind: folderKind(names),
    bytes: plain.reduce((sum, file) => sum + file.size, 0),
    modifiedAt: new Date(newest),
  };
}

/** toc.dat: pg_dump -Fd. The others: pg_basebackup, or a copy of a data directory. */
function folderKind(names: readonly string[]): ArchiveKind {
  if (names.includes('toc.dat')) return 'directory';
  const physical = ['backup_manifest', 'backup_label', 'PG_VERSION', 'base.tar', 'base.tar.gz'];
  return names.some((name) => physical.includes(name)) ? 'physical' : 'unknown';
}

async function firstBytes(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** pg_backup_archiver.c, _discoverArchiveFormat: "PGDMP", or a tar whose first member is toc.dat. */
export function kindOf(head: Buffer): ArchiveKind {
  const text = head.toString('latin1');
  if (text.startsWith('PGDMP')) return 'custom';
  if (text.slice(257, 262) === 'ustar') return text.startsWith('toc.dat\0') ? 'tar' : 'unknown';
  if (/^(--\n)?-- PostgreSQL database (cluster )?dump/m.test(text)) return 'plain';
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  return 'unknown';
}
