// Statements run by psql, by a session that stays open until its costs have been taken.
import { spawn } from 'node:child_process';

/**
 * Starts psql, which waits for statements.
 * @param {{ psql: string, cluster: { host: string, port: number, user: string, password: string } }} server
 * @param {string} database
 */
export async function openPsql({ psql, cluster }, database) {
  const { host, port, user, password } = cluster;
  const target = ['-h', host, '-p', String(port), '-U', user, '-d', database];
  const child = spawn(psql, ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', ...target], {
    env: { ...process.env, PGPASSWORD: password },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let [out, errors] = ['', ''];
  let heard = () => undefined;
  child.stdout.setEncoding('utf8').on('data', (text) => heard((out += text)));
  child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
  child.stdin.on('error', () => undefined);
  const gone = new Promise((_resolve, reject) =>
    child.once('close', (status) => reject(new Error(`psql ended with ${status}: ${errors}`))),
  );
  gone.catch(() => undefined);

  /** Sends the text, then a question of which the answer is one line. */
  const sent = (text, question) => {
    const answer = new Promise((resolve) => {
      heard = () => out.endsWith('\n') && resolve(out.trim());
    });
    out = '';
    child.stdin.write(`${text}${question};\n`);
    return Promise.race([answer, gone]);
  };

  return {
    pid: Number(await sent('', 'SELECT pg_backend_pid()')),
    /** @param {string[]} statements that return no rows @returns {Promise<number>} seconds */
    async run(statements) {
      const began = performance.now();
      await sent(statements.map((sql) => `${sql}\n;\n`).join(''), `SELECT 'finished'`);
      return (performance.now() - began) / 1000;
    },
    async close() {
      child.stdin.end();
      await gone.catch(() => undefined);
    },
  };
}
