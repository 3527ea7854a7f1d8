import type { EngineField } from '../../preload/contract/engines.ts';
import { TalkError } from '../../preload/contract/errors.ts';
import type { Reason } from '../../preload/contract/reasons.ts';

type Config = Readonly<Record<string, unknown>>;

/**
 * A profile's configuration as its kind's fields allow it: the values without the defaults, so that a better default reaches old
 * profiles. Secrets are no part of it. Throws TalkError 'engine/bad-config' {field, reason} for the first that does not fit; never with
 * the value, which may be a secret in the wrong place.
 */
export function checkedConfig(fields: readonly EngineField[], config: Config): Record<string, unknown> {
  const byName = new Map(fields.map((field) => [field.name, field]));
  const checked: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(config)) {
    const field = byName.get(name);
    if (field === undefined) throw badConfig(name, 'unknown-field');
    if (field.kind === 'secret') throw badConfig(name, 'is-a-secret');
    // An emptied input means "as if it had never been filled in".
    if (value === undefined || value === null || value === '') continue;
    checked[name] = checkedValue(field, value);
  }
  for (const field of fields) {
    const isMissing = field.isRequired && field.kind !== 'secret' && field.default === undefined && checked[field.name] === undefined;
    if (isMissing) throw badConfig(field.name, 'missing');
  }
  return checked;
}

/** What an engine is made with: defaults where nothing is said, and the secrets. */
export function filledConfig(
  fields: readonly EngineField[],
  config: Config,
  secrets: ReadonlyMap<string, string>,
): Record<string, unknown> {
  const filled: Record<string, unknown> = {};
  for (const field of fields) {
    const value = field.kind === 'secret' ? secrets.get(field.name) : (config[field.name] ?? field.default);
    if (value !== undefined) filled[field.name] = value;
  }
  return filled;
}

export function badConfig(field: string, reason: Reason<'engine/bad-config'>, facts: Record<string, unknown> = {}): TalkError {
  return new TalkError('engine/bad-config', { field, reason, ...facts });
}

function checkedValue(field: EngineField, value: unknown): unknown {
  switch (field.kind) {
    case 'number':
      return checkedNumber(field, value);
    case 'switch':
      if (typeof value !== 'boolean') throw badConfig(field.name, 'not-yes-or-no');
      return value;
    case 'choice':
      if (typeof value !== 'string' || field.options?.includes(value) !== true)
        throw badConfig(field.name, 'not-an-option', { options: (field.options ?? []).join(', ') });
      return value;
    case 'url':
      if (typeof value !== 'string' || !isAddress(value)) throw badConfig(field.name, 'not-an-address');
      return value.trim();
    case 'json':
      return checkedJson(field, value);
    default:
      if (typeof value !== 'string') throw badConfig(field.name, 'not-text');
      // It becomes part of a host's name: anything else in it would lead the key elsewhere.
      if (field.name === 'region' && !/^[a-z0-9-]{1,63}$/iu.test(value)) throw badConfig(field.name, 'not-a-region');
      return value;
  }
}

function checkedNumber({ name, min, max }: EngineField, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw badConfig(name, 'not-a-number');
  if (value < (min ?? Number.NEGATIVE_INFINITY) || value > (max ?? Number.POSITIVE_INFINITY))
    throw badConfig(name, 'out-of-range', { least: min ?? '−∞', greatest: max ?? '∞' });
  return value;
}

/** An address with a password in it would put a secret where none is looked for. */
function isAddress(value: string): boolean {
  const url = URL.canParse(value.trim()) ? new URL(value.trim()) : null;
  return url !== null && ['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol) && url.username === '' && url.password === '';
}

function checkedJson({ name }: EngineField, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    throw badConfig(name, 'not-json');
  }
}
