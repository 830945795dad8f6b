/** Whether a name promises a secret. Pure. */
const SECRET =
  /^(?:pass|passwd|password|passphrase|pw|pwd|secret|secrets|token|key|apikey|credential|credentials)$/i;

/** `db_password`, `apiKey`, `API_TOKEN`, `key`; not `keyboard` or `monkey`. */
export function looksSecret(name: string): boolean {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .split(/[^A-Za-z0-9]+/)
    .some((part) => SECRET.test(part));
}
