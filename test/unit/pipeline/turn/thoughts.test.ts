import { expect, test } from 'vitest';
import { breakdownOf } from '../../../../main/core/analysis/breakdown.ts';
import { createRig, type Rig, type RigOptions } from './rig.ts';

async function asked(options: RigOptions): Promise<Rig> {
  const rig = await createRig(options);
  for (const text of ['一', '二']) {
    rig.conversation.text(text, { initiator: 'user-text', isSpoken: true });
    await rig.clock.runUntilIdle();
  }
  rig.peer.assertSound();
  return rig;
}

const isSaid = (rig: Rig, word: string) =>
  JSON.stringify([rig.tts.requests, rig.llm.requests.at(-1)?.messages, rig.peer.messages, rig.of('llm.text')]).includes(word);

const forms: [string, RigOptions][] = [
  ['told apart by the service', { replies: [{ reasoning: ['秘密', '的想法'], tokens: ['晴天。'] }, {}] }],
  ['in tags in the content', { replies: [{ tokens: ['<thi', 'nk>秘密的', '想法</th', 'ink>', '晴天。'] }, {}] }],
  ['in the middle of the answer', { replies: [{ tokens: ['晴', '<think>秘密的想法</think>', '天。'] }, {}] }],
];

test.each(forms)('thoughts %s are not spoken, not shown and not in the history', async (_form, options) => {
  const rig = await asked(options);
  expect(isSaid(rig, '秘密')).toBe(false);
  expect(
    rig
      .of('llm.reasoning')
      .map(({ text }) => text)
      .join(''),
  ).toBe('秘密的想法');
  expect(rig.of('turn.ended')[0]).toMatchObject({ replyText: '晴天。', heardText: '晴天。' });
  expect(rig.llm.requests[1]?.messages[1]).toEqual({ role: 'assistant', content: '晴天。' });
});

test('a model that only thinks has said nothing', async () => {
  const rig = await asked({ replies: [{ tokens: ['<think>', '想来想去'] }, {}] });
  expect(rig.of('turn.ended')[0]).toMatchObject({ outcome: 'no-reply', replyText: '' });
});

test('thinking is timed apart: the first token is the thought’s, the first answer comes after it', async () => {
  const rig = await createRig({
    replies: [{ reasoning: Array.from({ length: 50 }, () => '想'), tokens: ['好的。'], ttftMs: 100, tokensPerSecond: 100 }],
  });
  rig.conversation.text('一', { initiator: 'user-text', isSpoken: true });
  await rig.clock.runUntilIdle();
  const at = (kind: 'llm.request' | 'llm.first-token' | 'llm.first-answer') => rig.of(kind)[0]?.atUs ?? Number.NaN;
  expect(at('llm.first-token') - at('llm.request')).toBe(100_000);
  expect(at('llm.first-answer') - at('llm.request')).toBe(600_000);
  const breakdown = breakdownOf({ initiator: 'user-text', events: rig.events });
  expect(breakdown.product.llm_first_token).toBe(100);
  expect(breakdown.parts.find(({ key }) => key === 'llm_ttft')?.durationUs).toBe(600_000);
});

test('an emotion tag goes to the board, once while it stays the same, and is neither spoken nor kept', async () => {
  const rig = await asked({
    replies: [{ tokens: ['[hap', 'py] ', '今天', '很好。', '<emotion:happy>', '真的。', '<emotion:sad>', '唉。'] }, {}],
  });
  expect(rig.peer.messages.flatMap((message) => (message.kind === 'emotion' ? [message.emotion] : []))).toEqual(['happy', 'sad']);
  expect(rig.of('turn.ended')[0]?.replyText).toBe('今天很好。真的。唉。');
  expect(isSaid(rig, 'emotion:')).toBe(false);
});

test('an emoji is shown as an emotion and never spoken', async () => {
  const rig = await asked({ replies: [{ tokens: ['😔', '今天下雨了。'] }, {}] });
  expect(rig.peer.messages).toContainEqual(expect.objectContaining({ kind: 'emotion', emotion: 'sad' }));
  expect(rig.tts.requests.map(({ text }) => text)).toEqual(['今天下雨了。']);
});
