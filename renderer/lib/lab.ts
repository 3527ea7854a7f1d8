import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Client } from '../../preload/contract/client.ts';
import type { ConnectionState, ReconnectingClient } from '../../preload/contract/reconnecting.ts';

/** All that a screen asks of the core. */
export type Lab = Pick<Client, 'call' | 'subscribe'>;

/** What the frame needs besides: whether there is a core at all. */
export type LabConnection = Pick<ReconnectingClient, 'state' | 'onState' | 'retryNow'>;

const LabContext = createContext<{ lab: Lab; connection: LabConnection } | null>(null);
export const LabProvider = LabContext.Provider;

function useLabContext(): { lab: Lab; connection: LabConnection } {
  const found = useContext(LabContext);
  if (found === null) throw new Error('useLab outside LabProvider');
  return found;
}

export function useLab(): Lab {
  return useLabContext().lab;
}

export function useConnection(): { state: ConnectionState; retryNow: () => void } {
  const { connection } = useLabContext();
  const state = useSyncExternalStore(connection.onState, () => connection.state);
  return { state, retryNow: connection.retryNow };
}
