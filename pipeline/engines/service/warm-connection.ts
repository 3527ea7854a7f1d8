import { keptOpen } from './connections.ts';
import type { ServiceName } from './failure.ts';
import { bodyOf } from './request.ts';

/** A service that takes longer is asked without. */
const OPEN_MS = 5000;

const warming = new Set<string>();

/**
 * Opens a connection to the address's host that the next request finds open, unless one is free: name, TCP and TLS are then paid for
 * while the user still speaks. It is asked what it can do (OPTIONS) and not told who asks; what it answers does not matter. Never rejects.
 */
export async function warmConnection(service: ServiceName, { origin }: URL): Promise<void> {
  const kept = keptOpen();
  if (warming.has(origin) || hasFree(kept, origin)) return;
  warming.add(origin);
  const signal = AbortSignal.timeout(OPEN_MS);
  try {
    const response = await fetch(`${origin}/`, { method: 'OPTIONS', redirect: 'manual', signal, ...kept });
    for await (const _ of bodyOf(response, service, signal)) break; // leaving reads the rest, if that is not too much
  } catch {
    // The request itself will say what is wrong.
  } finally {
    warming.delete(origin);
  }
}

/** Connections of that origin that are open and do nothing, as undici counts them; without its count there is none. */
function hasFree(kept: { dispatcher?: object }, origin: string): boolean {
  const counted: { stats?: Record<string, { free?: number } | undefined> } = kept.dispatcher ?? {};
  return (counted.stats?.[origin]?.free ?? 0) > 0;
}
