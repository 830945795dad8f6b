import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/exit.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const documents = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** Where the links and pictures of a document lead, within this project. */
function relativeLinks(markdown: string): string[] {
  const targets = [...markdown.matchAll(/\]\(([^)\s]+)\)|<img[^>]* src="([^"]+)"/g)].map(
    ([, link, picture]) => link ?? picture ?? '',
  );
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

/** GitHub's anchor of each heading. */
const anchors = (markdown: string): string[] =>
  [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, words = '']) =>
    words
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

describe('the documents', () => {
  it('say of keys and commands what the program does', () => {
    const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/docs.mjs'), '--check'], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it.each(documents)('%s links to what is there', (document) => {
    const missing = relativeLinks(read(document)).filter((target) => {
      const [file = '', anchor] = target.split('#');
      const path = file === '' ? join(root, document) : join(root, dirname(document), file);
      if (!existsSync(path)) return true;
      return anchor !== undefined && !anchors(readFileSync(path, 'utf8')).includes(anchor);
    });
    expect(missing).toEqual([]);
  });

  it('show every picture that was taken', () => {
    const shown = relativeLinks(read('README.md'));
    const taken = readdirSync(join(root, 'docs/pictures')).map((name) => `docs/pictures/${name}`);
    expect(taken.length).toBeGreaterThan(0);
    expect(taken.filter((picture) => !shown.includes(picture))).toEqual([]);
  });

  it('name every exit status', () => {
    for (const status of Object.values(EXIT)) expect(read('README.md')).toContain(`| ${status} |`);
  });

  it('say the Node version that package.json asks for', () => {
    const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
    expect(read('README.md')).toContain(`Node.js ${engines.node.replace('>=', '')}`);
  });

  it('show no path of the machine on which the pictures were taken', () => {
    for (const name of readdirSync(join(root, 'docs/pictures'))) {
      const picture = read(`docs/pictures/${name}`);
      expect(picture).not.toContain(root.slice(0, -1));
      const paths = [...picture.matchAll(/[\s>(](\/[\w.-]+\/[\w./-]*)/g)].map(([, path = '']) => path);
      expect(paths.filter((path) => !path.startsWith('/tmp/'))).toEqual([]);
    }
  });
});
