// A lane: a process with a server of its own that tries one point after the other, as the parent says.
const { serve } = await import(process.argv[2]);
await serve();
