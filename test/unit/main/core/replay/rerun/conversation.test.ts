import { expect, test } from 'vitest';
import { turnsOf } from '../../../../../../main/core/analysis/turns.ts';
import type { RerunClaims } from '../../../../../../main/core/replay/rerun/claims.ts';
import { type ConversationRun, talkAgain } from '../../../../../../main/core/replay/rerun/conversation.ts';
import type { DeviceEvents, RerunDevice } from '../../../../../../main/core/replay/rerun/devices/device.ts';
import type { AudioPacket, PipelineEvent } from '../../../../../../preload/contract/events.ts';
import type { ConversationSettings } from '../../../../../../preload/contract/settings.ts';
import { TalkError } from '../../../../../../preload/contract/talk-error.ts';
import { VirtualClock } from '../../../../../fakes/virtual-clock.ts';
import { FRAME_US, packet, recordedConversation } from './recorded.ts';

/** A far end that answers each utterance half a second after its end. */
function farEnd(more: Partial<RerunDevice> = {}) {
  const clock = new VirtualClock();
  const events: PipelineEvent[] = [];
  const packets: AudioPacket[] = [];
  const abort = new AbortController();
  const sent: Uint8Array[] = [];
  let heard: DeviceEvents | null = null;
  let isStopped = false;
  const run: ConversationRun = {
    clock,
    recorded: recordedConversation({
      speech: [{ startUs: 0, endUs: 40 * FRAME_US, turnId: 1, isAnswered: true }],
      lastUs: 40 * FRAME_US,
    }),
    access: {
      device: { productId: 'P', deviceName: 'mine' },
      release: async () => {},
      create(deps) {
        heard = deps;
        return {
          format: { codec: 'pcm', frameMs: 20 },
          start: async () => {},
          send: (packet, isRecorded) => isRecorded && sent.push(packet),
          cue: () => {},
          stop: async () => {
            isStopped = true;
          },
          ...more,
        };
      },
    },
    recorder: { event: (event) => void events.push(event), packet: (packet) => void packets.push(packet) },
    ...{ language: 'en', pace: 'recorded', here: null, address: 'mqtt://far', signal: abort.signal },
    ...{ onState: () => {}, onConversation: () => {}, onProgress: () => {} },
  };
  return { clock, run, events, packets, sent, abort, heard: () => heard, isStopped: () => isStopped };
}

test('a far end that tells nothing of its turns is measured from the recorded speech to its speaker', async () => {
  const { clock, run, events, packets, heard, sent } = farEnd();
  const done = talkAgain(run);
  await clock.advance(41 * FRAME_US);
  heard()?.onText('user', 'what time is it');
  await clock.advance(500_000);
  heard()?.onAudio(new Uint8Array(640), clock.nowUs());
  heard()?.onSounding(true, clock.nowUs());
  heard()?.onText('agent', 'It is late.');
  await clock.advance(300_000);
  heard()?.onSounding(false, clock.nowUs());
  await clock.advance(3_000_000);
  const facts = await done;
  expect(turnsOf(events).at(-1)?.breakdown).toMatchObject({ totalUs: 500_000 + FRAME_US, audibleSource: 'device' });
  const at = (kind: PipelineEvent['kind']) => events.find((event) => event.kind === kind)?.atUs ?? Number.NaN;
  expect(at('downlink.audible') - at('user.speech-ended')).toBe(500_000 + FRAME_US);
  expect(events.find((event) => event.kind === 'turn.ended')).toMatchObject({
    ...{ outcome: 'completed', userText: 'what time is it', replyText: 'It is late.', atUs: 41 * FRAME_US + 800_000 },
  });
  expect(events.map(({ kind }) => kind).filter((kind) => kind.startsWith('conversation'))).toEqual([
    'conversation.opened',
    'conversation.closed',
  ]);
  expect(sent).toEqual(run.recorded.packets.slice(0, sent.length).map(({ bytes }) => bytes));
  expect(facts.sentPackets).toBe(sent.length);
  expect(packets.filter(({ track }) => track === 'uplink')).toHaveLength(facts.sentPackets + facts.filledFrames);
  expect(clock.pendingTimers).toBe(0);
});

test('a run that is cancelled hangs up, says so, and leaves no timer', async () => {
  const { clock, run, abort, events, isStopped } = farEnd();
  const done = talkAgain(run);
  done.catch(() => {});
  await clock.advance(10 * FRAME_US);
  abort.abort();
  await expect(done).rejects.toMatchObject({ code: 'cancelled' });
  expect(isStopped()).toBe(true);
  expect(events.at(-1)).toMatchObject({ kind: 'conversation.closed', reason: 'cancelled' });
  expect(clock.pendingTimers).toBe(0);
});

test('a far end that does not let it in is the run’s failure', async () => {
  const { run } = farEnd({ start: () => Promise.reject(new TalkError('talk/refused', { stage: 'mqtt', reason: 'connack 5' })) });
  await expect(talkAgain(run)).rejects.toMatchObject({ code: 'talk/refused' });
});

test('a far end that hangs up ends the run with what was said so far', async () => {
  const { clock, run, heard } = farEnd();
  const done = talkAgain(run);
  await clock.advance(10 * FRAME_US);
  heard()?.onClosed('closed 1000');
  await clock.settle();
  const { sentPackets, packets } = await done;
  expect(sentPackets).toBeGreaterThan(0);
  expect(sentPackets).toBeLessThan(packets);
});

test('a recording that cannot be said leaves neither a device nor a claim on one', async () => {
  const { run, isStopped } = farEnd();
  let isClaimed = false;
  const claims = {
    claim() {
      isClaimed = true;
      return () => {
        isClaimed = false;
      };
    },
  } as unknown as RerunClaims;
  const here = { claims, ofDevice: undefined, settings: (of: ConversationSettings) => of, hasOwnEngines: false };
  const recorded = recordedConversation({ packets: [packet(1, Number.MAX_SAFE_INTEGER)] });
  await expect(talkAgain({ ...run, recorded, here, address: null })).rejects.toMatchObject({ code: 'replay/bad-uplink' });
  expect(isStopped()).toBe(true);
  expect(isClaimed).toBe(false);
});
