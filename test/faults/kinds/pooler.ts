/** Through a pooler in transaction mode a step's settings and locks would go to anybody: the program refuses. */
import type { Fault } from '../support/point.ts';
import { startPooler, type Pooler } from '../support/pooler.ts';
import type { Reference } from '../support/reference.ts';

export function throughPooler(reference: Reference): Fault[] {
  let pooler: Pooler | null = null;
  return [
    {
      kind: 'pooler',
      name: 'in transaction mode',
      at: null,
      side: 'before',
      allowed: [0],
      arrange: async (stand) => {
        pooler = await startPooler(stand.lab.url(stand.database, reference.scenario.user));
        // The program is told this address; the proxy is left out.
        stand.proxy.url = pooler.url;
      },
      settle: async () => pooler?.close(),
      check: ({ ended }) => {
        const failed = ended.events.flatMap((event) =>
          event.type === 'prerequisites' ? (event['results'] as { id: string; status: string }[]) : [],
        );
        const pooled = failed.find(({ id }) => id === 'pooler');
        return ended.status === 10 && pooled?.status === 'fail'
          ? []
          : [`it was not refused: ${ended.status}, pooler ${pooled?.status}`];
      },
    },
  ];
}
