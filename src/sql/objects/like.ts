/** A function by what CREATE FUNCTION says: its body, byte for byte, and how it is declared. */
export function functionLike(parts: {
  body: string;
  language: string;
  volatility: string;
  strict: boolean;
  definer: boolean;
  leakproof: boolean;
  parallel: string;
}): string {
  const { body, language, volatility, strict, definer, leakproof, parallel } = parts;
  return JSON.stringify([language, volatility, strict, definer, leakproof, parallel, body]);
}
