import type { PortInfo } from '../../preload/contract/ports.ts';

/** What an address that no list has yet must be. */
export function kindOf(address: string): PortInfo['kind'] {
  const scheme = /^(socket|rfc2217|virtual|command):/.exec(address)?.[1];
  return (scheme as PortInfo['kind'] | undefined) ?? 'serial';
}

/** Whether the port has a line speed at all: programs and plain TCP connections have none. */
export function hasBaudRate(address: string): boolean {
  return !['command', 'socket'].includes(kindOf(address));
}
