import type {
  CallBody,
  CallName,
  CallReply,
  StreamBody,
  StreamDelta,
  StreamName,
  StreamSnapshot,
} from '../../../preload/contract/index.ts';
import type { Topic } from './topic.ts';

export interface CallContext {
  signal: AbortSignal;
  role: 'operator' | 'viewer';
}

/** Requests arrive validated with defaults filled; expected failures are thrown as TalkError. */
export type CallHandlers = { [Name in CallName]: (body: CallBody<Name>, context: CallContext) => Promise<CallReply<Name>> };

/** What a stream request attaches to. `snapshot` and `accepts` tailor the shared topic to the request. */
export interface StreamAttachment<Snapshot, Delta> {
  topic: Topic<Snapshot, Delta>;
  snapshot?: () => Snapshot;
  accepts?: (delta: Delta) => boolean;
  /** The stream begins when this resolves, and ends with what it rejects with. */
  ready?: Promise<unknown>;
  /** Each delta is the whole state: a client that is behind gets the newest only, and has lost nothing. */
  isState?: boolean;
  /** The topic is this subscription's alone, and there is nothing to resume. Called once, when the subscription has ended. */
  close?: () => void;
}

export type StreamHandlers = {
  [Name in StreamName]: (body: StreamBody<Name>) => StreamAttachment<StreamSnapshot<Name>, StreamDelta<Name>>;
};
