/** The first frame: which world this is, before the rest of the program is loaded. */
import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import type { State } from '../wizard/types.ts';
import { environmentSpan } from './header.ts';
import { STYLES } from './theme.ts';

export function Opening({ environment }: { environment: State['environment'] }): ReactElement {
  const word = environmentSpan(environment);
  return (
    <Box flexDirection="column">
      <Text>
        <Text {...STYLES[word.tone]}>{word.text}</Text>
        {'  backout'}
      </Text>
      <Text>Reading the runbook. Ctrl-C leaves; nothing is connected yet.</Text>
    </Box>
  );
}
