import { type RecordedConversation, recordedConversation } from '../../../../../../main/core/replay/resimulate/recorded.ts';
import { type ChosenVad, resimulate } from '../../../../../../main/core/replay/resimulate/resimulate.ts';
import type { Resimulation } from '../../../../../../preload/contract/replay.ts';
import { FakeVad } from '../../../../../fakes/engines.ts';
import { createRig, type Rig, type RigOptions } from '../../../../pipeline/turn/rig.ts';

/** A conversation held by the real pipeline on fakes and the virtual clock, and what a session would have of it. */
export async function recordConversation(options: RigOptions, hold: (rig: Rig) => Promise<void>): Promise<RecordedConversation> {
  const rig = await createRig(options);
  await hold(rig);
  rig.conversation.close('bye');
  await rig.advanceMs(3000);
  return recordingOf(rig);
}

export function recordingOf({ events, packets }: Pick<Rig, 'events' | 'packets'>): RecordedConversation {
  const uplink = packets.filter(({ track }) => track === 'uplink');
  const recorded = recordedConversation({
    sessionId: 's1',
    events,
    packets: uplink.map(({ atUs, bytes }) => ({ atUs, pcm: bytes })),
    isDenoised: false,
    endUs: events.at(-1)?.atUs ?? 0,
  });
  if (recorded === null) throw new Error('a rig’s conversation has a beginning');
  return recorded;
}

const fakeVad = async (): Promise<ChosenVad> => ({ engine: new FakeVad(), isReplaced: false });

/** Under changed settings, `{turns: {vadSilenceMs: 800}}`. */
export async function simulated(
  recorded: RecordedConversation | readonly RecordedConversation[],
  changes: Record<string, Record<string, unknown>> = {},
  sweep: { key: string; values: readonly unknown[] } | null = null,
): Promise<Resimulation> {
  const conversations = Array.isArray(recorded) ? recorded : [recorded];
  return (await resimulate(conversations, { changes, sweep }, { vad: fakeVad, heard: {}, onProgress: () => {} })).result;
}
