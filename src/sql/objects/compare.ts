/** What is different between two states of an object, in words. Pure. */
import { rightsOf } from './attributes.ts';
import { attributesOfType } from './composite.ts';
import type { ObjectState } from './types.ts';

/** Values that were added to an enum stay; that they are there is said by the undo itself. */
function attributesOf({ attributes }: ObjectState): Record<string, string> {
  const plain = Object.entries(attributes).filter(
    ([name]) =>
      !/^(label|grant|grant option|attribute|has attribute):/.test(name) &&
      !['labels', 'attributes'].includes(name),
  );
  return Object.fromEntries(plain.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Empty when they are the same but for their number. */
export function objectDifferences(before: ObjectState | null, now: ObjectState | null): string[] {
  if (!before) return now ? ['It is there.'] : [];
  if (!now) return ['It is not there.'];
  const labels = (state: ObjectState): string[] => JSON.parse(state.attributes['labels'] ?? '[]') as string[];
  const missing = labels(before).filter((label) => !labels(now).includes(label));
  const parts = (state: ObjectState): string[] => attributesOfType(state).map((one) => JSON.stringify(one));
  const lacking = parts(before).filter((one, at) => parts(now)[at] !== one);
  return [
    ...(lacking.length > 0 ? ['Its attributes differ.'] : []),
    ...(JSON.stringify([before.make, before.more]) === JSON.stringify([now.make, now.more])
      ? []
      : ['Its definition differs.']),
    ...(before.owner === now.owner ? [] : [`Its owner is ${now.owner}, was ${before.owner}.`]),
    ...(before.comment === now.comment ? [] : ['Its comment differs.']),
    ...(rightsOf(before) === rightsOf(now) ? [] : ['Its rights differ.']),
    ...(JSON.stringify(attributesOf(before)) === JSON.stringify(attributesOf(now))
      ? []
      : ['Its settings differ.']),
    ...(missing.length > 0 ? [`It lacks ${missing.join(', ')}.`] : []),
  ];
}
