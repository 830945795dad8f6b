/** Whether what the plan destroys can be kept in this database. */
import { bytes } from '../activity.ts';
import { storeStateWithin } from '../store/state.ts';
import { answers, type Check, type CheckContext } from './check.ts';

/** What a wizard asks to be typed, and an unattended run is given as --without-archive. */
export const WITHOUT_ARCHIVE = 'without archive';

const CONSENT = `To go without it all the same, type "${WITHOUT_ARCHIVE}" when asked, or give --without-archive: nothing is kept then, and it cannot be undone.`;

export const archive: Check = async (context) => {
  const { pass, warn, fail } = answers('archive', 'What is destroyed is kept first');
  if (context.withoutArchive === true) {
    return warn(
      'Going without the archive, as asked: nothing that the plan destroys is kept, and an undo is impossible.',
      'Leave out that consent unless there is no room, or no right, to keep anything.',
    );
  }
  const { state, words } = await storeStateWithin(context.session);
  if (state === 'foreign') {
    return fail(
      "There is something called backout or backout_archive in this database that is not backout's: it is not used.",
      `Find out who made it, and rename or drop it. ${CONSENT}`,
      words,
    );
  }
  if (state === 'cannot-create') {
    return fail(
      'The schemas backout and backout_archive cannot be made or used, so nothing can be kept.',
      `Have CREATE on the database granted to this role, or connect as the role that made them. ${CONSENT}`,
      words,
    );
  }
  const there = state === 'ready' ? 'are there' : 'can be made';
  return pass(`The schemas backout and backout_archive ${there}.${room(context)}`);
};

/** Of the form that is carried out unless the operator chooses another. */
function room({ offers }: CheckContext): string {
  if (!offers) return '';
  const procedures = offers.flatMap(
    (step) => step.offers.find(({ refused }) => refused.length === 0)?.procedure ?? [],
  );
  const size = procedures.reduce((sum, { cost }) => sum + cost.archiveBytes, 0);
  return ` About ${bytes(size)} stay in the archive until it is purged (an estimate, from the sizes of the tables).`;
}
