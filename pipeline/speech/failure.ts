import type { TalkErrorValue } from '../../preload/contract/errors.ts';
import type { StageName } from '../../preload/contract/events.ts';
import type { Clock } from '../../preload/contract/time.ts';
import { productCodeOf } from '../turn/failures.ts';
import { asTalkError, type StageScope } from '../turn/stage.ts';

/** What an engine could not do for a speech service. */
export interface SpeechFailure {
  stage: StageName;
  engine: string;
  error: TalkErrorValue;
}

export function failureOf(error: unknown, stage: StageName, engine: string): SpeechFailure {
  return { stage, engine, error: asTalkError(error, stage, engine).value };
}

/** The documents' code of it, 30100 … 30302; that of a server's failure where they have none. */
export function codeOf({ stage, error }: SpeechFailure): number {
  if (error.code === 'speech/pair' || error.code === 'speech/language' || error.code === 'too-large') return 4001;
  return productCodeOf(stage, error) ?? 5000;
}

/** For a client that knows nothing of this bench: one English sentence, without what a service may have quoted. */
export function messageOf({ stage, engine, error }: SpeechFailure): string {
  const { source, target, language } = error.data;
  switch (error.code) {
    case 'speech/pair':
      return engine === 'phrase-table'
        ? `unsupported languages ${String(source)} to ${String(target)}: the embedded phrase table knows zh and en only, configure a language model`
        : `unsupported languages ${String(source)} to ${String(target)}`;
    case 'speech/language':
      return `unsupported language ${String(language)}: ${stage} engine ${engine} does not have it`;
    case 'speech/unknown-words':
      return 'nothing of this text is in the embedded phrase table: configure a language model';
    default:
      return `${stage} failed: ${error.code}`;
  }
}

/** What one request to an engine runs under. */
export function scopeOf(clock: Clock, signal: AbortSignal, stage: StageName, engine: string): StageScope {
  return { clock, signal, stage, engine, onLeak: () => {} };
}
