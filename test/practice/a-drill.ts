/** A drill made by hand, for tests that need none of its SQL. */
import { parseMoment } from '../../src/practice/drill/moment.ts';
import type { Drill } from '../../src/practice/drill/types.ts';

export const aDrill = (change: Partial<Drill> = {}): Drill => ({
  id: 'calm',
  number: '01',
  path: 'drills/01-calm.md',
  title: 'The calm one',
  level: 'first day',
  minutes: 6,
  story: 'Tuesday, 14:10. **Nobody** is in a hurry.',
  migratedHoursAgo: 3,
  setup: [],
  role: null,
  stage: 'embedded',
  simulated: [],
  files: [],
  options: {},
  events: [],
  fault: { text: 'There is none.', met: parseMoment('at decision'), words: [] },
  right: { decision: 'rollback', alsoRight: [], why: 'Nothing speaks against it.', outcomes: ['verified'] },
  risks: [],
  must: [],
  mustNot: [],
  keeps: [],
  coach: [
    { at: parseMoment('at prerequisites'), text: 'Read what is **not** green.' },
    { at: parseMoment('started step-1'), text: 'It holds its locks now.' },
  ],
  questions: [
    {
      id: 'first',
      at: parseMoment('at prerequisites'),
      question: 'What would you look at first?',
      options: [
        { text: 'The backup', right: true, why: 'It is what you fall back on.' },
        { text: 'The clock', right: false, why: 'It does not help.' },
      ],
    },
  ],
  hints: [
    { text: 'Count the warnings.', cost: 5, from: parseMoment('at prerequisites') },
    { text: 'Read the evidence again.', cost: 1, from: parseMoment('at decision') },
  ],
  debrief: 'It went well.',
  expert: [],
  plays: [],
  ...change,
});
