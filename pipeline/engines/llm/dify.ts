import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { EngineCreation } from '../kind.ts';
import { serverEvents } from '../service/events.ts';
import { cutFailure, type ServiceName, statusFailure } from '../service/failure.ts';
import { request as post } from '../service/request.ts';
import { serviceUrl } from '../service/service-url.ts';
import { UploadedImages, uploadImage } from '../service/upload.ts';
import { warmConnection } from '../service/warm-connection.ts';
import type { LlmEngine, LlmEvent, LlmImage, LlmRequest } from './engine.ts';

const OPERATION = '/chat-messages';
/** Conversations whose Dify conversation is known. */
const REMEMBERED = 256;

/**
 * A Dify app (reference/providers.md §4.3). Dify keeps the history itself, under its own conversation id: of an interrupted answer it
 * remembers all it had generated, not what was heard, and its tools are the app's. `inputs` and MetaInfo go to the app's variables.
 */
export function createDifyLlm({ id, config }: EngineCreation): LlmEngine {
  const service: ServiceName = { stage: 'llm', engine: id };
  const url = serviceUrl(String(config.apiUrl), [OPERATION]);
  const headers = { authorization: `Bearer ${String(config.apiKey)}` };
  const images = new UploadedImages();
  const difyIds = new Map<string, string>();

  return { id, respond, warm: () => void warmConnection(service, url) };

  async function* respond(request: LlmRequest, signal: AbortSignal): AsyncIterable<LlmEvent> {
    const asked = request.messages.findLast((message) => message.role === 'user');
    const query = asked?.content ?? '';
    const user = request.headers?.['X-User-Id'] ?? String(config.user);
    const known = request.conversationId === undefined ? undefined : difyIds.get(request.conversationId);
    // Those of earlier questions are in Dify's own history.
    const files = await Promise.all((asked?.images ?? []).map((image) => images.idOf(image, user, () => upload(image, user, signal))));
    const json = {
      query,
      inputs: { ...(config.inputs as Record<string, unknown> | undefined), ...request.metaInfo },
      response_mode: 'streaming',
      user,
      conversation_id: known ?? config.conversationId ?? '',
      auto_generate_name: false,
      ...(files.length > 0 && {
        files: files.map((fileId) => ({ type: 'image', transfer_method: 'local_file', upload_file_id: fileId })),
      }),
    };
    const response = await post({ service, url, headers: { ...headers, ...request.headers }, json, signal });
    yield { kind: 'headers' };

    let taskId: string | undefined;
    let said = '';
    let done: Extract<LlmEvent, { kind: 'done' }> | undefined;
    try {
      for await (const { data } of serverEvents(response, service, signal)) {
        const event = parse(data);
        if (typeof event.task_id === 'string') taskId = event.task_id;
        if (typeof event.conversation_id === 'string' && event.conversation_id !== '')
          remember(request.conversationId, event.conversation_id);
        switch (event.event) {
          case 'message':
          case 'agent_message':
            if (typeof event.answer !== 'string' || event.answer === '') break;
            said += event.answer;
            yield { kind: 'text', text: event.answer };
            break;
          case 'agent_thought':
            if (typeof event.thought === 'string' && event.thought !== '') yield { kind: 'reasoning', text: event.thought };
            break;
          case 'message_replace': {
            // Moderation took the answer back: what was not said of the new one may still follow, the rest of the old one must not.
            const answer = typeof event.answer === 'string' ? event.answer : '';
            if (answer.startsWith(said) && answer.length > said.length) yield { kind: 'text', text: answer.slice(said.length) };
            done = { kind: 'done', finish: 'stop' };
            break;
          }
          case 'message_end':
            done = { kind: 'done', finish: 'stop', ...usageIn(event.metadata) };
            break;
          case 'error':
            done = { kind: 'done', finish: 'stop' }; // Dify has ended it: there is nothing to stop
            throw failureIn(event);
          default: // pings, workflow steps, files, its own speech
        }
        if (done !== undefined) break;
      }
      if (signal.aborted) return;
      if (done === undefined) throw cutFailure(service, new Error('the stream ended before the message did'));
    } finally {
      if (done === undefined && taskId !== undefined) stop(taskId, user);
    }
    yield done;
  }

  async function upload(image: LlmImage, user: string, signal: AbortSignal): Promise<string> {
    const uploadUrl = new URL(url);
    uploadUrl.pathname = url.pathname.replace(/\/chat-messages\/*$/u, '/files/upload');
    const answer = (await uploadImage(image, { service, url: uploadUrl, headers, fields: { user } }, signal)) as { id?: unknown } | null;
    if (typeof answer?.id !== 'string') throw new TalkError('engine/failed', { ...service, reason: 'the uploaded image got no id' });
    return answer.id;
  }

  function remember(conversationId: string | undefined, difyId: string): void {
    if (conversationId === undefined) return;
    difyIds.delete(conversationId);
    difyIds.set(conversationId, difyId);
    const oldest = difyIds.keys().next();
    if (difyIds.size > REMEMBERED && !oldest.done) difyIds.delete(oldest.value);
  }

  function stop(taskId: string, user: string): void {
    const stopUrl = new URL(url);
    stopUrl.pathname = `${url.pathname}/${encodeURIComponent(taskId)}/stop`;
    post({ service, url: stopUrl, headers, json: { user }, signal: AbortSignal.timeout(5000) }).then(
      (response) => response.body?.cancel(),
      () => undefined, // it was only a courtesy
    );
  }

  function failureIn(event: Record<string, unknown>): TalkError {
    const reason = [event.code, event.message].filter((part) => typeof part === 'string').join(': ');
    const status = Number(event.status);
    if (event.code === 'provider_quota_exceeded') return new TalkError('engine/rate-limited', { ...service, reason }, { retryable: true });
    return statusFailure(service, Number.isInteger(status) && status >= 400 ? status : 400, reason);
  }
}

function parse(data: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function usageIn(metadata: unknown): { inputTokens?: number; outputTokens?: number } {
  const usage = (metadata as { usage?: { prompt_tokens?: unknown; completion_tokens?: unknown } } | null | undefined)?.usage;
  return {
    ...(typeof usage?.prompt_tokens === 'number' && { inputTokens: usage.prompt_tokens }),
    ...(typeof usage?.completion_tokens === 'number' && { outputTokens: usage.completion_tokens }),
  };
}
