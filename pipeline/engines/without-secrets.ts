import { TalkError } from '../../preload/contract/talk-error.ts';
import type { ServiceName } from './service/failure.ts';

/** One that is shorter is found in innocent words. */
const SHORTEST_SECRET = 4;
const HIDDEN = '•••';

/**
 * A failure as it may be recorded, shown and exported: without the engine's secrets, which bad services quote and libraries too ("…
 * is an invalid header value"). The same error when it has none of them, its causes included; else a new one, without the causes.
 */
export function withoutSecrets(error: unknown, secrets: readonly string[], service: ServiceName): unknown {
  const told = secrets.filter(({ length }) => length >= SHORTEST_SECRET);
  const said = everythingOf(error);
  if (!told.some((secret) => said.includes(secret))) return error;
  const hide = (text: string) => told.reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text);
  if (!(error instanceof TalkError))
    return new TalkError('engine/failed', {
      ...service,
      reason: hide(error instanceof Error ? error.message : String(error)).slice(0, 300),
    });
  const { code, data, retryable } = error.value;
  const hidden = Object.entries(data).map(([key, fact]) => [key, typeof fact === 'string' ? hide(fact) : fact]);
  return new TalkError(code, Object.fromEntries(hidden), { retryable });
}

/** Its text, its data and the same of what caused it: all that a log would have. */
function everythingOf(error: unknown, depth = 0): string {
  if (!(error instanceof Error) || depth > 8) return String(error);
  const facts = error instanceof TalkError ? Object.values(error.value.data) : Object.values(error);
  const texts = facts.filter((fact) => typeof fact === 'string');
  return [error.message, error.stack ?? '', ...texts, ...(error.cause === undefined ? [] : [everythingOf(error.cause, depth + 1)])].join(
    '\n',
  );
}
