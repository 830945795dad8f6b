import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/read.ts';
import { shownConfig } from '../../src/config/types.ts';
import { UserError } from '../../src/exit.ts';

const read = (text: string) =>
  parseConfig(text, { file: 'backout.toml', folder: '/work/app', home: '/home/op' });

function wrong(text: string): string {
  try {
    read(text);
  } catch (error) {
    if (error instanceof UserError) {
      expect(error.exitStatus).toBe(64);
      return error.message;
    }
    throw error;
  }
  throw new Error('it was taken');
}

const WHOLE = `
[[contacts]]
name = "Ada"
role = "database on call"
how = "+43 1 234"

[[webhooks]]
url = "https://hooks.example.org/backout"
secret_env = "BACKOUT_KEY"
on = ["failure", "escalate"]

[[webhooks]]
url_env = "SLACK_URL"
format = "slack"

[commands]
stop = "./stop-all.sh"
start = "./start-all.sh"
test = "mix test"
start_seconds = 20

[project]
folder = "singularity"

[backup]
folder = "~/backups"

[logs]
files = ["log/dev.log", "/var/log/app.log"]

[migrations]
record_table = "tools.applied"
`;

describe('a configuration file', () => {
  it('is read whole; its paths are from its own folder or from home', () => {
    expect(read(WHOLE)).toEqual({
      contacts: [{ name: 'Ada', role: 'database on call', how: '+43 1 234' }],
      webhooks: [
        {
          url: 'https://hooks.example.org/backout',
          secret_env: 'BACKOUT_KEY',
          on: ['failure', 'escalate'],
          format: 'json',
        },
        { url_env: 'SLACK_URL', format: 'slack', on: ['start', 'failure', 'finish', 'escalate'] },
      ],
      commands: { stop: './stop-all.sh', start: './start-all.sh', test: 'mix test', start_seconds: 20 },
      project: { folder: '/work/app/singularity' },
      backup: { folder: '/home/op/backups' },
      logs: { files: ['/work/app/log/dev.log', '/var/log/app.log'] },
      migrations: { record_table: 'tools.applied' },
    });
  });

  it('shows everything but the addresses of webhooks', () => {
    const shown = shownConfig(read(WHOLE), '/work/app/backout.toml');
    expect(JSON.stringify(shown)).not.toMatch(/hooks|SLACK/);
    expect(shown).toMatchObject({ path: '/work/app/backout.toml', commands: { stop: './stop-all.sh' } });
  });
});

describe('what is wrong with a configuration file is said with its line', () => {
  it('a key that there is not, with the nearest one', () => {
    expect(wrong('[commands]\nstop = "x"\n\nstart_second = 5\n')).toBe(
      'backout.toml, line 4: there is no "start_second" in commands. Is start_seconds meant?',
    );
    expect(wrong('[[contact]]\nname = "x"\n')).toBe(
      'backout.toml, line 1: there is no "contact". Is contacts meant?',
    );
    expect(wrong('[zzzzzzzz]\na = 1\n')).toBe(
      'backout.toml, line 1: there is no "zzzzzzzz". There is: contacts, webhooks, commands, project, backup, migrations, logs.',
    );
  });

  it('the second of two entries, not the first', () => {
    const text = '[[contacts]]\nname = "a"\nhow = "b"\n\n[[contacts]]\nname = "a"\nmail = "b"\nhow = "c"\n';
    expect(wrong(text)).toMatch(/^backout\.toml, line 7: there is no "mail" in contacts\[2\]/);
    expect(wrong('[[contacts]]\nname = "a"\nhow = "b"\n\n[[contacts]]\nname = "a"\n')).toMatch(
      /^backout\.toml, line 5: contacts\[2\]\.how: /,
    );
  });

  it('a value of another kind', () => {
    expect(wrong('[commands]\nstop = 7\n')).toMatch(/^backout\.toml, line 2: commands\.stop: .*string/);
    expect(wrong('[commands]\nstart_seconds = 0\n')).toMatch(/line 2: commands\.start_seconds: /);
    expect(wrong('[logs]\nfiles = "a.log"\n')).toMatch(/line 2: logs\.files: .*array/);
  });

  it('what is no TOML', () => {
    expect(wrong('[commands]\nstop = ./stop.sh\n')).toMatch(/^backout\.toml, line 2: this is not TOML: /);
    expect(wrong('[a]\n[a]\n')).toMatch(/line 2: this is not TOML/);
  });

  it('an address that others on the way could read, or one with a password, which is not repeated', () => {
    for (const url of [
      'http://hooks.example.org/x',
      'https://me:canary@hooks.example.org/',
      'ftp://a/b',
      'x',
    ]) {
      const words = wrong(`[[webhooks]]\nurl = "${url}"\n`);
      expect(words).toMatch(/^backout\.toml, line 2: webhooks\[1\]\.url: must be an https:\/\/ address/);
      expect(words).not.toContain('canary');
    }
    expect(read('[[webhooks]]\nurl = "http://127.0.0.1:8080/x"\n').webhooks).toHaveLength(1);
    expect(wrong('[[webhooks]]\nformat = "json"\n')).toMatch(/needs url or url_env/);
  });
});
