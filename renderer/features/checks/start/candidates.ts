import type { VirtualBoard } from '../../../../preload/contract/boards.ts';
import type { CheckRun } from '../../../../preload/contract/checks.ts';
import type { DeviceRecord } from '../../../../preload/contract/pipeline.ts';
import type { PortState } from '../../../../preload/contract/ports.ts';
import type { BenchBoard } from '../../flash/bench-boards.ts';

/** A board as it can be chosen to be checked: by its port, else as a device that is online. */
export interface Candidate {
  key: string;
  name: string;
  address: string | null;
  device: { productId: string; deviceName: string } | null;
  isVirtual: boolean;
  /** Its port is open, its software runs, or it is connected: nothing has to be found out first. */
  isReady: boolean;
  /** Who has the port. */
  lentTo: string | null;
  /** What is known of its kind without asking it; '' is nothing. */
  kind: string;
  /** Of the run that is checking it now. */
  runId: string | null;
}

interface Bench {
  boards: readonly BenchBoard[];
  states: readonly PortState[];
  virtual: readonly VirtualBoard[];
  devices: readonly DeviceRecord[];
  runs: readonly CheckRun[];
}

/** Boards that can be checked, the likeliest first. */
export function candidatesOf({ boards, states, virtual, devices, runs }: Bench): Candidate[] {
  const running = runs.filter(({ state }) => state === 'running');
  const ports = boards
    // Of an LTE module the log port, of its others none: one board is one choice.
    .filter(({ info }) => info.role !== 'ppp' && info.role !== 'epat')
    .map(({ address, name, info, lentTo }): Candidate => {
      const board = virtual.find((each) => each.address === address);
      const state = states.find((each) => (each.devicePath ?? each.address) === address)?.state;
      return {
        key: address,
        name,
        address,
        device: null,
        isVirtual: board !== undefined,
        isReady: board === undefined ? state === 'open' : board.state === 'running',
        lentTo,
        kind: board?.kind ?? kindIn(info.board),
        runId: running.find(({ port }) => port === address)?.id ?? null,
      };
    });
  const online = devices
    .filter(
      ({ productId, deviceName, isOnline }) =>
        isOnline && !virtual.some((board) => board.productId === productId && board.deviceName === deviceName),
    )
    .map(
      ({ productId, deviceName }): Candidate => ({
        key: `${productId}/${deviceName}`,
        name: deviceName,
        address: null,
        device: { productId, deviceName },
        isVirtual: false,
        isReady: true,
        lentTo: null,
        kind: '',
        runId: running.find((run) => run.productId === productId && run.deviceName === deviceName)?.id ?? null,
      }),
    );
  return [...ports, ...online].sort((one, other) => likelihood(other) - likelihood(one));
}

function likelihood({ isReady, isVirtual, address, lentTo, runId }: Candidate): number {
  if (runId !== null || lentTo !== null) return 0;
  if (isReady && !isVirtual && address !== null) return 5;
  if (isReady && isVirtual) return 4;
  if (!isVirtual && address !== null) return 3;
  return isReady ? 2 : 1;
}

/** Which one a click on "check it" is for: what stands first, unless nothing says that a board is on it. */
export function likeliest(candidates: readonly Candidate[]): Candidate | undefined {
  const [first] = candidates;
  if (first === undefined || likelihood(first) === 0) return undefined;
  return first.isReady || candidates.length === 1 || first.kind !== '' ? first : undefined;
}

/**
 * A station's boards: those chosen for it that are there. Where none is (a port may be called otherwise for each board), the one that is
 * plugged in alone in their place; with several it would be a guess which one the number on the label belongs to. Where none was ever
 * chosen, the likeliest.
 */
export function stationBoards(candidates: readonly Candidate[], keys: readonly string[]): Candidate[] {
  const chosen = keys.flatMap((key) => candidates.find((each) => each.key === key) ?? []);
  if (chosen.length > 0) return chosen;
  if (keys.length > 0) {
    const plugged = candidates.filter(({ address }) => address !== null);
    const real = plugged.filter(({ isVirtual }) => !isVirtual);
    const instead = real.length > 0 ? real : plugged;
    return instead.length === 1 ? instead : [];
  }
  // A board that is being checked is still this station's.
  const likely = likeliest(candidates) ?? candidates.find(({ runId }) => runId !== null);
  return likely === undefined ? [] : [likely];
}

/** The chip in what a port's USB ids say: 'ESP32 USB Serial/JTAG' has none that can be trusted. */
function kindIn(board: string | undefined): string {
  return board !== undefined && /EC7|EC6|LTE/i.test(board) ? 'cat1' : '';
}

/** The first list that is for that kind of board, or for any. */
export function listFor<List extends { boardKinds: readonly string[] }>(lists: readonly List[], kind: string): List | undefined {
  return lists.find(({ boardKinds }) => boardKinds.length === 0 || boardKinds.includes(kind)) ?? lists[0];
}
