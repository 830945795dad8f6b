import { describe, expect, it } from 'vitest';
import { databaseExit, NotConnected, tell } from '../../src/commands/failure.ts';
import { EXIT, UserError } from '../../src/exit.ts';
import { DatabaseError } from '../../src/sql/session.ts';

const refused = (sqlstate: string, more: DatabaseError['more'] = {}): DatabaseError =>
  new DatabaseError('the server said no', sqlstate, more);

describe('exit statuses of what a server refuses', () => {
  it.each([
    ['42501', false, EXIT.notPermitted],
    ['55P03', false, EXIT.busy],
    ['40P01', false, EXIT.busy],
    ['42P01', false, EXIT.sqlFailed],
    ['28P01', true, EXIT.cannotConnect],
    ['42501', true, EXIT.cannotConnect],
    ['3D000', true, EXIT.cannotConnect],
  ])('%s, while connecting: %s', (sqlstate, connecting, status) => {
    expect(databaseExit(refused(sqlstate), connecting)).toBe(status);
  });

  it('a connection that was lost is no connection, whatever was asked', () => {
    expect(databaseExit(refused('57P01', { connectionLost: true }), false)).toBe(EXIT.cannotConnect);
  });
});

describe('errors in words', () => {
  it('says what the operator can do', async () => {
    const told = await tell(new UserError('It is locked.', 'Try later.', EXIT.busy));
    expect(told).toEqual({ text: 'It is locked.\nTry later.\n', exitStatus: EXIT.busy });
  });

  it('shows no control characters of a message', async () => {
    expect((await tell(new UserError('a\u001b[2Jb', 'c\u0007', EXIT.usage))).text).toBe(
      'a\\x1B[2Jb\nc\\x07\n',
    );
  });

  it('explains what the server said, with its SQLSTATE', async () => {
    const told = await tell(new NotConnected(refused('3D000')));
    expect(told.exitStatus).toBe(EXIT.cannotConnect);
    expect(told.text).toContain('the server said no');
    expect(told.text).toContain('3D000');
  });

  it('calls a bug a bug, and says where', async () => {
    const told = await tell(new TypeError('x is not a function'));
    expect(told.exitStatus).toBe(EXIT.bug);
    expect(told.text).toContain('error of its own');
    expect(told.text).toContain('failure.test.ts');
  });
});
