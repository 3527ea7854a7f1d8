/** An expectation in one line: its own keys and values, as they stand in the file. */
export function described(expectation: object): string {
  const { where, ...rest } = expectation as { where?: Readonly<Record<string, unknown>> };
  const facts = { ...rest, ...(where !== undefined && Object.keys(where).length > 0 && { where }) };
  return Object.entries(facts)
    .map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}
