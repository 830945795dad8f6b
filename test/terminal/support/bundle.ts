/** A test's program, bundled as the real one is, so that Node can run it. */
import { build, type PluginBuild } from 'esbuild';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Bundle {
  path: string;
  remove(): Promise<void>;
}

/** Ink loads its devtools only when asked to; esbuild hoists that import. */
const noDevtools = {
  name: 'no-devtools',
  setup(plugin: PluginBuild): void {
    plugin.onResolve({ filter: /^react-devtools-core$/ }, () => ({
      path: 'react-devtools-core',
      namespace: 'none',
    }));
    plugin.onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: 'export default {};' }));
  },
};

export async function bundle(entry: string): Promise<Bundle> {
  const folder = await mkdtemp(join(tmpdir(), 'backout-bundle-'));
  const path = join(folder, 'program.mjs');
  await build({
    entryPoints: [entry],
    outfile: path,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
    plugins: [noDevtools],
    banner: { js: "import{createRequire as __r}from'node:module';const require=__r(import.meta.url);" },
    logLevel: 'warning',
  });
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}
