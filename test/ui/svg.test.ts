import { describe, expect, it } from 'vitest';
import { frameToSvg } from '../../scripts/pictures/svg.ts';
import { createEmulator } from '../e2e/support/screen.ts';

describe('frameToSvg', () => {
  it('keeps text, colours, bold and inverse, each at its column, and escapes what XML would read', async () => {
    const emulator = createEmulator(30, 3);
    await emulator.feed(
      'a \x1b[1;31m<b>&\x1b[0m\r\n\x1b[7;32m PRACTICE \x1b[0m 界x\x1b[38;5;196m!\x1b[38;2;1;2;3m?',
    );
    const svg = frameToSvg(emulator.terminal, 'One & two');
    expect(svg).toContain('<title>One &amp; two</title>');
    expect(svg).toMatch(/<text x="30\.8"[^>]* fill="#e06c75" font-weight="bold">&lt;b&gt;&amp;<\/text>/);
    expect(svg).toMatch(/<rect x="14" y="32" width="84" height="18" fill="#8fca7f"\/>/);
    expect(svg).toMatch(/fill="#14181f"> PRACTICE <\/text>/);
    expect(svg).toMatch(/textLength="33\.6"[^>]*> 界x<\/text>/);
    expect(svg).toContain('fill="#ff0000">!');
    expect(svg).toContain('fill="#010203">?');
    expect(svg).not.toMatch(/\p{Cc}(?<!\n)/u);
    expect(svg.match(/<text/g)).toHaveLength(6);
  });
});
