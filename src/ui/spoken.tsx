/** The screen for a screen reader: everything in reading order, nothing that moves, no window and no frame. */
import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { layoutBlocks } from './blocks.ts';
import { footerLines } from './footer.ts';
import type { Scene } from './compose.ts';
import { headerLines } from './header.ts';
import { helpLines } from './help.ts';
import { Lines } from './lines.tsx';
import { questionLines, spokenInput } from './question.ts';
import { roadWords } from './road.ts';

/** Rows enough for any question. */
const UNBOUNDED = 100;

export function Spoken({ scene }: { scene: Scene }): ReactElement {
  const { state, screen, road, view, size } = scene;
  const width = Math.max(20, size.columns);
  const typed = spokenInput(screen.question, view);
  return (
    <Box flexDirection="column">
      <Lines lines={headerLines(state, '', width)} />
      <Text>{`${screen.title}. ${roadWords(road).text}`}</Text>
      <Lines lines={view.help ? helpLines(screen, width) : layoutBlocks(screen.blocks, width)} />
      <Lines lines={questionLines(screen.question, view, { width, height: UNBOUNDED, now: scene.now })} />
      {typed === '' ? null : <Text>{typed}</Text>}
      <Lines lines={footerLines(screen, view, width, UNBOUNDED)} />
    </Box>
  );
}
