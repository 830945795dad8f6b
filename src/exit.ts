/** Exit statuses: part of the command contract, scripts rely on them. */
export const EXIT = {
  ok: 0,
  prerequisiteFailed: 10,
  declined: 11,
  sqlFailed: 12,
  stopped: 13,
  verificationFailed: 14,
  unknown: 15,
  usage: 64,
  badRunbook: 65,
  cannotConnect: 69,
  bug: 70,
  busy: 75,
  notPermitted: 77,
} as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** An error that the user can act on: message, what to do, and the status to leave with. */
export class UserError extends Error {
  constructor(
    message: string,
    readonly advice: string,
    readonly exitStatus: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'UserError';
  }
}
