// The built program, staying: performs one command line after the other, as bin/backout.js does, in one process.
// A process that has done it before needs a quarter of the processor's time. Whatever is to be killed is started anew.
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [program] = process.argv.slice(2);
const bin = pathToFileURL(program);
const { version } = JSON.parse(readFileSync(new URL('../package.json', bin), 'utf8'));
const { environmentChanges } = await import(new URL('environment.js', bin).href);
const { main } = await import(new URL('../dist/backout.js', bin).href);
const root = new URL('..', bin).pathname;

// Every command listens for closed pipes anew.
EventEmitter.defaultMaxListeners = 0;
const path = process.env.PATH;

process.on('message', async ({ argv, state, mark }) => {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, { PATH: path, HOME: state, XDG_STATE_HOME: state });
  const changes = environmentChanges(process.env, argv, { stdin: false, stdout: false });
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  process.chdir(state);
  const status = await main({ argv, version, root }).catch((error) => {
    process.stderr.write(String(error?.stack ?? error));
    return 1;
  });
  process.chdir('/');
  process.stderr.write(mark);
  process.stdout.write(mark);
  process.send({ status });
});
process.on('disconnect', () => process.exit());
process.send({ ready: true });
