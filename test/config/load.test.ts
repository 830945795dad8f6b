import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig, type LoadConfig } from '../../src/config/load.ts';
import { NO_CONFIG } from '../../src/config/types.ts';
import { UserError } from '../../src/exit.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'backout-config-'));
  for (const folder of ['here', 'runbooks', 'home/.config/backout', 'xdg/backout']) {
    await mkdir(join(root, folder), { recursive: true });
  }
});

afterEach(() => rm(root, { recursive: true, force: true }));

const at = (...parts: string[]): string => join(root, ...parts);

const load = (more: Partial<LoadConfig> = {}) =>
  loadConfig({ env: {}, cwd: at('here'), home: at('home'), runbook: at('runbooks/a.md'), ...more });

/** A file that says by its contact which one it is. */
async function put(path: string, name = path, mode = 0o600): Promise<string> {
  await writeFile(at(path), `[[contacts]]\nname = "${name}"\nhow = "by phone"\n`);
  await chmod(at(path), mode);
  return at(path);
}

const nameOf = async (more: Partial<LoadConfig> = {}) => (await load(more)).config.contacts[0]?.name;

async function refusal(more: Partial<LoadConfig> = {}): Promise<UserError> {
  const error: unknown = await load(more).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  return error as UserError;
}

describe('where the configuration is looked for', () => {
  it('is nowhere: there is none, and nothing is wrong', async () => {
    expect(await load()).toEqual({ config: NO_CONFIG, path: null });
  });

  it('the first that is there counts: --config, BACKOUT_CONFIG, here, beside the runbook, in the settings', async () => {
    const env = { XDG_CONFIG_HOME: at('xdg') };
    await put('xdg/backout/backout.toml', 'settings');
    await put('home/.config/backout/backout.toml', 'settings at home');
    expect(await nameOf()).toBe('settings at home');
    expect(await nameOf({ env })).toBe('settings');
    await put('runbooks/backout.toml', 'beside');
    expect(await nameOf({ env })).toBe('beside');
    await put('here/backout.toml', 'here');
    expect(await nameOf({ env })).toBe('here');
    await put('variable.toml', 'variable');
    const named = { ...env, BACKOUT_CONFIG: '../variable.toml' };
    expect(await nameOf({ env: named })).toBe('variable');
    await put('option.toml', 'option');
    expect(await load({ env: named, explicit: at('option.toml') })).toMatchObject({
      path: at('option.toml'),
      config: { contacts: [{ name: 'option' }] },
    });
  });

  it('one that is named and not there is an error, even where another could be found', async () => {
    await put('here/backout.toml');
    expect(await refusal({ explicit: 'no.toml' })).toMatchObject({
      message: `The configuration file of --config is not there: ${at('here/no.toml')}`,
      exitStatus: 64,
    });
    const { message } = await refusal({ env: { BACKOUT_CONFIG: at('no.toml') } });
    expect(message).toContain('BACKOUT_CONFIG');
  });

  it('one that cannot be used is an error: it is not passed over for the next', async () => {
    await put('runbooks/backout.toml');
    await writeFile(at('here/backout.toml'), 'contacts = 7');
    expect((await refusal()).message).toContain(at('here/backout.toml'));
  });
});

describe('who may write the configuration', () => {
  it('everybody: it is refused, with the command that changes it', async () => {
    const path = await put('here/backout.toml', 'x', 0o666);
    const { message, advice } = await refusal();
    expect(message).toBe(
      `The configuration file ${path} may be written by everybody on this machine, and it holds commands.`,
    );
    expect(advice).toContain(`chmod o-w ${path}`);
    await chmod(path, 0o664);
    expect(await nameOf()).toBe('x');
  });

  it('a folder by that name is not a file', async () => {
    await mkdir(at('here/backout.toml'));
    expect((await refusal()).message).toMatch(/is not a file/);
  });

  it('a file of more than 256 kB is not read', async () => {
    await writeFile(at('here/backout.toml'), `# ${'x'.repeat(256 * 1024)}\n`);
    expect((await refusal()).message).toMatch(/larger than 256 kB/);
  });
});
