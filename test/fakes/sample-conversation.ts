import type { PipelineEvent } from '../../preload/contract/events.ts';
import type { BreakdownPart, ConversationRecord, TurnRecord } from '../../preload/contract/sessions.ts';
import type { MonoUs } from '../../preload/contract/time.ts';

/**
 * One conversation as the store would tell it: a greeting, a question, a tool call, and an answer that the user cuts
 * short. Events, turns and spoken spans all follow from the script below, so they cannot contradict each other.
 */
export const sampleConversationId = 'c-7f3a';

interface ScriptedTurn {
  initiator: 'greeting' | 'user-speech';
  /** When the user speaks, or the greeting is asked for, ms from the session's start. */
  speechMs: readonly [number, number];
  userText: string;
  partials: readonly string[];
  reply: readonly string[];
  tool?: { name: string; arguments: Record<string, unknown>; result: unknown };
  /** How long after the reply became audible the user cut in, ms. */
  cutAfterMs?: number;
  /** Milliseconds of: endpoint silence, final transcript, commit, first token, sentence, first audio, sending, device, lead silence. */
  partsMs: readonly [number, number, number, number, number, number, number, number, number];
}

const script: readonly ScriptedTurn[] = [
  {
    initiator: 'greeting',
    speechMs: [4_300, 4_300],
    userText: '',
    partials: [],
    reply: ['你好，我是语音助手，有什么可以帮你？'],
    partsMs: [0, 0, 0, 3, 4, 96, 8, 100, 22],
  },
  {
    initiator: 'user-speech',
    speechMs: [9_120, 10_840],
    userText: '今天深圳的天气怎么样',
    partials: ['今天', '今天深圳', '今天深圳的天气'],
    reply: ['深圳今天多云转晴，', '气温二十二到二十八度，', '出门记得带一把伞。'],
    partsMs: [500, 84, 6, 212, 48, 131, 11, 100, 18],
  },
  {
    initiator: 'user-speech',
    speechMs: [18_460, 19_910],
    userText: '把音量调到八十',
    partials: ['把音量', '把音量调到'],
    reply: ['好的，音量已经调到百分之八十。'],
    tool: { name: 'volume', arguments: { volume: 80 }, result: { volume: 80 } },
    partsMs: [500, 71, 5, 386, 52, 118, 9, 100, 20],
  },
  {
    initiator: 'user-speech',
    speechMs: [26_050, 27_480],
    userText: '给我讲一个周杰伦的故事',
    partials: ['给我讲', '给我讲一个', '给我讲一个周杰伦'],
    reply: ['从前，在淡水河边住着一个爱弹钢琴的少年，', '他每天放学都要在琴房里坐到天黑，', '邻居们都说他将来一定会写出很多好听的歌。'],
    cutAfterMs: 3_100,
    partsMs: [500, 402, 7, 640, 160, 224, 14, 100, 26],
  },
];

const partKeys = [
  ['vad_silence', 'setting'],
  ['asr_final_wait', 'engine'],
  ['eou_wait', 'setting'],
  ['llm_ttft', 'engine'],
  ['text_agg', 'pipeline'],
  ['tts_ttfb', 'engine'],
  ['send_wait', 'pipeline'],
  ['transport_device', 'device'],
  ['tts_lead_silence', 'engine'],
] as const;

/** Spoken length of a sentence: about 200 ms a character. */
function spokenMs(text: string): number {
  return Math.max(600, Array.from(text).length * 200);
}

export interface SampleConversation {
  events: PipelineEvent[];
  turns: TurnRecord[];
  record: ConversationRecord;
  /** [from, to) in microseconds. */
  userSpans: [number, number][];
  agentSpans: [number, number][];
  durationUs: number;
}

export function sampleConversation(): SampleConversation {
  const events: PipelineEvent[] = [];
  const turns: TurnRecord[] = [];
  const userSpans: [number, number][] = [];
  const agentSpans: [number, number][] = [];
  const base = (ms: number) => ({ atUs: Math.round(ms * 1000) as MonoUs, conversationId: sampleConversationId });
  const wire = (ms: number, channel: 'mqtt' | 'websocket', direction: 'up' | 'down', name: string, body: object) =>
    events.push({ ...base(ms), kind: 'wire.message', gateway: 'twetalk', channel, direction, name, text: JSON.stringify(body) });
  const rtvi = (ms: number, type: string, data: object = {}) => wire(ms, 'websocket', 'down', type, { label: 'rtvi-ai', type, data });

  wire(3_900, 'mqtt', 'up', '$twecall/up/service/SAMPLE0001/bench-01', {
    method: 'query_websocket_url',
    clientToken: 'ws-4',
    params: { connect_type: 'talk' },
  });
  wire(3_912, 'mqtt', 'down', '$twecall/down/service/SAMPLE0001/bench-01', {
    method: 'query_websocket_url_reply',
    clientToken: 'ws-4',
    code: 0,
    params: { websocket_url: 'ws://127.0.0.1/ws', websocket_port: 8787 },
  });
  events.push({
    ...base(4_200),
    kind: 'conversation.opened',
    gateway: 'twetalk',
    productId: 'SAMPLE0001',
    deviceName: 'bench-01',
    language: 'zh',
    uplink: { codec: 'opus', sampleRate: 16000, frameMs: 60 },
    downlink: { codec: 'opus', sampleRate: 16000, frameMs: 60 },
    query: { audioType: 'opus', audioInterval: '60' },
    engines: { vad: 'silero', stt: 'phrase', llm: 'scripted', tts: 'espeak-ng' },
    settings: { vadSilenceMs: 500 },
  });

  for (const [index, turn] of script.entries()) {
    const turnId = index + 1;
    const [u0, u1] = turn.speechMs;
    const isGreeting = turn.initiator === 'greeting';
    const bounds: number[] = [u1];
    for (const part of turn.partsMs) bounds.push((bounds.at(-1) ?? 0) + part);
    const at = (bound: number): number => bounds[bound] ?? u1;
    const inTurn = (ms: number) => ({ ...base(ms), turnId });
    const audibleMs = at(9);
    const lengths = turn.reply.map(spokenMs);
    const wholeMs = lengths.reduce((sum, length) => sum + length, 0);
    const silentMs = turn.cutAfterMs === undefined ? audibleMs + wholeMs : audibleMs + turn.cutAfterMs + 640;
    const replyText = turn.reply.join('');
    const heardText =
      turn.cutAfterMs === undefined
        ? replyText
        : Array.from(replyText)
            .slice(0, Math.floor((silentMs - audibleMs) / 200))
            .join('');

    if (!isGreeting) {
      userSpans.push([u0 * 1000, u1 * 1000]);
      events.push({ ...base(u0), kind: 'turn.state', state: 'user-speaking', turnId });
      events.push({ ...base(u0), kind: 'user.speech-started', mediaUs: (u0 - 4_200) * 1000, turnId });
      rtvi(u0 + 130, 'user-started-speaking');
      for (const [number, text] of turn.partials.entries()) {
        events.push({ ...base(u0 + 380 + number * 340), kind: 'stt.partial', text, turnId });
        rtvi(u0 + 381 + number * 340, 'user-transcription', { text, final: false });
      }
      events.push({
        ...base(u1),
        kind: 'user.speech-ended',
        mediaUs: (u1 - 4_200) * 1000,
        declaredUs: (at(1) * 1000) as MonoUs,
        turnId,
      });
      events.push({ ...base(at(1)), kind: 'turn.state', state: 'committing', turnId });
      events.push({ ...base(at(2)), kind: 'stt.final', text: turn.userText, engine: 'phrase', score: 0.93, turnId });
      rtvi(at(2) + 1, 'user-transcription', { text: turn.userText, final: true });
      events.push({ ...inTurn(at(3)), kind: 'turn.committed', reason: 'silence', text: turn.userText });
    }
    events.push({ ...inTurn(at(3)), kind: 'turn.started', initiator: turn.initiator });
    events.push({ ...base(at(3)), kind: 'turn.state', state: 'thinking', turnId });
    events.push({ ...inTurn(at(3)), kind: 'llm.request', engine: 'scripted', model: 'scripted-1', step: 1 });
    events.push({ ...inTurn(at(3) + 1), kind: 'llm.first-token' });
    if (turn.tool !== undefined) {
      const callMs = at(3) + 60;
      events.push({ ...inTurn(callMs), kind: 'tool.call', callId: `call-${turnId}`, name: turn.tool.name, arguments: turn.tool.arguments });
      wire(callMs + 2, 'mqtt', 'down', '$thing/down/action/SAMPLE0001/bench-01', {
        method: 'action',
        clientToken: `act-${turnId}`,
        actionId: turn.tool.name,
        params: turn.tool.arguments,
      });
      wire(callMs + 240, 'mqtt', 'up', '$thing/up/action/SAMPLE0001/bench-01', {
        method: 'action_reply',
        clientToken: `act-${turnId}`,
        code: 0,
        response: turn.tool.result,
      });
      events.push({
        ...inTurn(callMs + 242),
        kind: 'tool.result',
        callId: `call-${turnId}`,
        name: turn.tool.name,
        isOk: true,
        result: turn.tool.result,
        elapsedUs: 242_000,
      });
    }
    events.push({ ...inTurn(at(4)), kind: 'llm.first-answer' });
    for (const text of turn.reply) events.push({ ...inTurn(at(4) + 5), kind: 'llm.text', text });
    events.push({ ...inTurn(at(5)), kind: 'llm.first-chunk', text: turn.reply[0] ?? '' });
    events.push({ ...inTurn(at(5) + 90), kind: 'llm.done', finish: 'stop', outputTokens: Array.from(replyText).length });
    let sentenceMs = at(5);
    let playMs = audibleMs;
    for (const [sentence, text] of turn.reply.entries()) {
      const lengthMs = lengths[sentence] ?? 0;
      if (playMs >= silentMs) break;
      events.push({ ...inTurn(sentenceMs), kind: 'tts.request', engine: 'espeak-ng', voice: 'zh', sentence, text });
      events.push({ ...inTurn(sentence === 0 ? at(6) : sentenceMs + 40), kind: 'tts.first-audio', sentence, leadSilenceUs: 20_000 });
      events.push({ ...inTurn(sentenceMs + 260), kind: 'tts.done', sentence, durationUs: lengthMs * 1000 });
      events.push({ ...inTurn(playMs), kind: 'downlink.sentence-started', sentence, text });
      rtvi(playMs - 60, 'bot-transcription', { text });
      sentenceMs += 270;
      playMs += lengthMs;
    }
    events.push({ ...inTurn(at(7)), kind: 'downlink.first-frame' });
    events.push({ ...base(at(7)), kind: 'turn.state', state: 'speaking', turnId });
    rtvi(at(7), 'bot-started-speaking');
    events.push({ ...inTurn(audibleMs), kind: 'downlink.audible', source: index === 1 ? 'device' : 'estimate' });
    agentSpans.push([audibleMs * 1000, silentMs * 1000]);
    if (turn.cutAfterMs !== undefined) {
      const onset = audibleMs + turn.cutAfterMs;
      userSpans.push([onset * 1000, (onset + 1100) * 1000]);
      events.push({ ...base(onset), kind: 'user.speech-started', mediaUs: (onset - 4_200) * 1000 });
      events.push({ ...inTurn(onset), kind: 'interruption.onset' });
      events.push({ ...inTurn(onset + 505), kind: 'interruption.decided', reason: 'duration' });
      events.push({ ...inTurn(onset + 509), kind: 'interruption.server-stopped' });
      events.push({ ...inTurn(onset + 640), kind: 'interruption.silent', source: 'estimate' });
      events.push({
        ...base(onset + 1100),
        kind: 'user.speech-ended',
        mediaUs: (onset - 3_100) * 1000,
        declaredUs: ((onset + 1600) * 1000) as MonoUs,
      });
    } else {
      events.push({ ...inTurn(silentMs), kind: 'downlink.play-ended' });
    }
    rtvi(silentMs, 'bot-stopped-speaking');
    const outcome = turn.cutAfterMs === undefined ? 'completed' : 'interrupted';
    events.push({ ...inTurn(silentMs), kind: 'turn.ended', outcome, userText: turn.userText, replyText, heardText });
    events.push({ ...base(silentMs), kind: 'turn.state', state: 'listening' });

    const parts: BreakdownPart[] = isGreeting
      ? []
      : partKeys.flatMap(([key, owner], part) => {
          const [fromUs, toUs] = [at(part) * 1000, at(part + 1) * 1000];
          return toUs > fromUs ? [{ key, owner, fromUs, toUs, durationUs: toUs - fromUs }] : [];
        });
    const totalUs = isGreeting ? null : (audibleMs - u1) * 1000;
    turns.push({
      conversationId: sampleConversationId,
      turnId,
      initiator: turn.initiator,
      outcome,
      startedUs: u0 * 1000,
      endedUs: silentMs * 1000,
      userText: turn.userText,
      replyText,
      heardText,
      toolCalls:
        turn.tool === undefined
          ? []
          : [{ callId: `call-${turnId}`, ...turn.tool, isOk: true, atUs: (at(3) + 60) * 1000, elapsedUs: 242_000 }],
      breakdown: {
        totalUs,
        serverUs: isGreeting ? null : (at(7) - u1) * 1000,
        audibleSource: index === 1 ? 'device' : 'estimate',
        parts,
        missing: isGreeting ? ['U1'] : [],
        preemptGainUs: null,
        product: {
          asr_latency: isGreeting ? null : turn.partsMs[0] + turn.partsMs[1],
          llm_network_latency: null,
          llm_first_token: turn.partsMs[3],
          tts_network_latency: null,
          tts_first_frame_latency: turn.partsMs[5],
          tts_discontinuity: 0,
          interruption: turn.cutAfterMs === undefined ? null : 640,
        },
        interruption:
          turn.cutAfterMs === undefined ? null : { stopUs: 640_000, detectUs: 505_000, serverStopUs: 4_000, residualUs: 131_000 },
      },
    });
  }
  const closedMs = 38_000;
  events.push({ ...base(closedMs), kind: 'conversation.closed', reason: 'device', code: 1000 });
  events.sort((a, b) => a.atUs - b.atUs);
  return {
    events,
    turns,
    userSpans,
    agentSpans,
    durationUs: 41_200_000,
    record: {
      conversationId: sampleConversationId,
      gateway: 'twetalk',
      productId: 'SAMPLE0001',
      deviceName: 'bench-01',
      language: 'zh',
      openedUs: 4_200_000,
      closedUs: closedMs * 1000,
      closeReason: 'device',
      uplinkPackets: 563,
      downlinkPackets: 341,
    },
  };
}
