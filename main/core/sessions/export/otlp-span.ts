import { createHash } from 'node:crypto';

/** OTLP's JSON (opentelemetry-proto 1.x): ids in hex, 64-bit numbers as strings, enums as numbers, names in lowerCamelCase. */
export interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: OtlpAttribute[];
  events: { timeUnixNano: string; name: string; attributes: OtlpAttribute[] }[];
  status: { code: number; message?: string };
}

export interface OtlpAttribute {
  key: string;
  value: OtlpValue;
}

type OtlpValue =
  | { stringValue: string }
  | { boolValue: boolean }
  | { intValue: string }
  | { doubleValue: number }
  | { arrayValue: { values: OtlpValue[] } };

/** What an attribute may be made from; what is not known is left out. */
export type AttributeValue = string | number | boolean | readonly string[] | null | undefined;

export const spanKind = { internal: 1, server: 2, client: 3 } as const;
export const statusCode = { unset: 0, ok: 1, error: 2 } as const;

/** What a name says is a measurement is a double, also where it happens to be whole: one attribute has one type. */
export function attributesOf(values: Readonly<Record<string, AttributeValue>>): OtlpAttribute[] {
  return Object.entries(values).flatMap(([key, value]) =>
    value === null || value === undefined ? [] : { key, value: anyValue(value, /(_ms|_seconds|ttft|ttfb|score)$/.test(key)) },
  );
}

function anyValue(value: NonNullable<AttributeValue>, isDouble: boolean): OtlpValue {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return Number.isInteger(value) && !isDouble ? { intValue: String(value) } : { doubleValue: value };
  return { arrayValue: { values: value.map((item) => ({ stringValue: item })) } };
}

/** The same session gives the same ids: sent twice, it is one trace. */
export function hexId(bytes: 8 | 16, ...names: readonly (string | number)[]): string {
  return createHash('sha256')
    .update(names.join('\0'))
    .digest('hex')
    .slice(0, bytes * 2);
}

/** Session time as nanoseconds since 1970. */
export function unixNano(startedWallMs: number, us: number): string {
  return String(BigInt(startedWallMs) * 1_000_000n + BigInt(Math.round(us)) * 1000n);
}
