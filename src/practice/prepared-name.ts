/**
 * The practice database's name. The operator types it to confirm, so it says what it is; nobody's production is
 * called so.
 */
export const PRACTICE_DATABASE = 'singularity_practice';
