export interface LlmEngine {
  readonly id: string;
  /** Ends normally after 'done'. Abort of `signal` ends it without one. Failures throw TalkError 'engine/…'. */
  respond(request: LlmRequest, signal: AbortSignal): AsyncIterable<LlmEvent>;
  /**
   * A question may come soon: whatever it would wait for is begun, a connection above all. Returns at once; what goes wrong is told by
   * the request that then fails. Asked with every utterance: what is there already is left.
   */
  warm?(): void;
}

export interface LlmRequest {
  model: string;
  /** A summary for the agent's memory is nothing anybody hears. Left out: an answer to the user. */
  purpose?: 'summary';
  language: string;
  messages: readonly LlmMessage[];
  tools: readonly LlmTool[];
  temperature?: number;
  topP?: number;
  maxTokens?: number;
  /** Merged into the request's body (MetaInfo). */
  metaInfo?: Readonly<Record<string, unknown>>;
  /** The same for a retry. With the others it goes as X-Request-Id, X-Task-Id … to services that take headers. */
  requestId?: string;
  /** Which conversation it belongs to: some services keep the history themselves. */
  conversationId?: string;
  headers?: Readonly<Record<string, string>>;
}

/** An image beside the text; services without vision refuse with 'unsupported'. */
export interface LlmImage {
  mediaType: string;
  data: Uint8Array;
}

export type LlmMessage =
  | { role: 'system'; content: string }
  | { role: 'user'; content: string; images?: readonly LlmImage[] }
  | { role: 'assistant'; content: string; toolCalls?: readonly LlmToolCall[]; wasInterrupted?: boolean }
  | { role: 'tool'; toolCallId: string; name: string; content: string };

export interface LlmToolCall {
  id: string;
  name: string;
  arguments: Record<string, unknown>;
  /** What the model gave instead of a JSON object: the call cannot be run, and its answer should say so. */
  malformed?: string;
}

export interface LlmTool {
  name: string;
  description: string;
  /** JSON Schema of the arguments. */
  parameters: Record<string, unknown>;
}

export type LlmEvent =
  | { kind: 'headers' }
  | { kind: 'reasoning'; text: string }
  | { kind: 'text'; text: string }
  | { kind: 'tool-call'; call: LlmToolCall }
  | { kind: 'done'; finish: 'stop' | 'tool-calls' | 'length'; inputTokens?: number; outputTokens?: number };
