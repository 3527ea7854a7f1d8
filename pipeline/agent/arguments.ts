import { asObject } from '../json-object.ts';

/** What is wrong with one argument, for the language model to do better. */
export interface ArgumentIssue {
  /** 'volume', 'times[1].hour'. */
  path: string;
  reason: 'missing' | 'wrong-type' | 'not-allowed' | 'too-small' | 'too-large' | 'too-short' | 'too-long';
  /** The type, the allowed values, or the bound. */
  expected: unknown;
}

export type CheckedArguments = { isOk: true; value: Record<string, unknown> } | { isOk: false; issues: ArgumentIssue[] };

type Schema = Readonly<Record<string, unknown>>;

/** A schema is the user's or a board's: nested deeper than this it is taken as it comes. */
const DEEPEST = 16;

/**
 * Arguments as the tool's JSON Schema wants them. What a model gets nearly right is put right ("30" or 30.0 for an integer, "true" and 1
 * for a boolean, a number for a string, an enum value in other case, null for what is optional); what the schema does not name is left
 * out where it names anything. The rest is an issue. Of JSON Schema it knows type, properties, required, enum, const, items, the bounds of
 * numbers, lengths, and anyOf / oneOf; anything else allows everything.
 */
export function checkArguments(schema: Schema, given: Readonly<Record<string, unknown>>): CheckedArguments {
  const issues: ArgumentIssue[] = [];
  const value = checkObject(schema, given, '', issues, 0);
  return issues.length === 0 ? { isOk: true, value } : { isOk: false, issues };
}

function checkObject(
  schema: Schema,
  given: Readonly<Record<string, unknown>>,
  path: string,
  issues: ArgumentIssue[],
  depth: number,
): Record<string, unknown> {
  const properties = asObject(schema.properties);
  if (properties === null) return { ...given };
  const required = Array.isArray(schema.required) ? schema.required : [];
  const checked: [string, unknown][] = [];
  for (const [name, property] of Object.entries(properties)) {
    const here = path === '' ? name : `${path}.${name}`;
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    const isNullable = typesOf(asObject(property) ?? {}).includes('null');
    if (value === undefined || (value === null && !isNullable)) {
      if (required.includes(name)) issues.push({ path: here, reason: 'missing', expected: expectation(asObject(property) ?? {}) });
      continue;
    }
    checked.push([name, check(asObject(property) ?? {}, value, here, issues, depth + 1)]);
  }
  const more = schema.additionalProperties;
  if (more === true || asObject(more) !== null) {
    for (const [name, value] of Object.entries(given)) if (!Object.hasOwn(properties, name)) checked.push([name, value]);
  }
  return Object.fromEntries(checked);
}

function check(schema: Schema, given: unknown, path: string, issues: ArgumentIssue[], depth: number): unknown {
  if (depth > DEEPEST) return given;
  const choices = [schema.anyOf, schema.oneOf].find(Array.isArray);
  if (choices !== undefined) return checkChoices(choices, given, path, issues, depth);
  const allowed = Array.isArray(schema.enum) ? schema.enum : 'const' in schema ? [schema.const] : null;
  if (allowed !== null) {
    const found = allowedValue(allowed, given);
    if (found === undefined) issues.push({ path, reason: 'not-allowed', expected: allowed });
    return found;
  }
  const types = typesOf(schema);
  if (types.length === 0) return given;
  for (const type of types) {
    const coerced = coerce(type, given);
    if (coerced === undefined) continue;
    if (type === 'object') return checkObject(schema, coerced as Record<string, unknown>, path, issues, depth);
    if (type === 'array') return checkArray(schema, coerced as unknown[], path, issues, depth);
    checkBounds(schema, coerced, path, issues);
    return coerced;
  }
  issues.push({ path, reason: 'wrong-type', expected: types.length === 1 ? types[0] : types });
  return given;
}

function checkChoices(choices: readonly unknown[], given: unknown, path: string, issues: ArgumentIssue[], depth: number): unknown {
  for (const choice of choices) {
    const own: ArgumentIssue[] = [];
    const value = check(asObject(choice) ?? {}, given, path, own, depth + 1);
    if (own.length === 0) return value;
  }
  issues.push({ path, reason: 'not-allowed', expected: choices.map((choice) => expectation(asObject(choice) ?? {})) });
  return given;
}

function checkArray(schema: Schema, given: readonly unknown[], path: string, issues: ArgumentIssue[], depth: number): unknown[] {
  const { minItems, maxItems } = schema;
  if (typeof minItems === 'number' && given.length < minItems) issues.push({ path, reason: 'too-short', expected: minItems });
  if (typeof maxItems === 'number' && given.length > maxItems) issues.push({ path, reason: 'too-long', expected: maxItems });
  const items = asObject(schema.items);
  return items === null ? [...given] : given.map((item, index) => check(items, item, `${path}[${index}]`, issues, depth + 1));
}

function checkBounds(schema: Schema, value: unknown, path: string, issues: ArgumentIssue[]): void {
  const { minimum, maximum, minLength, maxLength } = schema;
  if (typeof value === 'number') {
    if (typeof minimum === 'number' && value < minimum) issues.push({ path, reason: 'too-small', expected: minimum });
    if (typeof maximum === 'number' && value > maximum) issues.push({ path, reason: 'too-large', expected: maximum });
  } else if (typeof value === 'string') {
    if (typeof minLength === 'number' && value.length < minLength) issues.push({ path, reason: 'too-short', expected: minLength });
    if (typeof maxLength === 'number' && value.length > maxLength) issues.push({ path, reason: 'too-long', expected: maxLength });
  }
}

/** The value of the enum that was meant: itself, or the only one that differs in type or case. */
function allowedValue(allowed: readonly unknown[], given: unknown): unknown {
  if (allowed.includes(given)) return given;
  const word = String(given).trim().toLowerCase();
  const words = word === 'true' ? [word, '1'] : word === 'false' ? [word, '0'] : [word];
  const alike = allowed.filter((value) => words.includes(String(value).toLowerCase()));
  return alike.length === 1 ? alike[0] : undefined;
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/iu;

/** Undefined: it cannot be taken for one. */
function coerce(type: string, given: unknown): unknown {
  switch (type) {
    case 'integer':
    case 'number': {
      const number =
        typeof given === 'string' && decimal.test(given.trim()) ? Number(given) : typeof given === 'boolean' ? Number(given) : given;
      if (typeof number !== 'number' || !Number.isFinite(number)) return undefined;
      return type === 'number' || Number.isSafeInteger(number) ? number : undefined;
    }
    case 'boolean': {
      const word = typeof given === 'string' ? given.trim().toLowerCase() : given;
      if (word === true || word === 'true' || word === 1 || word === '1') return true;
      return word === false || word === 'false' || word === 0 || word === '0' ? false : undefined;
    }
    case 'string':
      return typeof given === 'string' ? given : typeof given === 'number' || typeof given === 'boolean' ? String(given) : undefined;
    case 'array':
      return Array.isArray(given) ? given : (parsed(given, Array.isArray) ?? undefined);
    case 'object':
      return asObject(given) ?? parsed(given, (value) => asObject(value) !== null) ?? undefined;
    case 'null':
      return given === null ? null : undefined;
    default:
      return given;
  }
}

/** Some models write a nested value as text. */
function parsed(given: unknown, isWanted: (value: unknown) => boolean): unknown {
  if (typeof given !== 'string') return null;
  try {
    const value: unknown = JSON.parse(given);
    return isWanted(value) ? value : null;
  } catch {
    return null;
  }
}

function typesOf(schema: Schema): string[] {
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  return types.filter((type) => typeof type === 'string');
}

function expectation(schema: Schema): unknown {
  if (Array.isArray(schema.enum)) return schema.enum;
  const types = typesOf(schema);
  return types.length === 1 ? types[0] : types;
}
