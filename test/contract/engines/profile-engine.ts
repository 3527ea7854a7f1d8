import { llmKinds } from '../../../pipeline/engines/llm/kinds.ts';
import { createProfileEngines, type ProfileEngines } from '../../../pipeline/engines/profiles.ts';
import { sttKinds } from '../../../pipeline/engines/stt/kinds.ts';
import { ttsKinds } from '../../../pipeline/engines/tts/kinds.ts';
import type { EngineStage } from '../../../preload/contract/engines.ts';
import type { Clock } from '../../../preload/contract/time.ts';

/** A profile's engine as a conversation gets it. */
export function profileEngine<Stage extends Exclude<EngineStage, 'vad'>>(
  stage: Stage,
  kind: string,
  config: Readonly<Record<string, unknown>>,
  clock: Clock,
): NonNullable<ReturnType<ProfileEngines[Stage]>> {
  const profile = { id: `guarded-${kind}`, stage, kind, config };
  const engines = createProfileEngines({ kinds: { llm: llmKinds, stt: sttKinds, tts: ttsKinds }, profile: () => profile, clock });
  return engines[stage](profile.id) as NonNullable<ReturnType<ProfileEngines[Stage]>>;
}
