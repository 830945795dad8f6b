// What the environment says about colour and about Ink, decided before any library reads it. Pure.

/**
 * Colour is off for a non-empty NO_COLOR (https://no-color.org), for TERM=dumb and when the output is no terminal;
 * --color and --no-color win over all of them. chalk, inquirer's yoctocolors and Node all obey FORCE_COLOR; chalk
 * does not know NO_COLOR, and Node prints a warning when it finds both with colour on.
 * @param {NodeJS.ProcessEnv} env
 * @param {readonly string[]} argv
 * @param {boolean} terminal whether standard output is a terminal
 * @returns {boolean | null} null: as FORCE_COLOR and the terminal say
 */
export function colourWanted(env, argv, terminal) {
  if (argv.includes('--no-color')) return false;
  if (argv.includes('--color')) return true;
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return null;
  return env.TERM === 'dumb' || !terminal ? false : null;
}

/**
 * What to change in the environment; undefined removes a variable.
 * @param {NodeJS.ProcessEnv} env
 * @param {readonly string[]} argv
 * @param {{stdin: boolean, stdout: boolean}} terminals
 * @returns {Record<string, string | undefined>}
 */
export function environmentChanges(env, argv, terminals) {
  /** @type {Record<string, string | undefined>} */
  const changes = { NODE_ENV: 'production' };
  const colour = colourWanted(env, argv, terminals.stdout);
  if (colour === false) changes.FORCE_COLOR = '0';
  if (colour === true) {
    changes.NO_COLOR = undefined;
    if (!/^[123]$/.test(env.FORCE_COLOR ?? '')) changes.FORCE_COLOR = '1';
  }
  // With CI set, Ink shows nothing before it ends. Somebody sits at this terminal: two real ends say so.
  if (terminals.stdin && terminals.stdout) {
    changes.CI = 'false';
    changes.CONTINUOUS_INTEGRATION = undefined;
  }
  return changes;
}
