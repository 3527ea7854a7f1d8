import type { EngineField, EngineKind } from '../../preload/contract/engines.ts';
import { TalkError } from '../../preload/contract/talk-error.ts';
import { askSecret } from './ask-secret.ts';

/** `FIELD=VALUE` as the kind's field has it: numbers, yes and no, JSON. What is wrong with a value the core says. */
export function valuesOf(kind: EngineKind, pairs: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(pairs.map((pair) => given(kind, pair)));
}

function given({ fields }: EngineKind, pair: string): [string, unknown] {
  const at = pair.indexOf('=');
  if (at < 1) throw misuse(pair, 'want FIELD=VALUE');
  const name = pair.slice(0, at);
  const text = pair.slice(at + 1);
  const field = fields.find((candidate) => candidate.name === name);
  if (field === undefined) throw misuse(name, `no such field; there are ${fields.map((each) => each.name).join(', ')}`);
  // It would be in the shell's history and in every process list.
  if (field.kind === 'secret') throw misuse(name, 'a secret: give it with --secret, which asks for it, or in the environment');
  return [name, typed(field, text)];
}

function typed({ kind }: EngineField, text: string): unknown {
  if (kind === 'number' && text.trim() !== '' && !Number.isNaN(Number(text))) return Number(text);
  if (kind === 'switch' && (text === 'true' || text === 'yes')) return true;
  if (kind === 'switch' && (text === 'false' || text === 'no')) return false;
  return text;
}

/** `apiKey` of `deepseek` is TALKBENCH_ENGINE_DEEPSEEK_APIKEY. */
export function secretVariable(id: string, name: string): string {
  return `TALKBENCH_ENGINE_${id}_${name}`.replaceAll(/[^A-Za-z0-9]/g, '_').toUpperCase();
}

/**
 * The secrets to be stored: those that are asked for, and those that are wanted and not there yet. Each from the environment, or typed
 * without being shown.
 */
export async function askSecrets(
  kind: EngineKind,
  id: string,
  asked: readonly string[],
  stored: readonly string[],
): Promise<Record<string, string>> {
  const secrets: Record<string, string> = {};
  for (const name of asked)
    if (!kind.fields.some((field) => field.kind === 'secret' && field.name === name)) throw misuse(name, 'no such secret');
  for (const field of kind.fields) {
    if (field.kind !== 'secret') continue;
    const variable = secretVariable(id, field.name);
    const isWanted = asked.includes(field.name) || (field.isRequired && !stored.includes(field.name));
    if (!isWanted && process.env[variable] === undefined) continue;
    if (process.env[variable] === undefined && !process.stdin.isTTY) throw misuse(variable, `set it in the environment: the ${field.name}`);
    secrets[field.name] = await askSecret(`${field.name}: `, variable);
  }
  return secrets;
}

function misuse(path: string, message: string): TalkError {
  return new TalkError('bad-request', { issues: [{ path, message }] });
}
