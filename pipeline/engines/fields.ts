import type { EngineField } from '../../preload/contract/engines.ts';

/** Fields of engine kinds; one without a default is required. */
export function field(name: string, kind: EngineField['kind'], more: Partial<EngineField> = {}): EngineField {
  return { name, kind, isRequired: more.default === undefined, ...more };
}

export function optional(name: string, kind: EngineField['kind'] = 'text'): EngineField {
  return { name, kind, isRequired: false };
}

export function secret(name: string): EngineField {
  return { name, kind: 'secret', isRequired: true };
}

/** Where a service lies; another address is a test's or a gateway's. */
export function address(value: string): EngineField {
  return field('apiUrl', 'url', { default: value, placeholder: value });
}
