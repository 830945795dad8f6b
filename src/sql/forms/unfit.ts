/** Why a step cannot be carried out in another form than its own. */

/** Thrown within this folder, and caught there: the message is one sentence for the operator. */
export class DoesNotFit extends Error {}

export function refuse(sentence: string): never {
  throw new DoesNotFit(sentence);
}

/** What `work` gives, or the sentence that says why it cannot. */
export function orSentence<T>(work: () => T): T | string {
  try {
    return work();
  } catch (error) {
    if (error instanceof DoesNotFit) return error.message;
    throw error;
  }
}

/** A rendering that could not be proved faithful is none. */
export function rendered(render: () => string, what: string): string {
  try {
    return render();
  } catch {
    return refuse(`${what} could not be written out again with certainty.`);
  }
}
