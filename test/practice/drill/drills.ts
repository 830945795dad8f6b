/** A drill as a file holds it, for tests that change one thing in it. */
export const DRILL = `---
level: first day
minutes: 6
migrated: 3 weeks ago
role: deployer
files:
  - {path: yesterday.dump, age: 40 hours, content: ""}
options: {backup: yesterday.dump}
fault: {text: The backup is empty., met: at prerequisites/accept, words: [empty]}
right: {decision: fix-forward, also: [stop], why: There is nothing to go back to., outcomes: [fix-forward, declined]}
risks:
  - {id: empty-backup, text: The backup holds nothing., noticed: ["answered prerequisites/accept:backup=no", "coach ask:backup right"]}
must:
  - {text: Look at the backup., moments: ["action backup"], before acting: true}
must not:
  - {text: Going on without a backup., moments: [consent backup]}
keeps:
  - {id: events, title: Events, sql: SELECT count(*) FROM codebase_snapshots, after: SELECT count(*) FROM detection_events}
events:
  - {id: late, when: started step-1, title: Somebody writes., sql: "INSERT INTO codebase_snapshots SELECT 1"}
  - {id: blocker, when: at step, title: A report runs., hold: "LOCK TABLE codebase_snapshots", application: reporting, until: finished step-1}
  - {id: cut, when: committing step-2, title: The network fails., cut: after}
  - {id: other, by: instructor, title: A colleague begins., operator: {name: mara, host: bastion, live: true}}
questions:
  - id: backup
    at: prerequisites
    question: What would you look at?
    options:
      - {text: Its size., right: true, why: It is 0 bytes.}
      - {text: Its name., why: A name says nothing.}
hints:
  - {text: Look at the age., cost: 5, from: at prerequisites}
expert:
  - {text: They look at the backup first., moment: at prerequisites/accept:backup}
  - {text: They call somebody.}
plays:
  - name: by the expert's road
    right: true
    answers: [{at: decision/choose, say: fix-forward}, {at: at prerequisites/accept:backup, press: backup}]
    expect: {outcome: fix-forward, score: 90..100}
  - name: blindly on
    answers: [{at: prerequisites/accept:backup, say: yes}]
    expect: {outcome: verified, score: 0..50}
---
# The backup

## Story

It is *two* in the morning.

- The pager rang.

## Setup

\`\`\`sql
CREATE ROLE deployer LOGIN;
\`\`\`

And then:

\`\`\`sql
DELETE FROM git_merge_history
\`\`\`

## Coach

### at prerequisites

Before anything runs.

### at prerequisites/accept:backup

Look at the *size*.

## Debrief

It was empty.
`;
