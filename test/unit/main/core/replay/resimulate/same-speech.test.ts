import { expect, test } from 'vitest';
import { onClockOf } from '../../../../../../main/core/replay/resimulate/same-speech.ts';
import type { PipelineEvent } from '../../../../../../preload/contract/events.ts';
import type { MonoUs } from '../../../../../../preload/contract/time.ts';
import { recordConversation, simulated } from './recording.ts';

const ended = (mediaMs: number, atMs: number): PipelineEvent => ({
  kind: 'user.speech-ended',
  conversationId: 'c',
  mediaUs: mediaMs * 1000,
  atUs: (atMs * 1000) as MonoUs,
  declaredUs: 9_000_000 as MonoUs,
});

test('the same end of speech is the same instant, to the sample; another one stays where it is', () => {
  const reference = [ended(1000, 1120), ended(5000, 5050)];
  expect(onClockOf(reference, [ended(1010, 1015), ended(3000, 3020), ended(5000, 5001)])).toEqual([
    ended(1010, 1130),
    ended(3000, 3020),
    ended(5000, 5050),
  ]);
});

test('a network that is late makes no difference to a turn that is decided on later', async () => {
  const recorded = await recordConversation(
    { utterances: [{ text: '你好' }], replies: [{ tokens: ['你好呀。'], ttftMs: 200 }] },
    async (rig) => {
      await rig.hear('silence', 300);
      await rig.hear('speech', 500);
      await rig.hear('silence', 2500);
    },
  );
  // Held up by 100 ms until half a second after the speech has ended.
  const lateUntilUs = (recorded.packets[0]?.atUs ?? 0) + 1_360_000;
  const late = recorded.packets.map(({ atUs, pcm }) => ({
    pcm,
    atUs: atUs < lateUntilUs ? atUs + 100_000 : Math.max(atUs, lateUntilUs + 100_000),
  }));
  const { conversations } = await simulated({ ...recorded, packets: late }, { turns: { vadSilenceMs: 900 } });
  const [pair] = conversations[0]?.pairs ?? [];
  expect(pair?.change).toBe('moved');
  expect(pair?.before[0]?.speechEndMs).toBe(pair?.after[0]?.speechEndMs);
  expect(pair?.v2vByMs).toBe(pair?.committedByMs);
});
