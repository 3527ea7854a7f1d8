import { expect, test } from 'vitest';
import type { RecordedConversation } from '../../../../../../main/core/replay/rerun/recording.ts';
import { RecordedUplink } from '../../../../../../main/core/replay/rerun/uplink.ts';
import type { RerunPace } from '../../../../../../preload/contract/replay.ts';
import { VirtualClock } from '../../../../../fakes/virtual-clock.ts';
import { FRAME_US, packet, recordedConversation } from './recorded.ts';

function speak(recorded: RecordedConversation, pace: RerunPace, mayGoOn: (index: number) => boolean = () => true) {
  const clock = new VirtualClock();
  const sent: { atUs: number; number: number | null }[] = [];
  const told: string[] = [];
  const uplink = new RecordedUplink(recorded, {
    clock,
    pace,
    format: { codec: 'pcm', frameMs: 20 },
    send: (bytes, isRecorded) => sent.push({ atUs: clock.nowUs(), number: isRecorded ? (bytes[0] ?? -1) : null }),
    cue: ({ name }) => told.push(`${name} at ${clock.nowUs() / FRAME_US}`),
    onSpeech: (kind, index) => told.push(`${kind} ${index} at ${clock.nowUs() / FRAME_US}`),
    mayGoOn,
    onProgress: () => {},
  });
  uplink.start();
  return { clock, uplink, sent, told, numbers: () => sent.flatMap(({ number }) => number ?? []) };
}

const twoUtterances = recordedConversation({
  speech: [
    { startUs: 10 * FRAME_US, endUs: 20 * FRAME_US, turnId: 1, isAnswered: true },
    { startUs: 70 * FRAME_US, endUs: 80 * FRAME_US, turnId: 2, isAnswered: true },
  ],
  cues: [{ atUs: 70 * FRAME_US, name: 'button', text: '' }],
  lastUs: 80 * FRAME_US,
});

test('at the recorded moments every packet goes out in its own frame', async () => {
  const { clock, uplink, sent } = speak(recordedConversation(), 'recorded');
  await clock.advance(100 * FRAME_US);
  await uplink.ended;
  expect(sent.slice(0, 100)).toEqual(Array.from({ length: 100 }, (_, number) => ({ atUs: number * FRAME_US, number })));
  uplink.stop();
  expect(clock.pendingTimers).toBe(0);
});

test('by turns an utterance and its button wait for the reply before them, in silence', async () => {
  let isOver = false;
  const { clock, uplink, sent, told, numbers } = speak(twoUtterances, 'turns', (index) => index !== 1 || isOver);
  await clock.advance(200 * FRAME_US);
  // Up to half a second before the second utterance, and not a packet of it.
  expect(numbers().at(-1)).toBe(44);
  expect(sent.at(-1)?.number).toBeNull();
  isOver = true;
  await clock.advance(60 * FRAME_US);
  await uplink.ended;
  expect(told.map((line) => line.split(' at ')[0])).toEqual(['started 0', 'ended 0', 'button', 'started 1', 'ended 1']);
  expect(numbers()).toEqual(Array.from({ length: 100 }, (_, number) => number).slice(0, numbers().length));
  uplink.stop();
});

test('by turns, silence before the first utterance is not waited through', () => {
  const { clock, uplink } = speak({ ...twoUtterances, speech: twoUtterances.speech.slice(1) }, 'turns');
  return clock.advance(FRAME_US).then(() => {
    expect(uplink.sentPackets).toBeLessThanOrEqual(2);
    uplink.stop();
    expect(clock.pendingTimers).toBe(0);
  });
});

test('silence after the last thing that happened is left out, and goes on only for as long as the answer takes', async () => {
  let isOver = false;
  const { clock, uplink, numbers } = speak(
    recordedConversation({
      packets: Array.from({ length: 5000 }, (_, number) => packet(number % 250, number * FRAME_US)),
      speech: [{ startUs: 0, endUs: 20 * FRAME_US, turnId: 1, isAnswered: true }],
      lastUs: 50 * FRAME_US,
    }),
    'recorded',
    () => isOver,
  );
  await clock.advance(500 * FRAME_US);
  expect(numbers()).toHaveLength(76);
  isOver = true;
  await clock.advance(FRAME_US);
  await uplink.ended;
  uplink.stop();
});
