import { expect, test } from 'vitest';
import { signedQuery } from '../../../../../pipeline/engines/service/tencent-signature.ts';

// The vectors of reference/providers.md §3.1 and §5.1.
test('the recogniser’s address is signed as the documents have it', () => {
  const query = signedQuery(
    'asr.cloud.tencent.com/asr/v2/1250000000',
    {
      engine_model_type: '16k_zh',
      expired: 1_673_494_772,
      needvad: 1,
      nonce: 1_673_408_372,
      secretid: 'AKIDTEST',
      timestamp: 1_673_408_372,
      voice_format: 1,
      voice_id: 'c64385ee-3e5c-4fc5-bbfd-7c71addb35b0',
    },
    'SECRETTEST',
    'signature',
  );
  expect(new URLSearchParams(query).get('signature')).toBe('rS3bqD6hzxtT1MvN0sHpN6wsaG0=');
  expect(query).toContain('signature=rS3bqD6hzxtT1MvN0sHpN6wsaG0%3D');
});

test('the synthesiser’s address is signed as the documents have it', () => {
  const query = signedQuery(
    'GETtts.cloud.tencent.com/stream_wsv2',
    {
      VoiceType: 101_001,
      Volume: 0,
      Action: 'TextToStreamAudioWSv2',
      AppId: 1_250_000_000,
      Codec: 'pcm',
      EnableSubtitle: 0,
      Expired: 1_673_494_772,
      ModelType: 1,
      SampleRate: 16_000,
      SecretId: 'AKIDTEST',
      SessionId: 's-1',
      Speed: 0,
      Timestamp: 1_673_408_372,
    },
    'SECRETTEST',
    'Signature',
  );
  expect(new URLSearchParams(query).get('Signature')).toBe('jDY4dhR6FN0J+p4PPjIsKOHGKqM=');
});
