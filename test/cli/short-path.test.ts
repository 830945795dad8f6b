import { describe, expect, it } from 'vitest';
import { shortPath } from '../../src/commands/load.ts';

describe('a path as people would write it', () => {
  it.each([
    ['/home/ann/work/runbooks/a.md', 'runbooks/a.md'],
    ['/home/ann/notes/a.md', '~/notes/a.md'],
    ['/home/ann/workshop/a.md', '~/workshop/a.md'],
    ['/home/annabel/a.md', '/home/annabel/a.md'],
    ['/home/ann/work/..a.md', '..a.md'],
    ['/srv/a.md', '/srv/a.md'],
  ])('%s is %s', (path, short) => {
    expect(shortPath(path, '/home/ann/work', '/home/ann')).toBe(short);
  });

  it('stays whole where there is no home', () => {
    expect(shortPath('/srv/a.md', '/tmp', '')).toBe('/srv/a.md');
  });
});
