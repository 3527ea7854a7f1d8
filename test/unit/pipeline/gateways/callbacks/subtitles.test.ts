import { describe, expect, it } from 'vitest';
import { createSubtitles } from '../../../../../pipeline/gateways/callbacks/subtitles.ts';
import type { PipelineEvent } from '../../../../../preload/contract/events.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';

const at = { atUs: 0 as MonoUs, conversationId: 'c1' };
const audio = { codec: 'opus', sampleRate: 16000, frameMs: 60 } as const;

function opened(gateway: string): PipelineEvent {
  return {
    ...{ ...at, kind: 'conversation.opened', gateway, productId: 'P', deviceName: 'd', language: 'zh', uplink: audio, downlink: audio },
    ...{ query: {}, engines: { vad: '', stt: '', llm: '', tts: '' }, settings: {} },
  };
}

const said: PipelineEvent = { ...at, kind: 'stt.final', text: '几点了', engine: 'phrase' };
const sentence: PipelineEvent = { ...at, kind: 'downlink.sentence-started', turnId: 1, sentence: 0, text: '三点。' };

function bodies(events: readonly PipelineEvent[]) {
  const subtitles = createSubtitles(() => 1700000000000);
  return events.flatMap((event) => subtitles.observe(event)?.subtitle ?? []);
}

describe('subtitles', () => {
  it('are what the user said, and each sentence when its sound begins, in the document’s fields', () => {
    const common = { session_id: 'c1', room_id: 'c1', product_id: 'P', device_name: 'd', timestamp_ms: 1700000000000 };
    expect(bodies([opened('twetalk'), said, sentence])).toEqual([
      { ...common, role: 'user', text: '几点了', user_id: 'P_d' },
      { ...common, role: 'bot', text: '三点。' },
    ]);
  });

  it('are TWeTalk’s only, and end with the conversation', () => {
    expect(bodies([opened('xiaozhi'), said])).toEqual([]);
    expect(bodies([opened('twetalk'), { ...at, kind: 'conversation.closed', reason: 'x' }, said])).toEqual([]);
  });

  it('leave out speech that was not understood, and another’s voice', () => {
    expect(bodies([opened('twetalk'), { ...said, text: '' }, { ...said, isForeignVoice: true }])).toEqual([]);
  });
});
