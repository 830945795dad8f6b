/** Lines, drawn. */
import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import type { Line } from './spans.ts';
import { STYLES } from './theme.ts';

/** One row. An empty one still takes its row. */
export function Row({ line }: { line: Line }): ReactElement {
  if (line.spans.every(({ text }) => text === '')) return <Text> </Text>;
  return (
    <Text wrap="truncate-end">
      {line.spans.map(({ text, tone }, index) => (
        <Text key={index} {...STYLES[tone]}>
          {text}
        </Text>
      ))}
    </Text>
  );
}

/** Rows, one below the other, in exactly `height` rows when it is given. */
export function Lines({ lines, height }: { lines: readonly Line[]; height?: number }): ReactElement {
  return (
    <Box flexDirection="column" height={height} flexShrink={0} overflow="hidden">
      {lines.map((row, index) => (
        <Row key={index} line={row} />
      ))}
    </Box>
  );
}
