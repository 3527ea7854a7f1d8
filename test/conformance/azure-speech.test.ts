import * as speech from 'microsoft-cognitiveservices-speech-sdk';
import { expect, test } from 'vitest';
import { speechPcm } from '../fakes/engines.ts';
import { fakeAzureStt } from '../fakes/services/azure-stt.ts';

test('Microsoft’s own client is understood by the fake that our Azure recogniser is tested against', async () => {
  const service = await fakeAzureStt('k', (samples) => `${samples} samples`);
  speech.Recognizer.enableTelemetry(false);
  const config = speech.SpeechConfig.fromEndpoint(new URL(`${service.origin}/stt/speech/universal/v2`), 'k');
  config.speechRecognitionLanguage = 'zh-CN';
  const audio = speech.AudioInputStream.createPushStream(speech.AudioStreamFormat.getWaveFormatPCM(16_000, 16, 1));
  const recogniser = new speech.SpeechRecognizer(config, speech.AudioConfig.fromStreamInput(audio));
  const heard: string[] = [];
  const partial: string[] = [];
  recogniser.recognizing = (_sender, { result }) => partial.push(result.text);
  recogniser.recognized = (_sender, { result }) => heard.push(result.text);
  recogniser.startContinuousRecognitionAsync();
  audio.write(speechPcm(500).buffer as ArrayBuffer);
  audio.close();
  await expect.poll(() => heard, { timeout: 15_000 }).toContain('8000 samples');
  recogniser.close();
  await service.close();
  expect(partial).toContain('8000 samples');
});
