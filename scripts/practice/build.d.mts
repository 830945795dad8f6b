export function buildPractice(dist: string): Promise<void>;
export function preparePractice(): Promise<string>;
