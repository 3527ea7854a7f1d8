export interface LlmEngine {
  readonly id: string;
  /** Ends normally after 'done'. Abort of `signal` ends it without one. Failures throw TalkError 'engine/…'. */
  respond(request: LlmRequest, signal: AbortSignal): AsyncIterable<LlmEvent>;
}

export interface LlmRequest {
  model: string;
  language: string;
  messages: readonly LlmMessage[];
  tools: readonly LlmTool[];
}

export type LlmMessage =
  | { role: 'system' | 'user'; content: string }
  | { role: 'assistant'; content: string; toolCalls?: readonly LlmToolCall[]; wasInterrupted?: boolean }
  | { role: 'tool'; toolCallId: string; name: string; content: string };

export interface LlmToolCall {
  id: string;
  name: string;
  arguments: Record<string, unknown>;
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
