import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    // Ink, chalk and is-in-ci read these once, at import: fix them before any test file loads.
    env: { CI: 'false', FORCE_COLOR: '0', TZ: 'UTC', TERM: 'xterm-256color', NODE_ENV: 'test' },
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Much of it is waiting: for locks, for a server to start, for three seconds in which nobody writes.
    maxWorkers: 4,
  },
});
