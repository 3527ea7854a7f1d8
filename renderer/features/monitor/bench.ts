import { useCallback, useEffect, useMemo } from 'react';
import type { PortInfo, PortState } from '../../../preload/contract/ports.ts';
import { useReply } from '../../lib/actions.ts';
import { type PortLooks, shortAddress } from '../../lib/log-columns.ts';
import { useBoards, usePortStates } from '../../lib/streams.ts';
import { type BoardFace, boardColours, facesOf } from './board-looks.ts';
import { portRows } from './port-rows.ts';

export interface MonitorBench {
  /** Every port that was opened since the core started; null until it is known. Byte counts may be old. */
  states: readonly PortState[] | null;
  /** Those that are not closed: each has a tab. */
  open: readonly PortState[];
  listed: ReturnType<typeof usePortList>;
  infos: ReadonlyMap<string, PortInfo>;
  faces: ReadonlyMap<string, BoardFace>;
  portLooks: PortLooks;
  portNames(address: string): string;
}

function usePortList() {
  const listed = useReply('ports.list', {});
  // Virtual boards come and go with a stream; the list itself is only asked for.
  const boards = useBoards()
    ?.map((board) => board.address + board.state)
    .join();
  const { refetch } = listed;
  useEffect(() => {
    if (boards !== undefined) void refetch();
  }, [boards, refetch]);
  return listed;
}

/** The ports and boards there are, with the names and colours they go by. */
export function useBench(): MonitorBench {
  const states = usePortStates();
  const listed = usePortList();
  const infos = useMemo(() => {
    const rows = portRows(listed.data?.ports ?? [], states ?? []);
    return new Map(rows.map(({ info, state }) => [state?.address ?? info.address, info]));
  }, [listed.data, states]);
  const addresses = JSON.stringify((states ?? []).map((state) => state.address));
  const faces = useMemo(() => facesOf(JSON.parse(addresses) as string[], infos), [addresses, infos]);
  const portLooks = useCallback<PortLooks>(
    (address) => {
      const face = faces.get(address);
      return { name: face?.name ?? shortAddress(address), colour: boardColours[face?.colour ?? 'grey'] };
    },
    [faces],
  );
  const portNames = useCallback((address: string) => portLooks(address).name, [portLooks]);
  const open = useMemo(() => (states ?? []).filter((state) => state.state !== 'closed'), [states]);
  return { states, open, listed, infos, faces, portLooks, portNames };
}
