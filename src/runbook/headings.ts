/** Which part of a runbook a heading opens. Teams word them differently; the level does not matter. */

export type Part =
  | 'step'
  | 'quick'
  | 'overview'
  | 'prerequisites'
  | 'verification'
  | 'troubleshooting'
  | 'criteria'
  | 'fixes'
  | 'escalation'
  | 'checklist'
  | 'related'
  | 'differences'
  /** "Manual rollback": holds prerequisites and steps. */
  | 'procedure';

/** The first that matches: "Post-Rollback Verification" verifies, "Verification After Rollback" is no checklist. */
const WORDS: readonly (readonly [Part, RegExp])[] = [
  ['step', /^step\s+\d+\b/i],
  ['differences', /\bdifferences\b|\bchange ?log\b|^changes (from|since)\b/i],
  ['fixes', /^(known )?forward[ -](fix(es)?|repairs?)$|^fix(es|ing)?[ -]forward$/i],
  [
    'criteria',
    /\bwhen to roll ?back\b|\bfix(ing)?[ -]forward\b|\b(should|whether to) (we |you )?roll ?back\b/i,
  ],
  [
    'troubleshooting',
    /\btroubleshoot|^(known|common) (issues|problems)\b|^(if|when) (something|things) go(es)? wrong\b/i,
  ],
  ['escalation', /\bescalat|\bemergency\b|\bcontacts?\b/i],
  ['verification', /\bverif(y|ying|ication)\b|\bvalidat(e|ion)\b/i],
  ['checklist', /\bpost[- ]?rollback\b|\bchecklist\b|^after (the )?roll ?back\b|^follow[- ]?up\b/i],
  [
    'prerequisites',
    /\bpre-?requisites?\b|\bpreconditions?\b|\bpre-?flight\b|^before (you|the|rolling|starting)\b/i,
  ],
  ['quick', /\bquick\b|^tl;?dr\b/i],
  ['overview', /^what (the |this )?roll ?back (does|will do)\b|^overview\b/i],
  ['related', /\brelated\b|^references?\b|^see also\b/i],
  ['procedure', /\b(manual|step[- ]by[- ]step)\b|^(rollback )?(procedure|steps|instructions)\b/i],
];

/** The part that a heading opens, or null when its words say nothing to us. */
export function partOf(title: string): Part | null {
  return WORDS.find(([, words]) => words.test(title))?.[0] ?? null;
}

/** "Step 2: Restore git_sessions" → 2 and "Restore git_sessions". */
export function stepHeading(title: string): { number: number; title: string } | null {
  const match = /^step\s+(\d+)\s*[:.)\-–—]*\s*(.*)$/is.exec(title);
  return match ? { number: Number(match[1]), title: match[2] || title } : null;
}

/** "Rollback if:" and "Fix forward if:", as a heading or a paragraph of their own. */
export function criterionSide(text: string): 'rollback' | 'fix-forward' | null {
  if (/^roll(ing)?[ -]?back (if|when)\b/i.test(text)) return 'rollback';
  return /^fix(ing)?[ -]forward (if|when)\b/i.test(text) ? 'fix-forward' : null;
}

/** "Issue: Data loss after rollback" → "Data loss after rollback". */
export function issueTitle(title: string): string {
  return title.replace(/^(issue|problem|error|symptom)\s*\d*\s*[:.\-–—]\s*/i, '');
}
