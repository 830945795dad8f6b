/** JSON for scripts: the documents of `--json`, with the fields that scripts may rely on. Pure. */
import { repairsDocument } from './plan-repairs.ts';
import type { Mendable } from '../runtime/types.ts';
import type { Evidence, Prerequisite, Recommendation, ServerInfo } from '../postgres/types.ts';
import type { Runbook } from '../runbook/types.ts';
import type { StepOffers } from '../sql/procedure/types.ts';
import type { Plan, Position, StatementPosition, Verification } from '../sql/types.ts';
import { withoutSecrets } from '../terminal/secrets.ts';
import type { Survey } from '../wizard/types.ts';

/** Controls, format characters, line separators and lone surrogates: legal in JSON, obeyed by a terminal. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const escapeUnits = (text: string): string =>
  [...Array(text.length).keys()]
    .map((at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`)
    .join('');

/** The same JSON with everything that a terminal would obey written as `\uXXXX`. Ends in a newline. */
export function toJson(value: unknown, indent = 2): string {
  const text = withoutSecrets(JSON.stringify(value, null, indent));
  // JSON.stringify has escaped the newlines inside strings: those that are left are its own.
  return `${text.replace(UNSAFE, (unsafe) => (unsafe === '\n' ? unsafe : escapeUnits(unsafe)))}\n`;
}

export interface Looked {
  runbook: Runbook;
  plan: Plan;
  server: ServerInfo;
  position: Position;
}

const NOWHERE: StatementPosition = { index: 0, state: 'conflict', reason: 'It was not looked at.' };

function statusFields({ runbook, plan, server, position }: Looked) {
  return {
    runbook: runbook.path,
    database: server.database,
    server,
    steps: plan.steps.map((step) => {
      const found = position.steps.find(({ id }) => id === step.id);
      return {
        id: step.id,
        title: step.title,
        state: found?.state ?? 'conflict',
        statements: step.statements.map(({ index, sql, line }) => {
          const { state, reason } = found?.statements.find((one) => one.index === index) ?? NOWHERE;
          return { index, state, sql, line, reason };
        }),
      };
    }),
  };
}

/** `backout status --json`. */
export function statusDocument(looked: Looked) {
  return { schema: 'backout.status/1', ...statusFields(looked) };
}

export interface Planned extends Looked {
  prerequisites: readonly Prerequisite[];
  survey: Survey;
  recommendation: Recommendation;
  evidence: readonly Evidence[];
  toAsk: readonly { id: string; text: string; supports: string }[];
  repairs: Mendable;
}

/** The forms of one step, the recommended one first. */
function offered({ step, offers }: StepOffers) {
  return {
    step,
    forms: offers.map(({ form, refused, procedure }) => ({
      form,
      refused,
      cost: procedure?.cost ?? null,
      archive: procedure?.archive.map(({ kind, object, archived }) => ({ kind, object, archived })) ?? [],
      notUndoable: procedure?.notUndoable ?? [],
      statements: procedure?.actions.map(({ role, carries, sql }) => ({ role, carries, sql })) ?? [],
    })),
  };
}

/** `backout plan --json`: the status and everything that follows from it. */
export function planDocument(planned: Planned) {
  const { survey, recommendation } = planned;
  return {
    schema: 'backout.plan/1',
    ...statusFields(planned),
    prerequisites: planned.prerequisites,
    recommendation: {
      choice: recommendation.choice,
      reasons: recommendation.reasons,
      evidence: planned.evidence,
      toAsk: planned.toAsk,
    },
    dataAtRisk: survey.risk.dataAtRisk,
    invented: survey.risk.invented,
    failing: survey.risk.failing,
    unchecked: survey.risk.unchecked,
    locks: survey.locks,
    offers: survey.offers.map(offered),
    attachments: survey.attachments,
    repairs: repairsDocument(planned.repairs),
    baseline: survey.baseline,
    hash: survey.hash,
  };
}

/** `backout verify --json`. */
export function verifyDocument(verification: Verification, runbook: Runbook, server: ServerInfo) {
  return {
    schema: 'backout.verify/1',
    runbook: runbook.path,
    database: server.database,
    ok: verification.ok,
    checks: verification.checks,
  };
}
