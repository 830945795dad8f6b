/** Before each test file: files share a process, and none begins with what another left of its environment. */
import chalk from 'chalk';
import fc from 'fast-check';

interface Beginning {
  folder: string;
  env: NodeJS.ProcessEnv;
}

const kept = globalThis as { backoutBeginning?: Beginning };
const { folder, env } = (kept.backoutBeginning ??= { folder: process.cwd(), env: { ...process.env } });

process.chdir(folder);
for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
Object.assign(process.env, env);
chalk.level = 0;

// What is random is the same each time, so that a change is judged by what it changes; new ground: npm run test:all.
if (process.env['BACKOUT_TEST'] !== 'all') fc.configureGlobal({ seed: 20261123 });
