/** Between two turns of a conversation. Most services end an idle connection after 60 s; those that say when are believed. */
const IDLE_MS = 55_000;

type Connections = new (options: { keepAliveTimeout: number }) => object;

let connections: object | undefined;

/**
 * To go into `fetch`'s options: connections that stay open between turns. By itself fetch closes one after four idle seconds, so that
 * every turn's first request would begin with a name, a TCP and a TLS handshake. Their class is that of the runtime's own (the proxy's,
 * where the environment sets one), which can be had only from where the runtime keeps its default; were it not there, fetch would do
 * as it always does.
 */
export function keptOpen(): { dispatcher?: object } {
  new Headers(); // the first use of one of fetch's names makes the default
  const standard = (globalThis as Record<symbol, unknown>)[Symbol.for('undici.globalDispatcher.1')];
  if (typeof standard !== 'object' || standard === null) return {};
  connections ??= new (standard.constructor as Connections)({ keepAliveTimeout: IDLE_MS });
  return { dispatcher: connections };
}
