import type { LlmTool } from '../../../../../pipeline/engines/llm/engine.ts';

/** What every talking board is asked for (seed 000: 音量控制, 电量查询, 设定闹钟). */
export type BoardTool = 'volume' | 'battery' | 'alarm';

/** In the name, else in what is said of it: vendors call the same thing `control_volume`, `self.audio_speaker.set_volume`, `SetVol`. */
const subjects: Readonly<Record<BoardTool, RegExp>> = {
  volume: /vol(?:ume)?(?![a-z])|loudness|音量|声音/iu,
  battery: /batter|电量|电池|power[_\s-]?level|device[_\s-]?status/iu,
  alarm: /alarm|闹钟|闹铃/iu,
};

/** Of several that have to do with it those that set come first, those that only read last; of the battery the other way round. */
const reading = /(?:^|[_.\s-])(?:get|query|read|list|delete|cancel|remove|clear)|查询|删除|取消/iu;

export function findTool(tools: readonly LlmTool[], wanted: BoardTool): LlmTool | undefined {
  const subject = subjects[wanted];
  const isReader = wanted === 'battery';
  const ranked = tools
    .map((tool) => {
      const inName = subject.test(tool.name);
      return { tool, inName, isOne: inName || subject.test(tool.description), reads: reading.test(tool.name) };
    })
    .filter(({ isOne }) => isOne)
    .toSorted(
      (one, other) => Number(other.inName) - Number(one.inName) || Number(one.reads !== isReader) - Number(other.reads !== isReader),
    );
  return ranked[0]?.tool;
}

/** What arguments may be called, and what they are to be. The first that fits. */
export type Wishes = readonly (readonly [name: RegExp, value: string | number])[];

export function wishesFor(wanted: BoardTool, volume: number): Wishes {
  if (wanted === 'volume')
    return [
      [/^(?:volume|vol|level|value|percent|音量)/iu, volume],
      [/action|mode|operation|type|操作/iu, 'set'],
    ];
  if (wanted === 'alarm')
    return [
      [/^hour|小时/iu, 7],
      [/^min|分/iu, 30],
      [/^sec|秒/iu, 0],
      [/freq|repeat|频/iu, 'once'],
      [/time|时间/iu, '07:30'],
      [/label|title|name|content|message/iu, 'Talkbench'],
    ];
  return [];
}

/** Arguments that a tool's schema takes: every one that is wished for, and something harmless where more is required. */
export function argumentsFor(tool: LlmTool, wishes: Wishes): Record<string, unknown> {
  const properties = objectOf(tool.parameters.properties);
  const required = new Set(Array.isArray(tool.parameters.required) ? tool.parameters.required.map(String) : []);
  const given = Object.entries(properties).flatMap(([name, schema]) => {
    const wish = wishes.find(([pattern]) => pattern.test(name))?.[1];
    if (wish === undefined && !required.has(name)) return [];
    return [[name, fitted(objectOf(schema), wish)] as const];
  });
  return Object.fromEntries(given);
}

function fitted(schema: Record<string, unknown>, wish: string | number | undefined): unknown {
  const choices = Array.isArray(schema.enum) ? schema.enum : null;
  if (choices !== null) return choices.find((choice) => String(choice).toLowerCase() === String(wish).toLowerCase()) ?? choices[0];
  const [minimum, maximum] = [numberIn(schema.minimum), numberIn(schema.maximum)];
  switch (schema.type) {
    case 'integer':
    case 'number': {
      const number = Number(wish);
      const wanted = wish !== undefined && Number.isFinite(number) ? number : (minimum ?? 0);
      return Math.min(Math.max(wanted, minimum ?? wanted), maximum ?? wanted);
    }
    case 'boolean':
      return true;
    case 'array':
      return [];
    case 'object':
      return {};
    default:
      return wish === undefined ? '' : String(wish);
  }
}

/** A number called so, however deep it lies in an answer: `{"battery":{"level":80}}`, `{"volume":"40"}`. Null: there is none. */
export function numberNamed(answer: unknown, name: RegExp): number | null {
  for (const [key, value] of Object.entries(objectOf(answer))) {
    const number = name.test(key) ? (numberIn(value) ?? anyNumber(value)) : numberNamed(value, name);
    if (number !== null) return number;
  }
  return null;
}

/** The first number there is, in `{"value":40}` or `{"level":80,"state":"charging"}`. */
export function anyNumber(answer: unknown): number | null {
  const plain = numberIn(answer);
  if (plain !== null) return plain;
  for (const value of Object.values(objectOf(answer))) {
    const number = anyNumber(value);
    if (number !== null) return number;
  }
  return null;
}

export const volumeName = subjects.volume;
export const batteryName = subjects.battery;

function numberIn(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value === 'string' && value.startsWith('{')) {
    try {
      return objectOf(JSON.parse(value));
    } catch {
      return {};
    }
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
