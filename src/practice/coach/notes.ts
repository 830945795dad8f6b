/**
 * What the coach says in any practice: why a screen is there, and what an expert looks at on it. The same for every
 * drill, so that it gives none away. Keys are `screen/question` or `screen`, as a journal names them.
 */
import type { GeneralNote } from '../../wizard/types.ts';

const note = (why: string, ...look: string[]): GeneralNote => ({ why, look });

const BEFORE: Record<string, GeneralNote> = {
  story: note(
    'Most mistakes are made before the first command: by taking up somebody else’s picture of what is wrong.',
    'What is known, and who only thinks so? A symptom is not a cause.',
    'When did the migration run, and what has been written since? That is what a rollback can cost.',
    'Is there pressure to be quick? Then it is the checks that you will be tempted to skip.',
  ),
  target: note(
    'Rolling back the wrong database is the one mistake that no archive mends. So this comes first, and changes nothing.',
    'Database, host and user, read aloud and compared with what you were told.',
    'The word PRACTICE or PRODUCTION in the header: it stands on every screen.',
    'Where each setting came from. A variable left over in a shell has led more than one person astray.',
    'The migration that the runbook takes back: its number, not only its name.',
  ),
  prerequisites: note(
    'Everything that would stop the rollback halfway, or make it lose something, can be seen beforehand. Nothing has been changed yet.',
    'What fails, then what warns. What passes can wait.',
    'For each warning the question: what would I do if it comes true in ten minutes?',
    'What was not checked. A check that could not look is no good news.',
  ),
  'prerequisites/accept': note(
    'A warning is accepted one by one, because each is a different risk, and yours is the name beside it in the journal.',
    'The figure in it, not its heading: how old, how many, how long.',
    'Whether it can be mended now. A minute spent here is cheaper than any later.',
    'No is always safe: it stops here with nothing run.',
  ),
  'prerequisites/blocked': note(
    'Something would make a step fail, or lose data. What fails here would have failed in the middle.',
    'What exactly stands in the way: which table, which rows, how many.',
    'Whether it is to be mended, or whether it says that this database should not be rolled back at all.',
    'Who wrote those rows. If it was the new code, it may write more of them while you work.',
  ),
  'prerequisites/other-run': note(
    'Two people rolling back the same schema undo each other’s checks. Only one run at a time may go on.',
    'Whether the other one is alive: its session, and when it was last heard of.',
    'Who it is. A message to them is quicker than any takeover.',
    'What their run has already done: it stays done, and yours would begin from there.',
  ),
  'prerequisites/without-archive': note(
    'The archive is what an undo is made from. Without it, what the rollback drops is gone.',
    'What keeps the archive from being made, and whether that can be put right: room, or a right that is missing.',
    'How much is at risk. Without a proved backup the answer is no.',
  ),
};

const DECIDING: Record<string, GeneralNote> = {
  decision: note(
    'Rolling back is one of two ways, and often the worse one. What was written since the migration speaks against it, broken reads and writes speak for it.',
    'What has been written since, in rows. Each of them has to go somewhere.',
    'Whether the application of before still fits, and is there to be deployed.',
    'Whether a small repair of the migrated state would do. It can be made with everybody at work.',
  ),
  'decision/criterion': note(
    'The database cannot know this; you can. What you answer is weighed like the evidence, and stands in the journal.',
    'Answer what you have seen, not what you fear. "I cannot tell" is an honest answer and speaks for neither side.',
    'Who could tell you in a minute? Ask them first.',
  ),
  'decision/choose': note(
    'From here on everything follows from this answer. The recommendation shows its reasons, so that you can disagree with it.',
    'Which single piece of evidence carries the recommendation, and whether you believe it.',
    'What you would lose by waiting half an hour. If it is nothing, wait.',
    'The way back: what it would take to undo this decision tomorrow.',
  ),
  'decision/reason': note(
    'Going against the recommendation may be right. Writing down why makes you say it once in whole words, and tells the next person.',
    'A reason names something that backout could not know.',
    'If what you are typing is "we have always done it so", go back with Esc.',
  ),
  forward: note(
    'Fixing forward leaves the migration in place and mends what is wrong with it. Nothing is taken away, so nothing can be lost by it.',
    'Whether what was found explains the symptom you came for.',
    'The SQL of each repair, with V, before it is chosen.',
    'Repairs hold locks too: which tables, and for how long.',
  ),
  quick: note(
    'The framework’s own command is short to type and long in its effects: it takes back whatever is newest in its list.',
    'Which migration it would really take back, by number.',
    'Whether the file of that migration is on this machine, and is the text that ran.',
    'What it leaves out. A section that skips itself still counts as done.',
  ),
};

const RUNNING: Record<string, GeneralNote> = {
  plan: note(
    'The whole of it, before any of it: what each step takes away, which locks it holds, and what it would make up.',
    'Data at risk: rows and values that would exist nowhere any more. Is each of them kept in the archive?',
    'Invented values. A constant that looks real is worse than a gap: nobody sees later that it was made up.',
    'Locks, by table. ACCESS EXCLUSIVE stops everybody, readers too.',
    'Steps found applied already: this database was not quite what you were told.',
  ),
  'plan/form': note(
    'The same step can be carried out in several ways that end in the same rows. They differ in how long others have to wait.',
    'Who uses the table now. With nobody there the simplest form is the best.',
    'What a form asks for in exchange: room on the disk, or a longer run.',
  ),
  step: note(
    'Nothing runs before you have seen exactly that SQL. A step happens whole or not at all.',
    'The end of the SQL, not only its beginning: what is dropped stands last.',
    'That the archive’s statements come before the ones that destroy.',
    'Which step this is. A screen that looks like the last one is easily confirmed twice.',
  ),
  'step/running': note(
    'It runs in one transaction. Until its COMMIT nobody else sees any of it, and Ctrl-C takes all of it back.',
    'How long it has been at the same statement, against what the plan said.',
    'Whether it works or waits: waiting for a lock is shown as such.',
  ),
  'step/lock': note(
    'Somebody holds a lock that the step needs. While it waits in line, everybody behind it waits too; so it gives up after a moment and tries again.',
    'Who they are: application, since when, and what they run. A report and a backup are not the same.',
    'Idle in transaction is somebody who forgot; active is somebody who works.',
    'Waiting costs little. Terminating costs them their work: ask first where you can.',
  ),
  'step/failed': note(
    'The step was rolled back whole: the database is as it was before it. There is time.',
    'SQLSTATE and message, then the statement under the caret. The cause is named there more often than not.',
    'Whether the same would happen again. Trying again helps against locks, not against rows.',
    'What the runbook’s troubleshooting says of it, if it knows it.',
  ),
  'step/unknown': note(
    'COMMIT was sent, and no answer came. It may have happened, and it may not have: nobody here can know by thinking.',
    'Look again: the journal’s row in the database was written by that very transaction. It is there or it is not.',
    'Do nothing by hand until it has answered. Doing the step a second time is how data gets lost.',
  ),
  'step/conflict': note(
    'The database fits neither before nor after this step: somebody or something else was here.',
    'Which object does not fit, and who could have made it.',
    'Stopping is safe. A conflict that is not understood is not to be worked around.',
  ),
  'step/after': note(
    'It is committed. What comes next is confirmed against the database as it is now.',
    'The rows of each statement, against the figures of the plan.',
    'What the archive has kept, by count.',
  ),
};

const AFTERWARDS: Record<string, GeneralNote> = {
  verification: note(
    'That every statement ran says nothing of whether the result is right. This compares the catalog with what it has to be, and the rows with those counted before.',
    'The counts: not only that there are rows, but as many as before.',
    'What is not among the checks. The application knows things about its data that no catalog does.',
  ),
  'verification/not-verified': note(
    'Something is not as it has to be. The steps are committed, and the archive is there.',
    'The first check that fails. The others are often its consequence.',
    'Whether it was so before: a defect that was there already is not mended by an undo.',
  ),
  checklist: note(
    'The database is half of a rollback. The application, the caches and the colleagues are the other.',
    'Each item is either done or open. Open is an honest answer, half done is none.',
    'Have it shown, rather than told: a probe, a log, a query.',
  ),
  report: note(
    'What is written down here is all that anybody will know of this next week.',
    'The outcome’s own words, and what it says about going on or going back.',
    'The id of the run: an undo is asked for by it.',
    'Whom to tell, and what is still open.',
  ),
  escalation: note(
    'Calling somebody is not giving up. Most long outages were short ones that one person tried to mend alone.',
    'Whether data is being damaged right now. If so, stop the writes first and think after.',
    'What the next person needs: state, what was tried, what is safe to do. The hand-over writes it.',
  ),
};

export const GENERAL_NOTES: Readonly<Record<string, GeneralNote>> = {
  ...BEFORE,
  ...DECIDING,
  ...RUNNING,
  ...AFTERWARDS,
};
