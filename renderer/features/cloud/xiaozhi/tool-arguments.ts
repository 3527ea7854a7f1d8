import type { XiaozhiTool } from '../../../../preload/contract/cloud/xiaozhi.ts';

export interface ArgumentField {
  name: string;
  kind: 'text' | 'number' | 'switch';
  isRequired: boolean;
  min?: number;
  max?: number;
  first: string | number | boolean | undefined;
}

/** A field for each argument of a tool; null where its schema says more than fields can, and it is typed as JSON. */
export function argumentFields({ parameters }: XiaozhiTool): ArgumentField[] | null {
  const properties = asObject(parameters.properties) ?? {};
  const required = Array.isArray(parameters.required) ? parameters.required : [];
  const fields = Object.entries(properties).map(([name, value]): ArgumentField | null => {
    const schema = asObject(value) ?? {};
    const common = { name, isRequired: required.includes(name) };
    switch (schema.type) {
      case 'boolean':
        return { ...common, kind: 'switch', first: schema.default === true };
      case 'integer':
      case 'number':
        return {
          ...{ ...common, kind: 'number', first: typeof schema.default === 'number' ? schema.default : undefined },
          ...(typeof schema.minimum === 'number' && { min: schema.minimum }),
          ...(typeof schema.maximum === 'number' && { max: schema.maximum }),
        };
      case 'string':
        return { ...common, kind: 'text', first: typeof schema.default === 'string' ? schema.default : undefined };
      default:
        return null;
    }
  });
  return fields.includes(null) ? null : (fields as ArgumentField[]);
}

/** What is sent before anything is typed. */
export function firstArguments(fields: readonly ArgumentField[]): Record<string, unknown> {
  return Object.fromEntries(fields.flatMap(({ name, first }) => (first === undefined ? [] : [[name, first]])));
}

function asObject(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
}
