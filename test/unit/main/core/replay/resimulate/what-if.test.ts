import { beforeAll, describe, expect, test } from 'vitest';
import type { RecordedConversation } from '../../../../../../main/core/replay/resimulate/recorded.ts';
import type { TurnPair } from '../../../../../../preload/contract/replay.ts';
import { TalkError } from '../../../../../../preload/contract/talk-error.ts';
import { recordConversation, simulated } from './recording.ts';

const pairsUnder = async (recorded: RecordedConversation, turns: Record<string, unknown>): Promise<TurnPair[]> =>
  (await simulated(recorded, { turns })).conversations.flatMap(({ pairs }) => pairs);

/** One who pauses for 700 ms in the middle, and is then answered. */
function recordPause(): Promise<RecordedConversation> {
  return recordConversation(
    {
      utterances: [
        { text: '今天天气', finalMs: 40 },
        { text: '怎么样', finalMs: 60 },
        { text: '谢谢你', finalMs: 20 },
      ],
      replies: [
        { tokens: ['什么天气？'], ttftMs: 300 },
        { tokens: ['今天晴天。'], ttftMs: 500 },
        { tokens: ['不客气。'], ttftMs: 200 },
      ],
    },
    async (rig) => {
      await rig.hear('silence', 400);
      await rig.hear('speech', 900);
      await rig.hear('silence', 700);
      await rig.hear('speech', 800);
      await rig.hear('silence', 3000);
      await rig.hear('speech', 600);
      await rig.hear('silence', 3000);
    },
  );
}

describe('another silence at the end of speech', () => {
  let recorded: RecordedConversation;
  beforeAll(async () => {
    recorded = await recordPause();
  });

  test('a longer one than the pause makes one turn of two; what was never asked is modelled and says so', async () => {
    const [merged, thanks] = await pairsUnder(recorded, { vadSilenceMs: 800 });
    expect(merged).toMatchObject({ change: 'merged', before: [{ userText: '今天天气' }, { userText: '怎么样' }] });
    expect(merged?.after).toMatchObject([{ userText: '今天天气怎么样', replyText: '…', modelled: ['reply', 'speech', 'transcript'] }]);
    // As fast as the model was as a rule: the median of 300, 500 and 200 ms.
    expect(merged?.after[0]?.parts).toMatchObject({ asr_final_wait: 60, llm_ttft: 300 });
    // In whole packets of 20 ms and windows of 32.
    expect(thanks).toMatchObject({ change: 'moved', committedByMs: 280, v2vByMs: 280, partsByMs: { vad_silence: 280, llm_ttft: 0 } });
    expect(thanks?.after).toMatchObject([{ userText: '谢谢你', replyText: '不客气。', modelled: [] }]);
  });

  test('a shorter one commits earlier by as much', async () => {
    const pairs = await pairsUnder(recorded, { vadSilenceMs: 300 });
    expect(pairs.map(({ change }) => change)).toEqual(['moved', 'moved', 'moved']);
    expect(pairs.at(-1)).toMatchObject({ committedByMs: -200, v2vByMs: -200 });
  });

  test('a recording of the merged turn is split again, its words shared out by the partial transcripts', async () => {
    const whole = await recordConversation(
      {
        turns: { vadSilenceMs: 900 },
        utterances: [
          {
            text: '今天天气怎么样',
            finalMs: 40,
            partials: [
              { atMs: 900, text: '今天天气' },
              { atMs: 2300, text: '今天天气怎么' },
            ],
          },
        ],
        replies: [{ tokens: ['今天晴天。'], ttftMs: 400 }],
      },
      async (rig) => {
        await rig.hear('silence', 400);
        await rig.hear('speech', 900);
        await rig.hear('silence', 700);
        await rig.hear('speech', 800);
        await rig.hear('silence', 3000);
      },
    );
    const [split] = await pairsUnder(whole, { vadSilenceMs: 400 });
    expect(split).toMatchObject({ change: 'split', before: [{ userText: '今天天气怎么样' }] });
    expect(split?.after.map(({ userText, modelled }) => [userText, modelled.includes('transcript')])).toEqual([
      ['今天天气', true],
      ['怎么样', true],
    ]);
  });

  test('each value of a sweep stands for itself, whatever was tried before it', async () => {
    const both = await simulated(recorded, {}, { key: 'turns.vadSilenceMs', values: [300, 500, 800] });
    const one = await simulated(recorded, {}, { key: 'turns.vadSilenceMs', values: [800] });
    expect(both.sweep?.points[2]).toEqual(one.sweep?.points[0]);
    expect(both.sweep?.points.map(({ figures }) => figures.userTurns)).toEqual([3, 3, 2]);
    expect(both.sweep?.points.map(({ merged }) => merged)).toEqual([0, 0, 1]);
    expect(both.sweep?.points[1]?.figures).toEqual(both.before);
    expect(both.sweep?.points[0]?.figures.earlyCuts).toBe(1);
  });

  test('the same recording and settings give the same bytes', async () => {
    const once = await simulated(recorded, { turns: { vadSilenceMs: 640 } });
    expect(JSON.stringify(await simulated(recorded, { turns: { vadSilenceMs: 640 } }))).toBe(JSON.stringify(once));
  });

  test('several conversations are counted together, each by itself', async () => {
    const twice = await simulated([recorded, recorded]);
    expect(twice.conversations).toHaveLength(2);
    expect(twice.before.userTurns).toBe(6);
    expect(twice.before.v2v.n + twice.before.v2v.censored).toBe(6);
    expect(twice.before.earlyCuts).toBe(2);
  });
});

describe('another policy of interruption', () => {
  let recorded: RecordedConversation;
  beforeAll(async () => {
    recorded = await recordConversation(
      {
        utterances: [{ text: '讲个故事' }, { text: '你说什么呢', finalMs: 30 }],
        replies: [{ tokens: ['从前有一座山，', '山里有一座庙，', '庙里有个老和尚，', '他在讲故事。'] }, { tokens: ['没什么。'] }],
      },
      async (rig) => {
        await rig.hear('silence', 300);
        await rig.hear('speech', 900);
        await rig.hear('silence', 1500);
        await rig.hear('speech', 800);
        await rig.hear('silence', 4000);
      },
    );
  });

  test('none: the reply is heard to its end, and nobody hears who spoke into it', async () => {
    const [story, question] = await pairsUnder(recorded, { interruption: 'off' });
    expect(story).toMatchObject({ change: 'outcome', interruptionsLost: 1, before: [{ interruption: 'duration' }] });
    expect(story?.after).toMatchObject([
      { outcome: 'completed', interruption: null, heardText: '从前有一座山，山里有一座庙，庙里有个老和尚，他在讲故事。' },
    ]);
    expect(question).toMatchObject({ change: 'lost', after: [] });
  });

  test('longer speech than was spoken: its words decide, later', async () => {
    const [story, question] = await pairsUnder(recorded, { interruptionMs: 2000 });
    expect(story?.after).toMatchObject([{ outcome: 'interrupted', interruption: 'words' }]);
    expect(question?.after).toMatchObject([{ userText: '你说什么呢', reason: 'vad-silence' }]);
  });

  test('half duplex: what is said into the reply is not heard', async () => {
    const pairs = await pairsUnder(recorded, { isHalfDuplex: true });
    expect(pairs.map(({ change, interruptionsLost }) => [change, interruptionsLost])).toEqual([
      ['outcome', 1],
      ['lost', 0],
    ]);
  });

  test('what was interrupted and goes on now says what is modelled of it', async () => {
    const cut = await recordConversation(
      {
        utterances: [{ text: '讲个故事' }, { text: '停' }],
        replies: [{ tokens: Array.from({ length: 40 }, () => '从前有一座山，'), tokensPerSecond: 4 }, { tokens: ['好。'] }],
      },
      async (rig) => {
        await rig.hear('silence', 300);
        await rig.hear('speech', 900);
        await rig.hear('silence', 2500);
        await rig.hear('speech', 800);
        await rig.hear('silence', 4000);
      },
    );
    const [story] = await pairsUnder(cut, { interruption: 'off' });
    expect(story?.after[0]?.modelled).toContain('reply');
  });
});

describe('other settings', () => {
  test('an answer begun before the endpoint gains what it waited for', async () => {
    const recorded = await recordConversation(
      {
        turns: { endpointing: 'semantic', endpointMinMs: 600 },
        utterances: [{ text: '今天天气怎么样？', finalMs: 30, partials: [{ atMs: 300, text: '今天天气怎么样？' }] }],
        replies: [{ tokens: ['今天晴天。'], ttftMs: 400 }],
      },
      async (rig) => {
        await rig.hear('silence', 300);
        await rig.hear('speech', 900);
        await rig.hear('silence', 3500);
      },
    );
    const [pair] = await pairsUnder(recorded, { isPreemptive: true });
    expect(pair).toMatchObject({ change: 'moved', committedByMs: 0, partsByMs: { llm_ttft: -400 } });
    expect(pair?.v2vByMs).toBe(-400);
  });

  test('a model that is given less time than it took is given up', async () => {
    const recorded = await recordConversation(
      { utterances: [{ text: '你好' }], replies: [{ tokens: ['你好呀。'], ttftMs: 1800 }], settings: { agent: { llmRetries: 0 } } },
      async (rig) => {
        await rig.hear('silence', 300);
        await rig.hear('speech', 500);
        await rig.hear('silence', 5000);
      },
    );
    const { conversations, after } = await simulated(recorded, { agent: { llmTimeoutS: 1 } });
    expect(conversations[0]?.pairs).toMatchObject([
      { change: 'outcome', before: [{ outcome: 'completed' }], after: [{ outcome: 'failed' }] },
    ]);
    expect(after).toMatchObject({ unanswered: 1, v2v: { p50: null, n: 0, censored: 1 } });
  });

  test('a shorter minimum hears what nobody recognised: its words are unknown', async () => {
    const recorded = await recordConversation(
      { turns: { minimumSpeechMs: 600 }, utterances: [{ text: '你好' }], replies: [{ tokens: ['你好呀。'] }] },
      async (rig) => {
        await rig.hear('silence', 300);
        await rig.hear('speech', 300);
        await rig.hear('silence', 3000);
        await rig.hear('speech', 900);
        await rig.hear('silence', 3000);
      },
    );
    const [gained, known] = await pairsUnder(recorded, { minimumSpeechMs: 120 });
    expect(gained).toMatchObject({
      change: 'gained',
      after: [{ userText: '…', modelled: expect.arrayContaining(['transcript', 'delay', 'reply']) }],
    });
    expect(known?.after).toMatchObject([{ userText: '你好', replyText: '你好呀。' }]);
  });

  test('a conversation that ends before its last reply is over runs on until it is', async () => {
    const recorded = await recordConversation({ utterances: [{ text: '你好' }], replies: [{ tokens: ['你好呀。'] }] }, async (rig) => {
      await rig.hear('silence', 300);
      await rig.hear('speech', 500);
      await rig.hear('silence', 2000);
    });
    const { conversations } = await simulated(recorded, { turns: { vadSilenceMs: 1900 } });
    expect(conversations[0]?.pairs).toMatchObject([{ change: 'moved', after: [{ outcome: 'completed' }] }]);
    expect(conversations[0]?.notes).toEqual([{ kind: 'ran-on', count: 1 }]);
  });

  test('what acts on engines is refused, and so is what is no setting', async () => {
    const recorded = await recordConversation({}, (rig) => rig.hear('silence', 100));
    await expect(simulated(recorded, { agent: { systemPrompt: 'Be brief.' }, turns: { vadSilenceMs: 300 } })).rejects.toEqual(
      new TalkError('replay/needs-rerun', { keys: ['agent.systemPrompt'] }),
    );
    await expect(simulated(recorded, { turns: { vadSilenceMs: 3 } })).rejects.toMatchObject({ value: { code: 'settings/invalid' } });
    await expect(simulated(recorded, { turns: { nonsense: 3 } })).rejects.toMatchObject({
      value: { code: 'settings/invalid', data: { key: 'turns.nonsense' } },
    });
  });
});
