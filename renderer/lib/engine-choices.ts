import type { EngineChoice } from '../../preload/contract/pipeline.ts';
import { useReply } from './actions.ts';
import { useEngineProfiles } from './streams.ts';

/** Every engine that can be chosen, embedded or a profile; asked for again when a profile changes. */
export function useEngineChoices(): readonly EngineChoice[] {
  const profiles = useEngineProfiles();
  return useReply('pipeline.engines', {}, { version: profiles }).data?.engines ?? [];
}
