/** Whose the objects beside tables are that the plan changes, and which roles it names. */
import { objectKey, objectName } from '../../sql/objects/keys.ts';
import { tableOfObject } from '../../sql/objects/refs.ts';
import type { ObjectEffect } from '../../sql/objects/types.ts';
import { asBoolean, asText } from '../../sql/values.ts';
import { toLine } from '../../terminal/sanitize.ts';
import { arrayLiteral } from '../catalog.ts';
import type { CheckContext } from './check.ts';

type Facts = Pick<CheckContext, 'session' | 'catalog' | 'plan' | 'position'>;

/** USAGE: the rights of the role are there without SET ROLE; MEMBER: they can be had (manual, functions-info). */
const ROLES = `
  SELECT n.name, o.oid IS NOT NULL AS there,
         CASE WHEN o.oid IS NOT NULL THEN pg_has_role(o.oid, 'USAGE') END AS usage,
         CASE WHEN o.oid IS NOT NULL THEN pg_has_role(o.oid, 'MEMBER') END AS member
    FROM unnest($1::text[]) AS n(name) LEFT JOIN pg_roles o ON o.rolname = n.name`;

interface Role {
  there: boolean;
  usage: boolean;
  member: boolean;
}

function pendingEffects({ plan, position }: Facts): ObjectEffect[] {
  return plan.steps.flatMap((step) => {
    const states = position.steps.find(({ id }) => id === step.id)?.statements ?? [];
    return step.statements
      .filter(({ index }) => states.find((one) => one.index === index)?.state !== 'applied')
      .flatMap(({ effects }) => effects.filter((one): one is ObjectEffect => one.kind === 'object'));
  });
}

/** Null for what nobody owns, is not there yet, or may be done by others than the owner. */
function ownerOf(effect: ObjectEffect, { catalog }: Facts): string | null {
  const { type, verb, signature } = effect;
  if (type === 'default privileges') return signature?.[0] ?? null;
  // Whoever has the right TRIGGER may make one (manual, sql-createtrigger).
  if (type === 'cast' || (type === 'trigger' && verb !== 'drop' && verb !== 'alter')) return null;
  const state = catalog.objects?.[objectKey(effect, catalog.schema)];
  const table = tableOfObject(effect) ?? state?.attributes['table'];
  if (table !== undefined && table !== null) return catalog.tables[table]?.owner ?? (state?.owner || null);
  return state && state.oid !== 0 ? state.owner || null : null;
}

/** Rights can be given on by whoever may give them. */
function mayGiveOn(effect: ObjectEffect, roles: ReadonlyMap<string, Role>, { catalog }: Facts): boolean {
  if (effect.verb !== 'grant' && effect.verb !== 'revoke') return false;
  const grants = catalog.objects?.[objectKey(effect, catalog.schema)]?.grants ?? [];
  return grants.some(({ grantee, grantable }) => grantable && roles.get(grantee)?.usage === true);
}

/** Roles that a statement names: new owners, and who is given rights. */
function namedRoles({ sets }: ObjectEffect): string[] {
  const given = Object.keys(sets).flatMap((key) => /^grant:.* to (.*)$/s.exec(key)?.[1] ?? []);
  return [
    ...(sets['owner'] === undefined ? [] : [sets['owner']]),
    ...given.filter((name) => name !== 'PUBLIC'),
  ];
}

/** What is missing, a line each. @throws {DatabaseError} */
export async function missingOnObjects(facts: Facts): Promise<string[]> {
  const effects = pendingEffects(facts);
  if (effects.length === 0) return [];
  const grantees = effects.flatMap(
    (one) =>
      facts.catalog.objects?.[objectKey(one, facts.catalog.schema)]?.grants?.map(({ grantee }) => grantee) ??
      [],
  );
  const names = [
    ...new Set([
      ...effects.flatMap((one) => [ownerOf(one, facts) ?? [], namedRoles(one)].flat()),
      ...grantees,
    ]),
  ];
  const { rows } = await facts.session.query(ROLES, [arrayLiteral(names)]);
  const roles = new Map<string, Role>(
    rows.map((row) => [
      asText(row['name']),
      {
        there: asBoolean(row['there']),
        usage: row['usage'] !== null && asBoolean(row['usage']),
        member: row['member'] !== null && asBoolean(row['member']),
      },
    ]),
  );
  const missing = effects.flatMap((effect): string[] => {
    const owner = ownerOf(effect, facts);
    const name = objectName(effect);
    const found: string[] = [];
    if (owner !== null && roles.get(owner)?.usage !== true && !mayGiveOn(effect, roles, facts))
      found.push(
        effect.type === 'default privileges'
          ? `${name}: only a member of ${owner} may change them`
          : `${name} belongs to ${owner}: only its owner may do this`,
      );
    for (const role of namedRoles(effect))
      if (roles.get(role)?.there !== true) found.push(`role ${role}, which a statement names, is not there`);
    const next = effect.sets['owner'];
    if (next !== undefined && roles.get(next)?.there === true && !roles.get(next)?.member)
      found.push(`${name} can be given only to a role of which one is a member: not to ${next}`);
    return found;
  });
  return [...new Set(missing)].map((line) => toLine(line));
}
