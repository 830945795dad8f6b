import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../src/commands/args.ts';
import { practiceCommand } from '../../../src/commands/practice.ts';
import { startCommand } from '../../../src/shell/run.ts';
import { drillWith, staged } from './staged.ts';
import { NO_OPTIONS, testIo } from './stage.ts';

/** Where every setting that libpq knows leads: whoever connects is counted. */
let trap: Server;
let visitors = 0;
let port = 0;
let folder = '';
const before = { ...process.env };
const cwd = process.cwd();

beforeEach(async () => {
  visitors = 0;
  trap = createServer((socket) => {
    visitors += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve));
  const address = trap.address();
  port = address !== null && typeof address === 'object' ? address.port : 0;
  folder = mkdtempSync(join(tmpdir(), 'backout-test-'));
});

afterEach(() => {
  process.chdir(cwd);
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
  trap.close();
  rmSync(folder, { recursive: true, force: true });
});

function everySetting(): NodeJS.ProcessEnv {
  writeFileSync(
    join(folder, 'pg_service.conf'),
    `[prod]\nhost=127.0.0.1\nport=${port}\ndbname=orders\nuser=app\n`,
  );
  writeFileSync(join(folder, 'pgpass'), '*:*:*:*:secret\n', { mode: 0o600 });
  return {
    DATABASE_URL: `postgresql://app@127.0.0.1:${port}/orders`,
    PGHOST: '127.0.0.1',
    PGHOSTADDR: '127.0.0.1',
    PGPORT: String(port),
    PGDATABASE: 'orders',
    PGUSER: 'app',
    PGPASSWORD: 'secret',
    PGSERVICE: 'prod',
    PGSERVICEFILE: join(folder, 'pg_service.conf'),
    PGPASSFILE: join(folder, 'pgpass'),
    PGOPTIONS: '-c search_path=orders',
    PGSSLMODE: 'disable',
    BACKOUT_CONFIG: join(folder, 'backout.toml'),
  };
}

describe('practice cannot reach a real database', () => {
  it('whatever the environment, the current folder and the command line say', async () => {
    const env = everySetting();
    Object.assign(process.env, env);
    // A project and a configuration where backout is started.
    mkdirSync(join(folder, 'app'));
    writeFileSync(join(folder, 'app', 'mix.exs'), 'defmodule App do end\n');
    const toml = `[project]\nfolder = "app"\n[backup]\nfolder = "${folder}"\n[[webhooks]]\nname = "ops"\nurl = "http://127.0.0.1:${port}/"\n`;
    writeFileSync(join(folder, 'backout.toml'), toml);
    process.chdir(folder);
    let said = '';
    const io = {
      ...testIo(join(folder, 'state'), env),
      interactive: false,
      keyboard: false,
      out: async (text: string): Promise<void> => void (said += text),
    };
    // The wizard hands its own options over when practice is chosen there: a database among them counts for nothing.
    const options = { ...NO_OPTIONS, database: env['DATABASE_URL'] };
    const status = await practiceCommand(io, options, 'calm');
    expect(said).toContain('PRACTICE');
    expect(said).toContain('singularity_practice');
    expect(said).not.toContain('orders');
    expect(said).not.toContain('secret');
    expect(status).toBe(0);
    expect(visitors).toBe(0);
    expect(process.cwd()).toBe(folder);
  });

  it('nor can a command that is run from its screens, by anything in its environment', async () => {
    Object.assign(process.env, everySetting(), {
      REPLICA: `ecto://app@127.0.0.1:${port}/orders`,
      OWN: 'kept',
    });
    const environment = async (): Promise<string[]> => {
      const lines: string[] = [];
      await startCommand(
        { command: 'env' },
        (line) => lines.push(line),
        () => Date.now(),
      ).result;
      return lines.filter((line) => /^(PG|OWN=|REPLICA=|DATABASE_URL=)/.test(line)).sort();
    };
    let meanwhile: string[] | null = null;
    const io = {
      ...testIo(join(folder, 'state'), everySetting()),
      interactive: false,
      keyboard: false,
      async out(): Promise<void> {
        meanwhile ??= await environment();
      },
    };
    expect(await practiceCommand(io, NO_OPTIONS, 'calm')).toBe(0);
    expect(meanwhile).toEqual(['OWN=kept']);
    // Where the wizard goes on with the operator's own database, its commands find it again.
    expect(await environment()).toContain(`PGPORT=${port}`);
  });

  it('since nothing of the environment is in its connection', async () => {
    Object.assign(process.env, everySetting());
    const stage = await staged(drillWith());
    expect(stage.connection.env).toEqual({});
    expect(stage.connection.url).toMatch(
      /^postgresql:\/\/\/singularity_practice\?host=[^&]*backout-practice-/,
    );
    expect(visitors).toBe(0);
  });

  it('and no option of it names one', () => {
    for (const option of ['--database=x', '--schema=x', '--confirm=x', '--allow-commands', '--project=.']) {
      expect(() => parseCommandLine(['practice', option])).toThrow(/backout practice does not take/);
    }
  });
});
