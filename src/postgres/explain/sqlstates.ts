/** What SQLSTATEs mean to an operator (manual, errcodes-appendix). */

export interface Words {
  explanation: string;
  advice: string;
  /** What a runbook's troubleshooting entry about this says in its title or cause. */
  sign?: RegExp;
}

const STATES: Readonly<Record<string, Words>> = {
  '08006': {
    explanation: 'The connection to the server was lost.',
    advice:
      'Check the network and the server, then look at the database again: its real position is read afresh.',
  },
  '22001': {
    explanation: 'A text is longer than its column allows.',
    advice: 'Find the rows (the prerequisites list them by key) and decide about them before you go on.',
    sign: /too long|value .*length/i,
  },
  '22003': {
    explanation: 'A number is outside what its column can hold.',
    advice: 'Find the rows (the prerequisites list them by key) and decide about them before you go on.',
    sign: /out of range/i,
  },
  '22P02': {
    explanation: 'A text cannot be read as the type it should become, for example "high" as a number.',
    advice: 'Find the rows (the prerequisites list them by key) and decide about them before you go on.',
    sign: /invalid input|cast/i,
  },
  '23502': {
    explanation: 'A column that must have a value would be left without one.',
    advice: 'Find the rows where the source is empty and decide what they should hold.',
    sign: /not[ -]null|null value/i,
  },
  '23503': {
    explanation:
      'A foreign key stands in the way: rows of another table refer to these, or these to missing ones.',
    advice: 'Look at the constraint named in the detail before you touch either table.',
    sign: /foreign key/i,
  },
  '23505': {
    explanation: 'Two rows would get the same value in a column that must be unique.',
    advice: 'Look at the rows named in the detail and decide which of them is right.',
    sign: /duplicate|unique/i,
  },
  '23514': {
    explanation: 'A CHECK constraint does not allow the new value.',
    advice: 'Look at the constraint named in the message and the row in the detail.',
    sign: /check constraint/i,
  },
  '25006': {
    explanation: 'This connection may only read: a standby, or a default of the role or database.',
    advice: 'Connect to the primary, with a role whose default_transaction_read_only is off.',
    sign: /read-only|standby/i,
  },
  '25P03': {
    explanation: 'The server ended the session because a transaction stood idle for too long.',
    advice: 'The transaction was rolled back. Try again.',
  },
  '28000': {
    explanation: 'The server does not let this user in from here, in this way.',
    advice: 'Check user, database and sslmode against pg_hba.conf, and that the role exists and may log in.',
  },
  '28P01': {
    explanation: 'The password is wrong, or this user does not exist.',
    advice: 'Check the user, and the password where the settings say it came from.',
  },
  '2BP01': {
    explanation: 'Other objects depend on what was to be dropped; they are named in the detail.',
    advice: 'Decide about each of them first. Do not reach for CASCADE: it drops them without a copy.',
    sign: /depend|foreign key/i,
  },
  '3D000': {
    explanation: 'There is no database of this name on the server.',
    advice: 'Check the name. `psql -l` lists the databases.',
    sign: /database .*does not exist/i,
  },
  '3F000': {
    explanation: 'There is no schema of this name.',
    advice: 'Check --schema.',
    sign: /schema .*does not exist/i,
  },
  '40001': {
    explanation: 'Another transaction changed the same rows at the same time.',
    advice: 'Everything of this step was rolled back. Try again.',
    sign: /serializ/i,
  },
  '40P01': {
    explanation: 'Two transactions waited for each other, and the server ended ours.',
    advice: 'Everything of this step was rolled back. Try again once the other one has finished.',
    sign: /deadlock/i,
  },
  '42501': {
    explanation: 'This role may not do that.',
    advice: "Connect as the tables' owner, or have the right granted.",
    sign: /permission|privilege|owner/i,
  },
  '42601': {
    explanation: 'The server could not read the statement.',
    advice: 'Check the runbook at the place of the caret. `backout lint` reads it without a database.',
    sign: /syntax/i,
  },
  '42701': {
    explanation: 'The table already has a column of this name.',
    advice: 'The database is not where the plan expects it. Look at the position again before you go on.',
    sign: /column .*already exists/i,
  },
  '42703': {
    explanation: 'The table has no column of this name.',
    advice: 'The database is not where the plan expects it. Look at the position again before you go on.',
    sign: /column .*does not exist/i,
  },
  '42704': {
    explanation: 'A type, index or other object that the statement names does not exist.',
    advice: 'If it is a type, install its extension in the schema of the tables first.',
    sign: /(type|index|extension|object) .*(does not exist|missing|not installed)/i,
  },
  '42710': {
    explanation: 'An object of this name exists already.',
    advice: 'The database is not where the plan expects it. Look at the position again before you go on.',
    sign: /already exists/i,
  },
  '42883': {
    explanation: 'A function or operator that the statement uses does not exist for these types.',
    advice: 'Check the runbook, and that the extension it needs is installed.',
    sign: /function .*does not exist/i,
  },
  '42P01': {
    explanation: 'A table that the statement names does not exist.',
    advice: 'The database is not where the plan expects it. Look at the position again before you go on.',
    sign: /(table|relation)s? .*does not exist|partially rolled back/i,
  },
  '42P07': {
    explanation: 'A table or index of this name exists already.',
    advice: 'The database is not where the plan expects it. Look at the position again before you go on.',
    sign: /already exists|name (is )?taken|left[- ]over/i,
  },
  '42P16': {
    explanation:
      'The table cannot be changed in this way, because of what it is: inherited, partitioned or a view.',
    advice: 'Look at the attachments in the prerequisites: they say what the table is tied to.',
    sign: /inherit|partition/i,
  },
  '0A000': {
    explanation: 'The server cannot do this to this object.',
    advice: 'Look at the attachments in the prerequisites: they say what the table is tied to.',
  },
  '53100': {
    explanation: "The server's disk is full.",
    advice:
      'Make room on the server. Everything of this step was rolled back; its space comes back with VACUUM.',
    sign: /disk full|no space/i,
  },
  '53200': {
    explanation: 'The server ran out of memory.',
    advice: 'Try again when the server is less busy.',
  },
  '53300': {
    explanation: 'The server has no connection free.',
    advice: 'End sessions that are not needed (those of the application, for example), then try again.',
    sign: /too many (connections|clients)/i,
  },
  '55006': {
    explanation: 'The object is in use by another statement or cursor.',
    advice: 'Wait for it to finish, then try again.',
  },
  '55P03': {
    explanation: 'Another session held a lock on the table for longer than we wait.',
    advice:
      'Everything of this step was rolled back. See who holds the lock (the prerequisite "activity"), then try again.',
    sign: /lock/i,
  },
  '57014': {
    explanation: 'The statement was cancelled, by the operator or by a timeout of the server.',
    advice: 'Everything of this step was rolled back. Try again, or stop here.',
    sign: /user request|statement.timeout/i,
  },
  '57P01': {
    explanation: 'The server ended this session: it is being shut down, or an administrator ended us.',
    advice: 'Find out who and why before you go on. Then look at the database again.',
  },
  '57P02': {
    explanation: 'A process of the server crashed, and it ended every session.',
    advice: 'Wait until it has recovered. Then look at the database again.',
  },
  '57P03': {
    explanation: 'The server is starting up, shutting down or recovering, and takes no connections yet.',
    advice: 'Wait a moment and try again.',
  },
  '57P05': { explanation: 'The server ended the session because it was idle.', advice: 'Connect again.' },
};

/** By the first two characters, where the state itself is not above. */
const CLASSES: Readonly<Record<string, Words>> = {
  '08': {
    explanation: 'The connection to the server failed.',
    advice: 'Check the network and the server, then look at the database again.',
  },
  '22': {
    explanation: 'A value does not fit where it should go.',
    advice: 'Find the rows (the prerequisites list them by key) and decide about them before you go on.',
  },
  '23': {
    explanation: 'A constraint of the database forbids the change.',
    advice: 'Look at the constraint named in the message, and decide about the rows in the detail.',
  },
  '28': {
    explanation: 'The server did not let this user in.',
    advice: 'Check user, password and pg_hba.conf.',
  },
  '42': {
    explanation: 'The statement does not fit the database as it is.',
    advice: 'Look at the position again before you go on.',
  },
  '53': {
    explanation: 'The server ran out of something it needs.',
    advice: 'See the message; try again later.',
  },
  '55': {
    explanation: 'The object is not in a state that allows this.',
    advice: 'See the message and the hint, then try again.',
  },
  '58': {
    explanation: 'The server had an error of its own system.',
    advice: 'Look at the log of the server.',
  },
  XX: {
    explanation: 'The server reports an internal error; data may be damaged.',
    advice: 'Stop here. Look at the log of the server before anything else is run.',
  },
};

/** @param lost the connection went with the error, so that what became of the statement is not known */
export function wordsFor(sqlstate: string, lost: boolean): Words {
  const known = STATES[sqlstate] ?? CLASSES[sqlstate.slice(0, 2)];
  if (known) return known;
  return (lost ? STATES['08006'] : undefined) ?? FALLBACK;
}

/** What a runbook's troubleshooting entry about this state says. */
export const signOf = (sqlstate: string): RegExp | undefined => STATES[sqlstate]?.sign;

const FALLBACK: Words = {
  explanation: 'The server refused the statement.',
  advice: 'See the message, the detail and the hint.',
};
