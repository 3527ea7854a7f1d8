import type { BoardUart } from '../../../pipeline/boards/uart.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { PortInfo, PortOptions } from '../../../preload/contract/ports.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import { openCommand } from './command.ts';
import { readCommands } from './command-list.ts';
import type { OpenPort } from './port.ts';
import { resetBoard } from './reset.ts';
import { openRfc2217 } from './rfc2217.ts';
import { openSerial } from './serial.ts';
import { type HostPort, openSocket } from './socket.ts';
import { openVirtual } from './virtual.ts';

export type ParsedAddress =
  | { kind: 'serial'; path: string }
  | { kind: 'socket' | 'rfc2217'; peer: HostPort }
  | { kind: 'virtual' | 'command'; name: string };

/** Throws `port/bad-address` for a scheme nobody knows or a peer without a port. */
export function parseAddress(address: string): ParsedAddress {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(address);
  if (scheme === null) {
    if (address.trim() === '' || address.includes('\0')) throw new TalkError('port/bad-address', { address });
    return { kind: 'serial', path: address };
  }
  const kind = scheme[1]?.toLowerCase();
  const rest = scheme[2] ?? '';
  if (kind === 'virtual' && /^[\w-]+$/.test(rest)) return { kind, name: rest };
  if (kind === 'command' && /^[\w.-]+$/.test(rest)) return { kind, name: rest };
  if (kind === 'socket' || kind === 'rfc2217') {
    const peer = /^(?:\[([0-9a-f:.%]+)\]|([^\s:/?#[\]]+)):(\d{1,5})\/?$/i.exec(rest);
    const host = peer?.[1] ?? peer?.[2];
    const port = Number(peer?.[3]);
    if (host !== undefined && port > 0 && port < 65536) return { kind, peer: { host, port } };
  }
  throw new TalkError('port/bad-address', { address });
}

export function kindOf(address: string): PortInfo['kind'] {
  return parseAddress(address).kind;
}

/**
 * The one way to open a port, whatever its address. `virtualBoards` and the approved commands of `dataDirectory` are looked into at
 * each opening.
 */
export function createPortOpener(deps: {
  clock: Clock;
  virtualBoards: ReadonlyMap<string, BoardUart>;
  /** Without one there are no commands. */
  dataDirectory?: string;
}): OpenPort {
  return async (address, options) => {
    const parsed = parseAddress(address);
    const port = await openKind();
    const lines = linesOf(options);
    if (lines !== null) await port.setSignals(lines);
    if (options.resetOnOpen) await resetBoard(port, 'run', deps.clock);
    return port;

    function openKind() {
      switch (parsed.kind) {
        case 'serial':
          return openSerial(parsed.path, options, deps.clock);
        case 'socket':
          return openSocket(address, parsed.peer, deps.clock);
        case 'rfc2217':
          return openRfc2217(address, parsed.peer, options, deps.clock);
        case 'virtual':
          return openVirtual(address, deps.virtualBoards.get(parsed.name), options, deps.clock);
        case 'command':
          return openApproved(parsed.name);
      }
    }

    async function openApproved(name: string) {
      const commands = deps.dataDirectory === undefined ? [] : await readCommands(deps.dataDirectory);
      return openCommand(
        address,
        name,
        commands.find((command) => command.name === name),
        deps.clock,
      );
    }
  };
}

/** How the control lines shall stand after opening; null: as they are. Systems assert both, so that is what 'leave' leaves of one. */
export function linesOf({ dtr, rts }: Pick<PortOptions, 'dtr' | 'rts'>): { dtr: boolean; rts: boolean } | null {
  return dtr === 'leave' && rts === 'leave' ? null : { dtr: dtr !== 'off', rts: rts !== 'off' };
}
