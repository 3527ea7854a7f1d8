import { type ThingModel, thingModel } from '../../../preload/contract/agents.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import { asObject } from '../../json-object.ts';

/**
 * A thing model as the console exports it (功能定义 › 查看物模型JSON), also inside `model`, `ModelDefine` or the reply that has it. Keys it
 * does not know are kept; numbers may be text, lists may be missing. Fails with 'agent/bad-thing-model' {path, reason}.
 */
export function readThingModel(json: string): ThingModel {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw bad('', 'no JSON');
  }
  const found = unwrapped(value, 0);
  if (found === null) throw bad('', 'there are no properties, events or actions');
  const checked = thingModel.safeParse(normalised(found));
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw bad(issue?.path.join('.') ?? '', issue?.message ?? 'not a thing model');
}

export function writeThingModel(model: ThingModel): string {
  return JSON.stringify(model, null, 2);
}

function bad(path: string, reason: string): TalkError {
  return new TalkError('agent/bad-thing-model', { path: path || '$', reason });
}

const lists = ['properties', 'events', 'actions'] as const;
const wrappers = ['model', 'Model', 'ModelDefine', 'Response', 'Data', 'data'];

function unwrapped(value: unknown, depth: number): Record<string, unknown> | null {
  const object = asObject(typeof value === 'string' ? parsed(value) : value);
  if (object === null || depth > 4) return null;
  if (lists.some((list) => Array.isArray(object[list]))) return object;
  for (const name of wrappers) {
    const found = Object.hasOwn(object, name) ? unwrapped(object[name], depth + 1) : null;
    if (found !== null) return found;
  }
  return null;
}

/** Null is missing; a definition may be text; types in any case; the labels of a mapping are text. */
function normalised(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalised);
  const object = asObject(value);
  if (object === null) return value;
  const entries = Object.entries(object).filter(([, member]) => member !== null);
  return Object.fromEntries(
    entries.map(([key, member]) => {
      if (key === 'define') return [key, definition(typeof member === 'string' ? parsed(member) : member)];
      return [key, normalised(member)];
    }),
  );
}

function definition(value: unknown): unknown {
  const object = asObject(value);
  if (object === null) return value;
  const mapping = asObject(object.mapping);
  return {
    ...object,
    ...(typeof object.type === 'string' && { type: object.type.toLowerCase() }),
    ...(mapping !== null && { mapping: Object.fromEntries(Object.entries(mapping).map(([key, label]) => [key, String(label)])) }),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
