// Builds dist/: the bundle that bin/backout.js loads, practice's worker, and the prepared practice database.
import { build } from 'esbuild';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPractice } from './practice/build.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');

/** Ink imports its devtools lazily, esbuild hoists that import: without a stand-in the bundle dies at start. */
const noDevtools = {
  name: 'no-devtools',
  setup(build) {
    build.onResolve({ filter: /^react-devtools-core$/ }, () => ({
      path: 'react-devtools-core',
      namespace: 'none',
    }));
    build.onLoad({ filter: /.*/, namespace: 'none' }, () => ({
      contents: 'export default { initialize() {}, connectToDevTools() {} };',
    }));
  },
};

/** @param {Record<string, string>} entryPoints */
const bundle = (entryPoints) =>
  build({
    absWorkingDir: root,
    entryPoints,
    outdir: dist,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.17',
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: 'linked',
    legalComments: 'none',
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
    // WebAssembly and data files beside the code: these stay packages. pg-native is pg's optional C half.
    external: ['@electric-sql/*', 'libpg-query', 'pg-native'],
    plugins: [noDevtools],
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await bundle({ backout: 'src/cli.ts', 'practice/worker': 'src/practice/worker.ts' });
await buildPractice(dist);
// Written last: whoever finds it finds a whole build.
await writeFile(join(dist, 'built'), `${new Date().toISOString()}\n`);
