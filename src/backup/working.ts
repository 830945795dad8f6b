/** Work on a child process after another, that can be cancelled at any time: also before the first has started. */
import type { RunningChild } from './child.ts';

export interface Working<T> {
  result: Promise<T>;
  /** Ends what runs; asked again, at once. */
  cancel(): void;
}

/** Starts at once. `onChild` is told of each child as it starts: one that starts after a cancel is ended. */
export function cancellable<T>(
  work: (onChild: (child: RunningChild) => void, isCancelled: () => boolean) => Promise<T>,
): Working<T> {
  let child: RunningChild | null = null;
  let cancelled = false;
  const onChild = (started: RunningChild): void => {
    child = started;
    if (cancelled) started.cancel();
  };
  return {
    result: work(onChild, () => cancelled),
    cancel() {
      cancelled = true;
      child?.cancel();
    },
  };
}
