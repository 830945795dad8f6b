/** Which migrations a rollback command takes back. Pure. */
import type { EctoRollback } from './command.ts';
import type { RecordedMigration } from './types.ts';

/** As numbers: Ecto's versions are bigint. */
function newest(one: RecordedMigration, other: RecordedMigration): number {
  const [a, b] = [BigInt(one.version), BigInt(other.version)];
  return a < b ? 1 : a > b ? -1 : 0;
}

/** Recorded versions with their files, newest first. Versions that are no numbers are left out. */
export function recordedMigrations(
  versions: readonly string[],
  files: readonly { version: string; file: string }[],
): RecordedMigration[] {
  return versions
    .filter((version) => /^\d{1,18}$/.test(version))
    .map((version) => ({
      version,
      file: files.find((one) => BigInt(one.version) === BigInt(version))?.file ?? null,
    }))
    .sort(newest);
}

export interface Taken {
  takes: RecordedMigration[];
  passedOver: RecordedMigration[];
}

/**
 * Ecto looks through the files, newest first, for those whose version is recorded (Ecto.Migrator,
 * pending_in_direction): a recorded version without a file is passed over without a word, and `--step` counts the
 * next one instead. `--to` goes down to and including the version.
 */
export function takenBy(target: EctoRollback['target'], recorded: readonly RecordedMigration[]): Taken {
  const there = recorded.filter(({ file }) => file !== null);
  const takes =
    'to' in target
      ? there.filter(({ version }) => BigInt(version) >= BigInt(target.to))
      : there.slice(0, target.step);
  const last = takes.at(-1);
  const lowest = 'to' in target ? BigInt(target.to) : last ? BigInt(last.version) : null;
  const passedOver = recorded.filter(
    ({ version, file }) => file === null && (lowest === null || BigInt(version) > lowest),
  );
  return { takes, passedOver };
}
