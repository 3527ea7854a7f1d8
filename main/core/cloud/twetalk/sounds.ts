import { resample } from '../../../../pipeline/audio/resample.ts';
import { decodeWav } from '../../../../pipeline/audio/wav.ts';
import type { CallSound } from '../../../../pipeline/gateways/twetalk/calls/line.ts';
import { echo, recorded, silence } from '../../../../pipeline/gateways/twetalk/calls/sounds.ts';
import type { CallAudio } from '../../../../preload/contract/cloud/twetalk.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import type { Clock } from '../../../../preload/contract/time.ts';
import type { LiveAudios } from '../../audio/audio.ts';

const SAMPLE_RATE = 16_000;

/** The mini-program's microphone and speaker of one call. Rejects with TalkError 'audio/…', 'unsupported'. */
export async function openSound(
  choice: CallAudio,
  deps: { clock: Clock; name: string; openAudio?: LiveAudios['open'] },
): Promise<CallSound> {
  switch (choice.kind) {
    case 'silence':
      return silence(deps.clock);
    case 'echo':
      return echo();
    case 'wav': {
      const { sampleRate, channels } = decodeWav(choice.wav);
      const mono = channels[0];
      if (mono === undefined || mono.length === 0) throw new TalkError('audio/bad-wav', { reason: 'no samples' });
      const pcm = sampleRate === SAMPLE_RATE ? mono : resample(mono, { from: sampleRate, to: SAMPLE_RATE });
      return recorded(deps.clock, pcm, choice.isRepeated);
    }
    case 'live': {
      if (deps.openAudio === undefined) throw new TalkError('unsupported', { feature: 'live audio', why: 'this core has none' });
      const audio = await deps.openAudio(deps.name, choice.choice);
      return {
        listen: (onCaptured) => audio.listen(onCaptured),
        play: (pcm) => audio.play(pcm),
        close: () => void audio.close(),
      };
    }
  }
}
