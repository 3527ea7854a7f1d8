import type { ThingModel } from '../../../preload/contract/agents.ts';
import type { LlmTool } from '../../engines/llm/engine.ts';
import { asObject } from '../../json-object.ts';

export type ThingAction = ThingModel['actions'][number];
export type ThingParameter = ThingAction['input'][number];
export type ThingDefine = ThingParameter['define'];
type JsonSchema = Record<string, unknown>;

/** The actions of a thing model as tools: tool name = actionId, arguments = its input parameters (reference/twetalk.md §3.4). */
export function toolsOf(model: ThingModel): LlmTool[] {
  return model.actions.map((action) => ({
    name: action.id,
    description: action.desc || action.name || action.id,
    parameters: schemaOfInput(action.input),
  }));
}

/** Every argument is required unless its parameter says `required: false`. */
export function schemaOfInput(input: readonly ThingParameter[]): JsonSchema {
  const required = input.filter((parameter) => parameter.required !== false).map(({ id }) => id);
  return {
    type: 'object',
    properties: Object.fromEntries(input.map((parameter) => [parameter.id, schemaOfParameter(parameter)])),
    ...(required.length > 0 && { required }),
  };
}

function schemaOfParameter({ name, define, desc }: ThingParameter): JsonSchema {
  const schema = schemaOfDefine(define);
  const words = [name, typeof desc === 'string' ? desc : '', labels(define), define.unit ?? ''].filter((word) => word !== '');
  return words.length === 0 ? schema : { ...schema, description: words.join('; ') };
}

/**
 * JSON Schema of a value as it goes to the board. A bool is 0 or 1 and an enum its number there, so the model is asked for these;
 * `checkArguments` takes true for 1 and "2" for 2.
 */
export function schemaOfDefine(define: ThingDefine): JsonSchema {
  switch (define.type) {
    case 'bool':
      return { type: 'integer', enum: [0, 1] };
    case 'int':
      return { type: 'integer', ...range(define) };
    case 'float':
      return { type: 'number', ...range(define) };
    case 'timestamp':
      return { type: 'integer', minimum: 0 };
    case 'enum':
      return { type: 'integer', enum: Object.keys(define.mapping ?? {}).map(Number) };
    case 'stringenum':
      return { type: 'string', enum: Object.keys(define.mapping ?? {}) };
    case 'string': {
      const longest = numberOf(define.max);
      return { type: 'string', ...(longest !== undefined && { maxLength: longest }) };
    }
    case 'struct':
      return schemaOfInput(specsOf(define));
    case 'array': {
      const item = asObject(define.arrayInfo);
      const isDefine = item !== null && typeof item.type === 'string';
      return { type: 'array', ...(isDefine && { items: schemaOfDefine(item as ThingDefine) }) };
    }
  }
}

/** A struct's members: `specs: [{id, name, dataType: {type, …}}]`. */
function specsOf(define: ThingDefine): ThingParameter[] {
  const specs = Array.isArray(define.specs) ? define.specs : [];
  return specs.flatMap((spec) => {
    const member = asObject(spec);
    const type = asObject(member?.dataType) ?? asObject(member?.define);
    if (member === null || type === null || typeof member.id !== 'string' || typeof type.type !== 'string') return [];
    return [{ id: member.id, name: typeof member.name === 'string' ? member.name : '', define: type as ThingDefine }];
  });
}

function range({ min, max }: ThingDefine): JsonSchema {
  const minimum = numberOf(min);
  const maximum = numberOf(max);
  return { ...(minimum !== undefined && { minimum }), ...(maximum !== undefined && { maximum }) };
}

function labels({ mapping }: ThingDefine): string {
  const pairs = Object.entries(mapping ?? {}).filter(([key, label]) => label !== '' && label !== key);
  return pairs.map(([key, label]) => `${key} = ${label}`).join(', ');
}

/** Bounds come as text or number. */
export function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}
