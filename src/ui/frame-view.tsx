/** The parts of the screen, in their places. No logic: {@link composeFrame} has decided everything. */
import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import type { Frame } from './compose.ts';
import { Lines, Row } from './lines.tsx';
import { ROAD_WIDTH } from './road.ts';

function Rule({ width }: { width: number }): ReactElement {
  return <Text>{'─'.repeat(width)}</Text>;
}

function Header({ frame }: { frame: Frame }): ReactElement {
  return (
    <>
      <Lines lines={frame.header} />
      <Rule width={frame.width} />
    </>
  );
}

function Road({ frame }: { frame: Frame }): ReactElement | null {
  if (frame.road === null) return null;
  return (
    <>
      <Box width={ROAD_WIDTH} flexShrink={0}>
        <Lines lines={frame.road} />
      </Box>
      <Box width={2} flexDirection="column" flexShrink={0}>
        {Array.from({ length: frame.contentHeight + 1 }, (_, row) => (
          <Text key={row}>│</Text>
        ))}
      </Box>
    </>
  );
}

function Content({ frame }: { frame: Frame }): ReactElement {
  const lines = frame.position === null ? frame.content : [...frame.content, frame.position];
  return (
    <Box flexDirection="column" flexGrow={1}>
      <Row line={frame.title} />
      <Lines lines={lines} height={frame.contentHeight} />
    </Box>
  );
}

/** The whole screen: one row less than the terminal has. */
export function FrameView({ frame }: { frame: Frame }): ReactElement {
  const { width, height } = frame;
  if (frame.tooSmall !== null) return <Row line={frame.tooSmall} />;
  return (
    <Box flexDirection="column" width={width} height={height} overflow="hidden">
      <Header frame={frame} />
      <Box height={frame.contentHeight + 1} flexShrink={0} overflow="hidden">
        <Road frame={frame} />
        <Content frame={frame} />
      </Box>
      <Rule width={width} />
      <Lines lines={frame.question} />
      <Lines lines={frame.footer} />
    </Box>
  );
}
