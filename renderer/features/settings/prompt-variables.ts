/** What every prompt may use, as pipeline/agent/variables.ts fills it; a connection brings more (`customParams`). */
export const knownVariables = ['product_id', 'device_name', 'language', 'date', 'time', 'weekday', 'time_zone'] as const;

export interface PromptPart {
  /** Where it begins in the template. */
  at: number;
  text: string;
  /** The name in `${name}`; null for plain text. */
  variable: string | null;
}

/** A template in order, its places apart from its text. */
export function promptParts(template: string): PromptPart[] {
  const parts: PromptPart[] = [];
  let end = 0;
  for (const match of template.matchAll(/\$\{\s*([^\s{}]+)\s*\}/gu)) {
    if (match.index > end) parts.push({ at: end, text: template.slice(end, match.index), variable: null });
    parts.push({ at: match.index, text: match[0], variable: match[1] ?? '' });
    end = match.index + match[0].length;
  }
  if (end < template.length) parts.push({ at: end, text: template.slice(end), variable: null });
  return parts;
}

export function isKnownVariable(name: string): boolean {
  return (knownVariables as readonly string[]).includes(name);
}
