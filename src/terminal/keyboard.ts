/** The one reader of standard input while the terminal UI is up: raw mode, decoding, the escape timer. */
import { StringDecoder } from 'node:string_decoder';
import { createDecoder, type Input } from './keys.ts';

export interface Keyboard {
  /** Raw mode on, keys are read. */
  open(): void;
  /** Raw mode off; what was typed and not read yet is thrown away when `drain` is set. */
  close(drain?: boolean): void;
}

export interface KeyboardOptions {
  stdin: NodeJS.ReadStream;
  /** Called with each key in order, `at` milliseconds of a clock that only goes forward. */
  onInput(input: Input, at: number): void;
  /** Standard input has ended: the terminal is gone. */
  onGone(): void;
  now?(): number;
}

/** A keyboard on `stdin`; nothing is read before `open`. */
export function createKeyboard({
  stdin,
  onInput,
  onGone,
  now = () => performance.now(),
}: KeyboardOptions): Keyboard {
  const decoder = createDecoder();
  let bytes = new StringDecoder('utf8');
  let timer: NodeJS.Timeout | undefined;
  let isOpen = false;

  const deliver = (inputs: Input[]): void => {
    const at = now();
    for (const input of inputs) onInput(input, at);
  };
  const onData = (data: Buffer | string): void => {
    clearTimeout(timer);
    deliver(decoder.feed(typeof data === 'string' ? data : bytes.write(data)));
    const patience = decoder.patience();
    if (patience !== null) timer = setTimeout(() => deliver(decoder.flush()), patience);
  };
  const setRaw = (raw: boolean): void => {
    // A terminal that has gone answers EIO; there is no mode left to restore then.
    try {
      if (stdin.isTTY) stdin.setRawMode(raw);
    } catch {
      return;
    }
  };

  return {
    open() {
      if (isOpen) return;
      isOpen = true;
      bytes = new StringDecoder('utf8');
      setRaw(true);
      stdin.on('data', onData);
      stdin.on('end', onGone);
      stdin.on('error', onGone);
      stdin.ref();
      stdin.resume();
    },
    close(drain = false) {
      if (!isOpen) return;
      isOpen = false;
      clearTimeout(timer);
      decoder.flush();
      stdin.off('data', onData);
      stdin.off('end', onGone);
      stdin.off('error', onGone);
      if (drain) stdin.read();
      setRaw(false);
      stdin.pause();
      stdin.unref();
    },
  };
}
