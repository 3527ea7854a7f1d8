import type { z } from 'zod';
import { type Redact, redactJson } from './redact.ts';

/** As much of a zod schema as tells what is ours in a value and what is somebody's. */
interface Shape {
  type: string;
  innerType?: z.ZodType;
  in?: z.ZodType;
  element?: z.ZodType;
  shape?: Record<string, z.ZodType>;
  options?: readonly z.ZodType[];
  discriminator?: string;
  values?: readonly unknown[];
  entries?: Record<string, unknown>;
}

/**
 * Redacts a value that has a schema: its keys, its own words (enums, literals) and its numbers are the schema's and stay, or nobody could
 * read it again; whatever the schema leaves open is redacted whole, keys and numbers too.
 */
export function redactShaped(redact: Redact, schema: z.ZodType, value: unknown): unknown {
  const shape = (schema as unknown as { _zod: { def: Shape } })._zod.def;
  if (value === null || value === undefined) return value;
  switch (shape.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'readonly':
      return shape.innerType === undefined ? value : redactShaped(redact, shape.innerType, value);
    case 'pipe':
      return shape.in === undefined ? value : redactShaped(redact, shape.in, value);
    case 'boolean':
    case 'number':
      return typeof value === 'number' || typeof value === 'boolean' ? value : redactJson(redact, value);
    case 'enum':
      return Object.values(shape.entries ?? {}).includes(value) ? value : redactJson(redact, value);
    case 'literal':
      return shape.values?.includes(value) === true ? value : redactJson(redact, value);
    case 'array':
      return Array.isArray(value) && shape.element !== undefined
        ? value.map((item) => redactShaped(redact, shape.element as z.ZodType, item))
        : redactJson(redact, value);
    case 'object': {
      const known = shape.shape ?? {};
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => {
          const own = known[key];
          return own === undefined ? [redact(key), redactJson(redact, item)] : [key, redactShaped(redact, own, item)];
        }),
      );
    }
    case 'union': {
      const option = shape.options?.find((candidate) => isOption(candidate, shape.discriminator, value));
      return option === undefined ? redactJson(redact, value) : redactShaped(redact, option, value);
    }
    default:
      return redactJson(redact, value);
  }
}

function isOption(candidate: z.ZodType, discriminator: string | undefined, value: unknown): boolean {
  if (discriminator === undefined) return candidate.safeParse(value).success;
  const own = (candidate as unknown as { _zod: { def: Shape } })._zod.def.shape?.[discriminator];
  return own?.safeParse((value as Record<string, unknown>)[discriminator]).success === true;
}
