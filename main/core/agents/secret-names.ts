/** Where a tool's secret is kept. */
export function toolSecretName(name: string): string {
  return `tool/${name}`;
}

/** The names in `${secret:NAME}` places, wherever they stand in these values. */
export function secretsNamedBy(value: unknown): string[] {
  const names = JSON.stringify(value).matchAll(/\$\{secret:([\w.-]{1,64})\}/gu);
  return [...new Set([...names].map(([, name = '']) => name))].sort();
}
