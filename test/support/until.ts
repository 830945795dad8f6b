/** Waiting for a state that another process brings about. */

/** Between two looks: whoever looks without a rest takes the processor from those who are waited for. */
const PACE_MS = 10;

/** Resolves when it holds, looked at again and again. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, PACE_MS));
}
