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
}

export type StreamHandlers = {
  [Name in StreamName]: (body: StreamBody<Name>) => StreamAttachment<StreamSnapshot<Name>, StreamDelta<Name>>;
};
