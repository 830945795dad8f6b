// npm run faults
import { rm } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { bundled } from './bundle.mjs';

const file = await bundled('test/faults/main.ts');
try {
  const { main } = await import(pathToFileURL(file).href);
  process.exitCode = await main(process.argv.slice(2), file);
} finally {
  await rm(file, { force: true });
}
