import type { UndoFacts } from '../undo/types.ts';

/**
 * Triggers that call a function by a name which stands for another one before the step: they read the same, and call what
 * goes into the archive.
 */
export function staleIn({ step, objects = {} }: UndoFacts): (definition: string) => boolean {
  const names = (step.record.objects?.objects ?? []).flatMap(({ ref, key, archived }) =>
    ref.type === 'function' && archived !== null && objects[key] ? [ref.name] : [],
  );
  return (definition) =>
    names.some(
      (name) =>
        definition.includes(` ${name}(`) ||
        definition.includes(`.${name}(`) ||
        definition.includes(`"${name}"(`),
    );
}
