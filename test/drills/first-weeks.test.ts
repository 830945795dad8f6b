/** Each drill of this level, rightly and wrongly, on a stage of its own. */
import { playedByLevel } from './play.ts';

playedByLevel('first weeks');
