import { useCoreStatus } from '../../lib/streams.ts';

/** Where programs of this machine reach the gateway, `127.0.0.1:8787`; null while it does not listen. */
export function useGatewayAddress(): string | null {
  const gateway = useCoreStatus()?.listeners.find(({ name, state }) => name === 'gateway' && state === 'listening');
  if (gateway === undefined) return null;
  const host = gateway.host === '0.0.0.0' || gateway.host === '::' ? '127.0.0.1' : gateway.host;
  return `${host}:${gateway.port}`;
}
