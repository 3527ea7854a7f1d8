import type { Engines } from '../../../../pipeline/conversation.ts';
import { scopeOf } from '../../../../pipeline/speech/failure.ts';
import { translatorOf } from '../../../../pipeline/speech/translator.ts';
import type { ConversationSettings } from '../../../../preload/contract/settings.ts';
import type { Clock } from '../../../../preload/contract/time.ts';

/** A subtitle that is later than this is of no use beside its speech. */
const PATIENCE_MS = 3000;

export interface SubtitleTranslation {
  text: string;
  /** The conversation's language, and the one that is wanted. */
  source: 'zh' | 'en';
  target: string;
}

/**
 * A subtitle in another language, by the translator of the speech services; empty where that has none to give, in time or at all. Never
 * rejects: a subtitle without its translation is still a subtitle.
 */
export async function translated(
  request: SubtitleTranslation,
  { clock, engines, settings }: { clock: Clock; engines: Pick<Engines, 'llm'>; settings: ConversationSettings },
): Promise<string> {
  if (request.source === request.target) return '';
  try {
    const translator = translatorOf(engines, settings);
    const scope = scopeOf(clock, AbortSignal.timeout(PATIENCE_MS), 'llm', translator.id);
    let translation = '';
    for await (const piece of translator.translate(request, scope)) translation += piece;
    return scope.signal.aborted ? '' : translation.trim();
  } catch {
    // A text the phrase table does not know, or a fault that the conversation's own requests tell.
    return '';
  }
}
