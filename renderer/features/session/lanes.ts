import type { PipelineEvent } from '../../../preload/contract/events.ts';

export interface NumberedEvent {
  ordinal: number;
  event: PipelineEvent;
}

/** What is selected, everywhere at once. */
export type Selected =
  | { kind: 'turn'; conversationId: string; turnId: number }
  | { kind: 'event'; ordinal: number }
  | { kind: 'log'; port: string; seq: number }
  | { kind: 'flash'; jobId: string };
