export function colourWanted(
  env: Record<string, string | undefined>,
  argv: readonly string[],
  terminal: boolean,
): boolean | null;

export function environmentChanges(
  env: Record<string, string | undefined>,
  argv: readonly string[],
  terminals: { stdin: boolean; stdout: boolean },
): Record<string, string | undefined>;
