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

const BACK = '(roll(ing)?[ -]?back|back(ing)?[ -]?out|revert(ing)?)';

/** "Phase A", "Stage 2", "Step One": what they say of themselves, whatever comes after. */
const STEP =
  /^(step|phase|stage)\s+#?(\d+|[a-z](?=\s*(?:[:.)–—-]|$))|one|two|three|four|five|six|seven|eight|nine|ten)(?![\w])/i;

/** The first that matches: "Post-Rollback Verification" verifies, "Verification After Rollback" is no checklist. */
const WORDS: readonly (readonly [Part, RegExp])[] = [
  ['differences', /\bdifferences\b|\bchange ?log\b|^changes (from|since)\b/i],
  ['fixes', /^(known )?forward[ -](fix(es)?|repairs?)$|^fix(es|ing)?[ -]forward$/i],
  [
    'criteria',
    /\bwhen (not )?to (roll ?back|back out|revert)\b|\bfix(ing)?[ -]forward\b|\b(should|whether to) (we |you )?(roll ?back|back out|revert)\b|^go ?\/? ?no[ -]?go\b|^decision( criteria| matrix)?$/i,
  ],
  [
    'troubleshooting',
    /\btroubleshoot|^(known|common) (issues|problems|errors|failures)\b|^(if|when) (something|things) go(es)? wrong\b/i,
  ],
  ['escalation', /\bescalat|\bemergency\b|\bcontacts?\b|^who(m)? to call\b|^on-?call\b/i],
  [
    'verification',
    /\bverif(y|ying|ication)\b|\bvalidat(e|ion)\b|^(post|sanity|health)[- ]?(change )?checks?\b|^smoke[- ]tests?\b|^(testing|tests|checks) after\b/i,
  ],
  [
    'checklist',
    /\bpost[- ]?(rollback|backout|revert)\b|\bchecklist\b|^after (the )?(roll ?back|backout|revert)\b|^follow[- ]?ups?\b|^afterwards$/i,
  ],
  [
    'prerequisites',
    /\bpre-?requisites?\b|\bpreconditions?\b|\bpre-?flight\b|^pre-?checks?\b|^(before (you|the|rolling|starting|backing)\b|before$)/i,
  ],
  ['quick', /\bquick\b|^tl;?dr\b/i],
  ['overview', /^what (the |this )?(roll ?back|backout) (does|will do)\b|^overview\b|^summary\b/i],
  ['related', /\brelated\b|^references?\b|^see also\b|^(further|useful) (links|reading)\b|^links$/i],
  [
    'procedure',
    new RegExp(
      `\\b(manual|step[- ]by[- ]step)\\b|^(the )?(${BACK} )?(procedure|steps|instructions|plan|process|runbook|commands)$|^(procedure|steps|instructions)\\b|^(how to |performing the |executing the )?${BACK}( (of )?the (migration|change|release|deployment))?$`,
      'i',
    ),
  ],
];

/** What a marker names: `<!-- backout: steps -->`. */
const MARKS: Readonly<Record<string, Part | 'ignore'>> = {
  step: 'step',
  steps: 'procedure',
  quick: 'quick',
  overview: 'overview',
  prerequisites: 'prerequisites',
  verification: 'verification',
  troubleshooting: 'troubleshooting',
  criteria: 'criteria',
  fixes: 'fixes',
  escalation: 'escalation',
  checklist: 'checklist',
  related: 'related',
  differences: 'differences',
  ignore: 'ignore',
};

/** Marks that stand before a list or a paragraph, and say what it is. */
export const INNER_MARKS = ['rollback-if', 'fix-forward-if', 'cause', 'solution', 'indexes'] as const;
export type InnerMark = (typeof INNER_MARKS)[number];

/** Every word that a marker may hold, for those who write them. */
export const MARK_WORDS: readonly string[] = [...Object.keys(MARKS), ...INNER_MARKS];

/** The word in `<!-- backout: word -->`, lower-case; null for any other HTML. */
export function markOf(html: string): string | null {
  return /^<!--\s*backout:\s*([\w-]+)\s*-->$/i.exec(html.trim())?.[1]?.toLowerCase() ?? null;
}

/** The part that a marker's word names, `ignore`, or null for one that names none. */
export function markedPart(word: string): Part | 'ignore' | null {
  return MARKS[word] ?? null;
}

const NUMBER =
  /^(?:[^\p{L}\p{N}`"'([]+\s*)?(?:(\d{1,3}(?:\.\d{1,3})+)[.)]?\s+|(\d{1,3})(?:[.):]|\s*[-–—](?=\s))\s*|([A-Z])[.)]\s+)/u;

/** "3) Verification" → 3 and "Verification"; "✅ Verification" → no number and "Verification". */
export function withoutNumber(title: string): { number: number | null; title: string } {
  const match = NUMBER.exec(title);
  if (match && title.slice(match[0].length).trim() !== '') {
    const [whole, nested, digits = nested?.split('.').at(-1), letter = 'A'] = match;
    const number = digits === undefined ? letter.charCodeAt(0) - 64 : Number(digits);
    return { number, title: title.slice(whole.length).trim() };
  }
  return { number: null, title: title.replace(/^[^\p{L}\p{N}`"'([]+/u, '').trim() || title };
}

/** A heading that says the part's name and nothing else: "Step 5: Verification" verifies. */
const ALONE =
  /^(pre-?requisites?|pre-?checks?|pre-?flight( checks?)?|(post-?)?(verification|checks?|validation))$/i;

/** The part that a heading opens, or null when its words say nothing to us. */
export function partOf(title: string): Part | null {
  const { title: bare } = withoutNumber(title);
  const words = (text: string): Part | null => WORDS.find(([, pattern]) => pattern.test(text))?.[0] ?? null;
  if (!STEP.test(bare)) return words(bare);
  const after = stepHeading(bare)?.title ?? '';
  return ALONE.test(after) ? words(after) : 'step';
}

/** "Step 5: Verification": a number of its own among the steps. */
export const callsItselfStep = (title: string): boolean => STEP.test(withoutNumber(title).title);

const NUMBERS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

function numberOf(word: string): number {
  if (/^\d/.test(word)) return Number(word);
  const at = NUMBERS.indexOf(word.toLowerCase());
  return at === -1 ? word.toUpperCase().charCodeAt(0) - 64 : at + 1;
}

/** "Step 2: Restore git_sessions" → 2 and "Restore git_sessions"; "Phase B — x" → 2 and "x"; "2) x" → 2 and "x". */
export function stepHeading(title: string): { number: number; title: string } | null {
  const { number, title: bare } = withoutNumber(title);
  const match = STEP.exec(bare);
  if (!match?.[2]) return number === null ? null : { number, title: bare };
  const rest = bare.slice(match[0].length).replace(/^[\s:.)\-–—]+/, '');
  return { number: numberOf(match[2]), title: rest || title };
}

/** "Rollback if:" and "Fix forward if:", as a heading or a paragraph of their own. */
export function criterionSide(text: string): 'rollback' | 'fix-forward' | null {
  const bare = text.replace(/^[^\p{L}]+/u, '');
  if (new RegExp(`^(do )?${BACK} (if|when)\\b|^back out (if|when)\\b`, 'i').test(bare)) return 'rollback';
  return /^(do not|don't) (roll ?back|back out|revert) (if|when)\b|^fix(ing)?[ -]forward (if|when)\b/i.test(
    bare,
  )
    ? 'fix-forward'
    : null;
}

/** "Issue: Data loss after rollback" → "Data loss after rollback". */
export function issueTitle(title: string): string {
  return withoutNumber(title).title.replace(/^(issue|problem|error|symptom)\s*\d*\s*[:.\-–—]\s*/i, '');
}
