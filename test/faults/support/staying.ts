/** Processes in which the built program stays: started once, handed one command line after the other. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

/** After so many command lines a process is replaced: whatever one leaves behind does not pile up for long. */
const LINES_EACH = 60;

export interface Spoken {
  /** Null when a signal ended it. */
  status: number | null;
  out: string;
  err: string;
}

export interface Speaking {
  pid: number;
  ended: Promise<Spoken>;
  kill(): void;
}

interface Staying {
  process: ChildProcess;
  performed: number;
}

const free: Staying[] = [];
const script = fileURLToPath(new URL('stays.mjs', import.meta.url));

function begin(program: string): Staying {
  const child = spawn(process.execPath, [script, program], {
    cwd: '/',
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  child.stdout?.setEncoding('utf8');
  child.stderr?.setEncoding('utf8');
  child.on('close', () => {
    const at = free.findIndex((staying) => staying.process === child);
    if (at < 0) return;
    free.splice(at, 1);
    console.error('WRONG: the program died after it had ended');
  });
  return { process: child, performed: 0 };
}

/** Those that are free keep nobody from ending. */
function heed({ process: child }: Staying, how: 'ref' | 'unref'): void {
  child[how]();
  child.channel?.[how]();
  for (const stream of [child.stdout, child.stderr]) (stream as Socket | null)?.[how]();
}

/** In a process that is free, or in a new one. */
export function speakTo(program: string, argv: readonly string[], state: string): Speaking {
  const staying = free.pop() ?? begin(program);
  heed(staying, 'ref');
  const { process: child } = staying;
  const mark = `\0${randomBytes(8).toString('hex')}\0`;
  const texts = { out: '', err: '' };
  let status: number | null = null;
  const ended = new Promise<Spoken>((resolve) => {
    const onOut = (text: string): void => hear('out', text);
    const onErr = (text: string): void => hear('err', text);
    const onMessage = (message: object): void => {
      if ('status' in message) status = Number(message.status);
      settle();
    };
    const onClose = (code: number | null): void => finish(code);
    function hear(stream: 'out' | 'err', text: string): void {
      texts[stream] += text;
      settle();
    }
    function settle(): void {
      if (status === null || !texts.out.endsWith(mark) || !texts.err.endsWith(mark)) return;
      finish(status);
      staying.performed += 1;
      heed(staying, 'unref');
      if (staying.performed < LINES_EACH) free.push(staying);
      else child.disconnect();
    }
    function finish(code: number | null): void {
      child.stdout?.off('data', onOut);
      child.stderr?.off('data', onErr);
      child.off('message', onMessage);
      child.off('close', onClose);
      resolve({ status: code, out: texts.out.replace(mark, ''), err: texts.err.replace(mark, '') });
    }
    child.stdout?.on('data', onOut);
    child.stderr?.on('data', onErr);
    child.on('message', onMessage);
    child.on('close', onClose);
  });
  // Said before it listens, it would not be heard.
  if (staying.performed > 0) child.send({ argv, state, mark });
  else child.once('message', () => child.send({ argv, state, mark }));
  return { pid: child.pid ?? 0, ended, kill: () => void child.kill('SIGKILL') };
}
