import { asObject } from '../../json-object.ts';
import type { Report } from './lint.ts';

const types = new Set(['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']);
const argumentName = /^[\w.-]{1,64}$/u;

/** Whether a JSON Schema of arguments is one that services take: an object, its properties typed, its enums of their own type. */
export function lintSchema(schema: Record<string, unknown>, where: string, report: Report): void {
  const { type, properties, required } = schema;
  if (type !== undefined && type !== 'object') {
    report({ severity: 'error', where, code: 'bad-schema', data: { reason: 'not-an-object', type } });
    return;
  }
  if (properties !== undefined && asObject(properties) === null) {
    report({ severity: 'error', where, code: 'bad-schema', data: { reason: 'properties-are-no-object' } });
    return;
  }
  const known = asObject(properties) ?? {};
  for (const [name, value] of Object.entries(known)) {
    const here = `${where} › ${name}`;
    if (!argumentName.test(name)) report({ severity: 'error', where: here, code: 'bad-name', data: { name } });
    const property = asObject(value);
    if (property === null) report({ severity: 'error', where: here, code: 'bad-schema', data: { reason: 'property-is-no-object' } });
    else lintProperty(property, here, report);
  }
  if (required === undefined) return;
  if (!Array.isArray(required)) {
    report({ severity: 'error', where, code: 'bad-schema', data: { reason: 'required-is-no-list' } });
    return;
  }
  for (const name of required) {
    if (typeof name === 'string' && Object.hasOwn(known, name)) continue;
    report({ severity: 'error', where, code: 'unknown-argument', data: { name, known: Object.keys(known) } });
  }
}

function lintProperty(property: Record<string, unknown>, where: string, report: Report): void {
  const { type, description, minimum, maximum } = property;
  const isTyped = type !== undefined || 'enum' in property || 'anyOf' in property || 'oneOf' in property;
  if (!isTyped) report({ severity: 'warning', where, code: 'missing-type', data: {} });
  const named = Array.isArray(type) ? type : type === undefined ? [] : [type];
  if (named.some((one) => !types.has(String(one))))
    report({ severity: 'error', where, code: 'bad-schema', data: { reason: 'unknown-type', type } });
  if (typeof description !== 'string' || description === '') report({ severity: 'warning', where, code: 'missing-description', data: {} });
  if (typeof minimum === 'number' && typeof maximum === 'number' && minimum > maximum) {
    report({ severity: 'error', where, code: 'bad-range', data: { reason: 'min-above-max', min: minimum, max: maximum } });
  }
  if (!('enum' in property)) return;
  const values = property.enum;
  if (!Array.isArray(values) || values.length === 0) report({ severity: 'error', where, code: 'bad-enum', data: { reason: 'empty' } });
  else if (typeof type === 'string') {
    const wrong = values.filter((value) => !isOfType(type, value));
    if (wrong.length > 0) report({ severity: 'error', where, code: 'wrong-type', data: { given: wrong, expected: type } });
  }
}

function isOfType(type: string, value: unknown): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'number':
    case 'string':
    case 'boolean':
      return typeof value === type;
    default:
      return true;
  }
}
