import { useEffect, useMemo } from 'react';
import type { PortInfo } from '../../../preload/contract/ports.ts';
import { useReply } from '../../lib/actions.ts';
import { shortAddress } from '../../lib/log-columns.ts';
import { kindOf } from '../../lib/port-kind.ts';
import { useBoards, usePortStates } from '../../lib/streams.ts';

/** A board as it can be chosen to be flashed. */
export interface BenchBoard {
  address: string;
  /** What the user calls it, else its product, else the address. */
  name: string;
  info: PortInfo;
  /** Who has the port at this moment; null when it is free or only watched by the monitor. */
  lentTo: string | null;
}

export interface BenchBoards {
  boards: readonly BenchBoard[];
  listed: ReturnType<typeof useListedPorts>;
  /** Of an address that may be in no list any more. */
  nameOf(address: string): string;
}

function useListedPorts() {
  const listed = useReply('ports.list', {});
  const virtual = useBoards()
    ?.map((board) => board.address + board.state)
    .join();
  const { refetch } = listed;
  useEffect(() => {
    if (virtual !== undefined) void refetch();
  }, [virtual, refetch]);
  return listed;
}

/** Every port a board may be on: those listed, and those that were opened by an address of their own. */
export function useBenchBoards(): BenchBoards {
  const listed = useListedPorts();
  const states = usePortStates();
  const boards = useMemo(() => {
    const infos = new Map((listed.data?.ports ?? []).map((info) => [info.address, info]));
    for (const { address, state } of states ?? [])
      if (state !== 'closed' && !infos.has(address)) infos.set(address, { address, label: address, kind: kindOf(address) });
    return [...infos.values()]
      .filter(({ kind }) => kind !== 'command')
      .map((info): BenchBoard => {
        const state = states?.find(({ address, devicePath }) => (devicePath ?? address) === info.address);
        return { address: info.address, name: info.name ?? info.label, info, lentTo: state?.yieldedTo ?? null };
      });
  }, [listed.data, states]);
  return {
    boards,
    listed,
    nameOf: (address) => boards.find((board) => board.address === address)?.name ?? shortAddress(address),
  };
}
