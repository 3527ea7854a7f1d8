import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { ServiceName } from './failure.ts';

const UNAUTHORIZED = new Set([1004, 1008, 2049]);
const RATE_LIMITED = new Set([1002, 1041, 2045, 2056]);

/**
 * The failure in a MiniMax answer, which has status 200 all the same: `base_resp {status_code, status_msg}` (reference/providers.md
 * §4.1 and §5.2). Null for an answer without one.
 */
export function minimaxFailure(answer: unknown, service: ServiceName): TalkError | null {
  const status = (answer as { base_resp?: { status_code?: unknown; status_msg?: unknown } | null } | null)?.base_resp;
  const code = Number(status?.status_code ?? 0);
  if (code === 0) return null;
  const reason = `${code} ${typeof status?.status_msg === 'string' ? status.status_msg.slice(0, 200) : ''}`.trim();
  if (UNAUTHORIZED.has(code)) return new TalkError('engine/unauthorized', { ...service, reason });
  if (RATE_LIMITED.has(code)) return new TalkError('engine/rate-limited', { ...service, reason }, { retryable: true });
  if (code === 1001) return new TalkError('engine/timeout', { ...service, timeoutMs: null, reason }, { retryable: true });
  return new TalkError('engine/failed', { ...service, reason });
}
