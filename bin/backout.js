#!/usr/bin/env node
// Decides about the environment, answers --version, and hands over to the bundle.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { environmentChanges } from './environment.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const bundle = new URL('../dist/backout.js', import.meta.url);
const argv = process.argv.slice(2);
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

// Overwrites the arguments in the process list: a password in --database is not left there to be read.
process.title = 'backout';

const terminals = { stdin: process.stdin.isTTY === true, stdout: process.stdout.isTTY === true };
for (const [name, value] of Object.entries(environmentChanges(process.env, argv, terminals))) {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

if (argv.length === 1 && argv[0] === '--version') {
  process.stdout.write(`backout ${version}\n`);
} else if (existsSync(bundle)) {
  const { main } = await import(bundle.href);
  process.exitCode = await main({ argv, version, root });
  // Everything is closed by now and the process ends by itself. Should something be left open, it ends all the same.
  setTimeout(() => process.exit(), 3000).unref();
} else {
  process.stderr.write(
    'backout is not built yet: its dist folder is missing. Run "npm run build" in its folder.\n',
  );
  process.exitCode = 70;
}
