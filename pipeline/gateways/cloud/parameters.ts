import { ApiError } from './action.ts';

/** What a parameter of an action must be. Bounds are inclusive; of texts and lists they bound the length. */
export interface Parameter {
  type: 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array';
  isRequired?: true;
  min?: number;
  max?: number;
  oneOf?: readonly (string | number)[];
  /** Of an object. Without them anything may stand in it. */
  fields?: Parameters;
  /** Of an array. */
  item?: Parameter;
}

export type Parameters = Readonly<Record<string, Parameter>>;

/**
 * The request's parameters as the action's sheet says they are. Throws ApiError 'MissingParameter', 'UnknownParameter', 'InvalidParameter'
 * (of another type) or 'InvalidParameterValue' (out of its range), each naming the parameter as the API does: `AgentConfig.UserId`.
 */
export function checkParameters(known: Parameters, given: Record<string, unknown>, path = ''): Record<string, unknown> {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(known, name)) throw new ApiError('UnknownParameter', `The parameter \`${shown(path + name)}\` is not recognized.`);
  }
  const checked: Record<string, unknown> = {};
  for (const [name, parameter] of Object.entries(known)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    const isAbsent = value === undefined || value === null || (value === '' && parameter.isRequired === true);
    if (isAbsent && parameter.isRequired === true)
      throw new ApiError('MissingParameter', `The request is missing a required parameter \`${path}${name}\`.`);
    if (!isAbsent) checked[name] = checkValue(parameter, value, path + name);
  }
  return checked;
}

function checkValue(parameter: Parameter, value: unknown, path: string): unknown {
  if (!isOfType(parameter.type, value)) throw new ApiError('InvalidParameter', `The value type of parameter \`${path}\` is not valid.`);
  const size = typeof value === 'number' ? value : typeof value === 'string' || Array.isArray(value) ? value.length : undefined;
  if (size !== undefined && (size < (parameter.min ?? -Infinity) || size > (parameter.max ?? Infinity))) throw outOfRange(parameter, path);
  if (parameter.oneOf !== undefined && !parameter.oneOf.includes(value as string | number)) throw outOfRange(parameter, path);
  if (Array.isArray(value)) {
    const { item } = parameter;
    return item === undefined ? value : value.map((each, index) => checkValue(item, each, `${path}.${index}`));
  }
  if (typeof value === 'object' && value !== null && parameter.fields !== undefined)
    return checkParameters(parameter.fields, value as Record<string, unknown>, `${path}.`);
  return value;
}

function isOfType(type: Parameter['type'], value: unknown): boolean {
  switch (type) {
    case 'integer':
      return Number.isSafeInteger(value);
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}

function outOfRange({ min, max, oneOf }: Parameter, path: string): ApiError {
  const allowed = oneOf === undefined ? `${min ?? ''}–${max ?? ''}` : oneOf.join(', ');
  return new ApiError('InvalidParameterValue', `The value of parameter \`${path}\` is out of range: ${allowed}.`);
}

/** A stranger's word, in a sentence. */
function shown(name: string): string {
  return name.replace(/[^\x20-\x7e]/gu, '?').slice(0, 80);
}
