import { describe, expect, test } from 'vitest';
import type { CompletenessModel } from '../../../../../pipeline/engines/completeness/engine.ts';
import { createRig, type Rig, type RigOptions } from '../rig.ts';

const semantic = { endpointing: 'semantic', endpointMinMs: 300, endpointMaxMs: 2000, vadSilenceMs: 600 };

/** From the last sound (U1) to the commitment (U4), ms, of each turn that was committed. */
function waits(rig: Rig): number[] {
  return rig.of('turn.committed').map(({ atUs, turnId }) => {
    const ends = rig.of('user.speech-ended').filter((ended) => ended.turnId === turnId && ended.atUs <= atUs);
    return Math.round((atUs - (ends.at(-1)?.atUs ?? Number.NaN)) / 1000);
  });
}

async function heard(options: RigOptions, speechMs = 1000, silenceMs = 3500): Promise<Rig> {
  const rig = await createRig(options);
  await rig.hear('speech', speechMs);
  await rig.hear('silence', silenceMs);
  return rig;
}

describe('fixed endpointing', () => {
  test('waits the silence of the settings, whatever was said', async () => {
    const rig = await heard({ turns: { vadSilenceMs: 700 }, utterances: [{ text: '好的' }] });
    expect(waits(rig)[0]).toBeGreaterThanOrEqual(700);
    expect(waits(rig)[0]).toBeLessThanOrEqual(790);
    expect(rig.of('turn.committed')).toMatchObject([{ reason: 'vad-silence', text: '好的' }]);
  });
});

describe('semantic endpointing', () => {
  test('short affirmations do not wait 2.5 s (livekit #6415)', async () => {
    const rig = await heard({ turns: semantic, utterances: [{ text: '好的', partials: [{ atMs: 300, text: '好的' }] }] }, 400);
    expect(waits(rig)[0]).toBeLessThanOrEqual(400);
    expect(rig.of('turn.committed')[0]?.reason).toBe('semantic-short-answer');
  });

  test('the same with a recogniser that has no partial transcripts', async () => {
    const rig = await heard({ turns: semantic, utterances: [{ text: '好的' }] }, 400);
    expect(waits(rig)[0]).toBeLessThanOrEqual(400);
  });

  test('slow speakers are not cut off (livekit #3701, #3373): after "我想要一个" a pause of a second is theirs', async () => {
    const utterance = {
      text: '我想要一个红色的杯子吧',
      partials: [
        { atMs: 800, text: '我想要一个' },
        { atMs: 2500, text: '我想要一个红色的杯子吧' },
      ],
    };
    const rig = await createRig({ turns: semantic, utterances: [utterance] });
    await rig.hear('speech', 1000);
    await rig.hear('silence', 1200);
    expect(rig.of('turn.committed')).toEqual([]);
    await rig.hear('speech', 1000);
    await rig.hear('silence', 1000);
    expect(rig.of('turn.committed')).toMatchObject([{ text: '我想要一个红色的杯子吧', turnId: 1 }]);
    expect(rig.stt.requests).toHaveLength(1);
  });

  test('without partials too: two stretches are one turn', async () => {
    const rig = await createRig({ turns: semantic, utterances: [{ text: '帮我把客厅的' }, { text: '灯打开' }] });
    await rig.hear('speech', 1000);
    await rig.hear('silence', 1200);
    expect(rig.of('turn.committed')).toEqual([]);
    await rig.hear('speech', 800);
    await rig.hear('silence', 800);
    expect(rig.of('turn.committed')).toMatchObject([{ text: '帮我把客厅的灯打开', turnId: 1 }]);
    expect(rig.of('turn.started')).toHaveLength(1);
    rig.peer.assertSound();
  });

  test('who does not go on is answered after the longest wait, counted from their last sound', async () => {
    const rig = await heard({ turns: semantic, utterances: [{ text: '我想要一个' }] });
    expect(waits(rig)[0]).toBeGreaterThanOrEqual(1990);
    expect(waits(rig)[0]).toBeLessThanOrEqual(2040);
  });

  test('a late transcript adds no wait: the delay is max, not sum (livekit #4325, agents-js #1741)', async () => {
    const late = await heard({ turns: semantic, utterances: [{ text: '我想要一个', finalMs: 1000 }] });
    expect(waits(late)[0]).toBeLessThanOrEqual(2040);
    const later = await heard({ turns: semantic, utterances: [{ text: '今天天气怎么样', finalMs: 1500 }] });
    // Long over when it comes: committed in the same instant.
    expect(later.of('turn.committed')[0]?.atUs).toBe(later.of('stt.final')[0]?.atUs);
  });

  test('nothing is committed while they may be going on', async () => {
    const rig = await createRig({ turns: { ...semantic, minimumSpeechMs: 400 }, utterances: [{ text: '我想要' }, { text: '一杯水' }] });
    await rig.hear('speech', 1000);
    await rig.hear('silence', 1900);
    await rig.hear('speech', 200); // an onset, not confirmed when the longest wait is over
    expect(rig.of('turn.committed')).toEqual([]);
    await rig.hear('speech', 600);
    await rig.hear('silence', 1000);
    expect(rig.of('turn.committed')).toMatchObject([{ text: '我想要一杯水' }]);
  });

  test('a click at that moment only delays it by itself', async () => {
    const rig = await createRig({ turns: { ...semantic, minimumSpeechMs: 400 }, utterances: [{ text: '我想要' }] });
    await rig.hear('speech', 1000);
    await rig.hear('silence', 1900);
    await rig.hear('speech', 100);
    await rig.hear('silence', 500);
    expect(rig.of('turn.committed')).toMatchObject([{ text: '我想要' }]);
  });

  test('what is waited for is told when it changes, with its reason and the completeness', async () => {
    const partials = [
      { atMs: 300, text: '我想' },
      { atMs: 900, text: '我想听歌吧' },
    ];
    const rig = await heard({ turns: semantic, utterances: [{ text: '我想听歌吧', partials }] });
    const asked = rig.of('endpoint.asked');
    expect(asked.at(-1)).toMatchObject({ turnId: 1, silenceMs: 300, reason: 'semantic-final-particle', completeness: 0.9 });
    const keys = asked.map((event) => `${event.silenceMs} ${event.reason}`);
    expect(keys.every((key, index) => key !== keys[index - 1])).toBe(true);
  });

  test('text that takes the turn leaves no endpoint behind', async () => {
    const rig = await createRig({ turns: semantic, utterances: [{ text: '我想要一个' }], replies: [{ tokens: ['好。'] }] });
    await rig.hear('speech', 1000);
    await rig.hear('silence', 800);
    rig.conversation.text('换一个', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(6000);
    expect(rig.of('turn.committed').map(({ text }) => text)).toEqual(['换一个']);
    rig.peer.assertSound();
  });

  test('a conversation that is closed while it waits has no timer left', async () => {
    const rig = await createRig({ turns: semantic, utterances: [{ text: '我想要一个' }] });
    await rig.hear('speech', 1000);
    await rig.hear('silence', 800);
    rig.conversation.close('test');
    await rig.conversation.closed;
    expect(rig.clock.pendingTimers).toBe(0);
  });

  test('a recogniser that fails in the second stretch does not lose the first', async () => {
    const rig = await createRig({ turns: semantic, utterances: [{ text: '我想要' }, { text: '', error: new Error('lost') }] });
    await rig.hear('speech', 1000);
    await rig.hear('silence', 1000);
    await rig.hear('speech', 800);
    await rig.hear('silence', 3000);
    expect(rig.of('turn.committed')).toMatchObject([{ text: '我想要' }]);
  });
});

describe('a completeness model that listens', () => {
  test('gets the last eight seconds at the pause, and its answer counts when it comes', async () => {
    const asked: number[] = [];
    const model: CompletenessModel = {
      id: 'ear',
      audioMs: 8000,
      judge({ audio }) {
        asked.push((audio?.length ?? 0) / 16);
        return Promise.resolve({ probability: 0.95, reason: 'heard' });
      },
    };
    const live = await createRig({ turns: semantic, utterances: [{ text: '我想要一个' }], engines: { completeness: model } });
    await live.hear('speech', 10_000);
    await live.hear('silence', 1000);
    expect(live.of('turn.committed')).toMatchObject([{ reason: 'semantic-heard' }]);
    expect(Math.max(...asked)).toBe(8000);
    expect(waits(live)[0]).toBeLessThanOrEqual(400);
  });

  test('is asked in the pause, not while they speak, and once', async () => {
    const askedAt: number[] = [];
    const model: CompletenessModel = {
      id: 'ear',
      audioMs: 8000,
      judge({ audio }) {
        askedAt.push((audio?.length ?? 0) / 16);
        return Promise.resolve({ probability: 0.1, reason: 'heard' });
      },
    };
    const partials = [
      { atMs: 300, text: '今天' },
      { atMs: 600, text: '今天天气怎么样' },
    ];
    const utterances = [{ text: '今天天气怎么样', partials }];
    const rig = await createRig({ turns: { ...semantic, isPreemptive: true }, utterances, engines: { completeness: model } });
    await rig.hear('speech', 1000);
    expect(askedAt).toEqual([]);
    await rig.hear('silence', 1500);
    expect(askedAt).toHaveLength(1);
    expect(askedAt[0]).toBeGreaterThanOrEqual(1140);
    expect(askedAt[0]).toBeLessThanOrEqual(1200);
    // However complete the words are: it has the last word.
    expect(rig.of('turn.committed')).toEqual([]);
  });

  test('one that is late or hangs keeps nobody waiting: the rules judge the words meanwhile', async () => {
    const model: CompletenessModel = { id: 'ear', audioMs: 8000, judge: () => new Promise(() => undefined) };
    const rig = await heard({ turns: semantic, utterances: [{ text: '好的' }], engines: { completeness: model } });
    expect(waits(rig)[0]).toBeLessThanOrEqual(400);
    expect(rig.of('turn.committed')).toMatchObject([{ reason: 'semantic-short-answer' }]);
  });

  test('one that fails is told once, and the rules judge in its place', async () => {
    const model: CompletenessModel = { id: 'ear', audioMs: 8000, judge: () => Promise.reject(new Error('no model')) };
    const utterances = [{ text: '好的' }, { text: '可以' }];
    const rig = await createRig({
      turns: semantic,
      utterances,
      replies: [{ tokens: [] }, { tokens: [] }],
      engines: { completeness: model },
    });
    for (let turn = 0; turn < 2; turn += 1) {
      await rig.hear('speech', 500);
      await rig.hear('silence', 1500);
    }
    expect(rig.of('turn.committed')).toMatchObject([{ reason: 'semantic-short-answer' }, { reason: 'semantic-short-answer' }]);
    expect(rig.of('engine.error')).toHaveLength(1);
  });
});

describe('dynamic endpointing', () => {
  const dynamic = { endpointing: 'dynamic', endpointMinMs: 300, endpointMaxMs: 2000, vadSilenceMs: 900 };

  test('begins with the silence of the settings and learns how long this user pauses', async () => {
    const rig = await createRig({
      turns: dynamic,
      utterances: [{ text: '一' }, { text: '二' }],
      replies: [{ tokens: [] }, { tokens: [] }],
    });
    for (let turn = 0; turn < 2; turn++) {
      for (let pause = 0; pause < 6; pause++) {
        await rig.hear('speech', 300);
        await rig.hear('silence', 300);
      }
      await rig.hear('speech', 300);
      await rig.hear('silence', 1600);
    }
    const [first, second] = rig.of('endpoint.asked').map(({ silenceMs }) => silenceMs);
    expect(first).toBe(900);
    expect(second).toBeLessThan(600);
    expect(rig.of('turn.committed')).toHaveLength(2);
    expect(waits(rig)[1]).toBeLessThan(700);
  });

  test('who was cut off is given the pause they took, at once', async () => {
    const rig = await createRig({
      turns: { ...dynamic, vadSilenceMs: 400 },
      utterances: [{ text: '我想订' }, { text: '一张明天的票' }, { text: '好' }],
      replies: [{ tokens: ['什么？'], ttftMs: 3000 }, { tokens: [] }, { tokens: [] }],
    });
    await rig.hear('speech', 800);
    await rig.hear('silence', 800); // committed after 400, too soon
    expect(rig.of('turn.committed')).toHaveLength(1);
    await rig.hear('speech', 1000);
    await rig.hear('silence', 2500);
    await rig.hear('speech', 600);
    await rig.hear('silence', 2500);
    expect(waits(rig)[2]).toBeGreaterThanOrEqual(1100);
    expect(waits(rig)[2]).toBeLessThanOrEqual(1400);
  });
});

describe('an early final', () => {
  test('a partial that stays as it is may be the whole turn: told before the endpoint, with its completeness', async () => {
    const rig = await createRig({
      turns: { ...semantic, isPreemptive: true },
      utterances: [{ text: '今天天气怎么样', partials: [{ atMs: 700, text: '今天天气怎么样' }] }],
      replies: [{ tokens: ['晴。'], ttftMs: 50 }],
    });
    await rig.hear('speech', 1000);
    await rig.hear('silence', 1000);
    const [committed] = rig.of('turn.committed');
    expect(rig.llm.requests.length).toBeGreaterThan(0);
    expect(rig.of('llm.request')[0]?.atUs).toBeLessThan(committed?.atUs ?? 0);
  });
});

describe('speech without an end', () => {
  test('is answered at the longest utterance, and told why', async () => {
    const rig = await createRig({ turns: { longestUtteranceMs: 5000 }, utterances: [{ text: '很长的话' }] });
    await rig.hear('speech', 5400);
    expect(rig.of('turn.committed')).toMatchObject([{ reason: 'too-long', text: '很长的话' }]);
    expect(rig.of('endpoint.asked').at(-1)).toMatchObject({ silenceMs: 0, reason: 'too-long' });
  });
});

test('an instant of speech that is long past, or ahead, commits within the wait (livekit #6093: 200 s)', async () => {
  const rig = await createRig({ turns: semantic, utterances: [{ text: '我想要一个' }] });
  // The board's clock jumps: packets of a minute arrive at once.
  for (let packet = 0; packet < 100; packet++) await rig.hear('speech', 20);
  await rig.advanceMs(5000);
  expect(rig.of('turn.committed')).toHaveLength(1);
  const [ended] = rig.of('user.speech-ended');
  expect(Math.abs((ended?.declaredUs ?? 0) - (ended?.atUs ?? 0))).toBeLessThan(2_500_000);
});

test('stretches recognised at the same time are one text in the order they were said, whichever is ready first', async () => {
  const rig = await createRig({
    turns: semantic,
    utterances: [
      { text: '帮我把客厅的', finalMs: 2500 },
      { text: '灯打开', finalMs: 20 },
    ],
  });
  await rig.hear('speech', 1000);
  await rig.hear('silence', 900);
  await rig.hear('speech', 600);
  await rig.hear('silence', 2500);
  expect(rig.of('turn.committed')).toMatchObject([{ text: '帮我把客厅的灯打开' }]);
});
