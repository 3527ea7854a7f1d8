import type { GuardRig } from './guarder.ts';

/** A fake service as the guarder wants it. */
export type GuardedService = Required<Pick<GuardRig<never>, 'behave' | 'requests' | 'seen' | 'idle' | 'vanish' | 'close'>> &
  Pick<GuardRig<never>, 'handshakes' | 'connected' | 'dropIdle'> & { origin: string };

/** An engine on its fake service. */
export function serviceRig<Engine>(engine: Engine, service: GuardedService, secrets: readonly string[]): GuardRig<Engine> {
  return { ...service, engine, secrets, close: () => service.close().catch(() => undefined) };
}
