import type { VirtualBoard } from '../../preload/contract/boards.ts';
import type { CoreStatus } from '../../preload/contract/core.ts';
import type { ModelState } from '../../preload/contract/engines.ts';
import type { FlashJob } from '../../preload/contract/flash.ts';
import type { StreamDelta, StreamName, StreamSnapshot } from '../../preload/contract/index.ts';
import type { ConversationState, DeviceChange, DeviceRecord } from '../../preload/contract/pipeline.ts';
import type { PortState } from '../../preload/contract/ports.ts';
import type { SessionSummary } from '../../preload/contract/sessions.ts';
import { type Fold, useSharedPart, useSharedStream } from './shared-stream.ts';

/** Replaces the entry with the same key, or appends it. */
function upsert<Item>(keyOf: (item: Item) => string) {
  return (list: readonly Item[], items: readonly Item[]): Item[] => {
    const byKey = new Map(list.map((item) => [keyOf(item), item]));
    for (const item of items) byKey.set(keyOf(item), item);
    return [...byKey.values()];
  };
}

function latest<Name extends StreamName>(): Fold<Name, StreamSnapshot<Name>> {
  return {
    start: (snapshot) => snapshot,
    apply: (state, items) => (items.at(-1) ?? state) as StreamSnapshot<Name>,
  };
}

function listOf<Name extends StreamName, Item>(keyOf: (item: Item) => string): Fold<Name, Item[]> {
  const merge = upsert(keyOf);
  return {
    start: (snapshot) => snapshot as Item[],
    apply: (state, items) => merge(state, items as Item[]),
  };
}

const statusFold = latest<'core.status'>();
const settingsFold = latest<'settings.state'>();
const agentsFold = latest<'agents.state'>();
const profilesFold = latest<'engines.profiles'>();
const modelsFold = listOf<'models.state', ModelState>((model) => model.entry.id);
const demoFold = latest<'demo.progress'>();
const mergePorts = upsert<PortState>((port) => port.address);
/** While data flows nothing but the counters of bytes changes, and `steady` stays the same. */
const portsFold: Fold<'ports.state', { all: PortState[]; steady: PortState[] }> = {
  start: (snapshot) => ({ all: snapshot, steady: snapshot }),
  apply({ all, steady }, items) {
    const merged = mergePorts(all, items);
    return { all: merged, steady: merged.map(withoutCounters).join() === steady.map(withoutCounters).join() ? steady : merged };
  },
};

function withoutCounters(port: PortState): string {
  return JSON.stringify({ ...port, receivedBytes: 0, sentBytes: 0 });
}
/** A board that was stopped says so once, and is gone. */
const mergeBoards = upsert<VirtualBoard>((board) => board.name);
const boardsFold: Fold<'boards.state', VirtualBoard[]> = {
  start: (snapshot) => snapshot,
  apply: (state, items) => mergeBoards(state, items).filter((board) => board.state !== 'off'),
};
const jobsFold = listOf<'flash.jobs', FlashJob>((job) => job.jobId);
const conversationsFold = listOf<'pipeline.conversations', ConversationState>((conversation) => conversation.conversationId);
const mergeDevices = upsert<DeviceChange>((device) => `${device.productId}/${device.deviceName}`);
const devicesFold: Fold<'devices.state', DeviceRecord[]> = {
  start: (snapshot) => snapshot,
  apply: (state, items) => mergeDevices(state, items).filter((device) => device.isRemoved !== true),
};

const mergeSessions = upsert<SessionSummary>((session) => session.id);
const sessionsFold: Fold<'sessions.list', SessionSummary[]> = {
  start: (snapshot) => snapshot,
  apply: (state, items: StreamDelta<'sessions.list'>[]) => {
    const removed = new Set(items.flatMap((item) => item.removedId ?? []));
    const changed = items.flatMap((item) => item.summary ?? []);
    return mergeSessions(state, changed)
      .filter((session) => !removed.has(session.id))
      .sort((a, b) => b.startedWallMs - a.startedWallMs);
  },
};

export function useCoreStatus(): CoreStatus | null {
  return useSharedStream('core.status', {}, statusFold);
}
export function useSettings() {
  return useSharedStream('settings.state', {}, settingsFold);
}
export function useAgents() {
  return useSharedStream('agents.state', {}, agentsFold);
}
export function useEngineProfiles() {
  return useSharedStream('engines.profiles', {}, profilesFold);
}
export function useModels(): ModelState[] | null {
  return useSharedStream('models.state', {}, modelsFold);
}
export function useDemoProgress() {
  return useSharedStream('demo.progress', {}, demoFold);
}
/** Every port opened since the core started, in the order of opening. Their byte counts are those of the last other change. */
export function usePortStates(): PortState[] | null {
  return useSharedPart('ports.state', {}, portsFold, (ports) => ports?.steady ?? null);
}
export function useReceivedBytes(address: string): number {
  return useSharedPart('ports.state', {}, portsFold, (ports) => ports?.all.find((port) => port.address === address)?.receivedBytes ?? 0);
}
export function useBoards(): VirtualBoard[] | null {
  return useSharedStream('boards.state', {}, boardsFold);
}
export function useFlashJobs(): FlashJob[] | null {
  return useSharedStream('flash.jobs', {}, jobsFold);
}
export function useConversations(): ConversationState[] | null {
  return useSharedStream('pipeline.conversations', {}, conversationsFold);
}
export function useDevices(): DeviceRecord[] | null {
  return useSharedStream('devices.state', {}, devicesFold);
}
/** Null until it is known. */
export function useHasSessions(): boolean | null {
  return useSharedPart('sessions.list', {}, sessionsFold, (sessions) => sessions && sessions.length > 0);
}
/** Newest first. */
export function useSessionList(): SessionSummary[] | null {
  return useSharedStream('sessions.list', {}, sessionsFold);
}
