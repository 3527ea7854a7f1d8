import { randomUUID } from 'node:crypto';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { ConversationPeer } from '../../conversation.ts';
import { type DeviceName, deviceId } from '../devices.ts';
import { asObject, type BoardJson, encodeForBoard, toBoardJson } from './board-text.ts';
import { downTopic } from './topics.ts';

/**
 * The thing-model actions that seed 000 documents, as tools for a language model: tool name = actionId, arguments = params,
 * `response` = result (reference/twetalk.md §3.4).
 */
export const deviceTools: ReturnType<ConversationPeer['tools']> = [
  {
    name: 'control_volume',
    description: 'Sets, raises or lowers the volume of the device. 控制设备音量。',
    parameters: {
      type: 'object',
      properties: {
        action: { type: 'string', enum: ['set', 'increase', 'decrease'] },
        volume: { type: 'integer', minimum: 0, maximum: 100, description: 'The level to set, or how far to change it.' },
      },
      required: ['action'],
    },
  },
  {
    name: 'get_battery',
    description: 'Reads the battery charge of the device in percent. 查询设备电量。',
    parameters: { type: 'object', properties: {} },
  },
  {
    name: 'set_alarm_clock',
    description: 'Sets an alarm clock on the device. 设置闹钟。',
    parameters: {
      type: 'object',
      properties: {
        hour: { type: 'string', description: '0-23' },
        minute: { type: 'string', description: '0-59' },
        frequency: { type: 'string', enum: ['once', 'daily', 'weekly'] },
        day_choice: { type: 'string', description: 'Monday … Sunday, Once or Daily' },
      },
      required: ['hour', 'minute', 'frequency'],
    },
  },
];

interface PendingCall {
  deviceId: string;
  settle(reply: Record<string, unknown>): void;
}

/**
 * Tool calls under way: an action goes down, its reply comes back under the same client token, and every call ends exactly
 * once. The stock firmware has no actions and answers nothing, so the timeout is an ordinary outcome.
 */
export class ToolCalls {
  readonly #clock: Clock;
  readonly #publish: (topic: string, payload: string) => Promise<void>;
  readonly #pending = new Map<string, PendingCall>();

  constructor(clock: Clock, publish: (topic: string, payload: string) => Promise<void>) {
    this.#clock = clock;
    this.#publish = publish;
  }

  /** Resolves with the reply's `response`. Rejects with TalkError 'tool/timeout' | 'tool/failed', or the signal's reason. */
  async call(
    device: DeviceName,
    name: string,
    parameters: Record<string, unknown>,
    options: { timeoutMs: number; signal: AbortSignal },
  ): Promise<unknown> {
    options.signal.throwIfAborted();
    const clientToken = randomUUID();
    const timestamp = Math.floor(this.#clock.wallMs() / 1000);
    const params = toBoardJson(parameters);
    const payload = encodeForBoard({ method: 'action', clientToken, actionId: name, timestamp, params });
    const reply = this.#await(device, name, clientToken, options);
    this.#publish(downTopic('action', device), payload).catch((cause) => {
      this.#pending.get(clientToken)?.settle({ code: -1, status: cause instanceof TalkError ? cause.code : 'not-published' });
    });
    const { code, status, response } = await reply;
    if (code !== 0) throw new TalkError('tool/failed', { name, code: code ?? null, status: status ?? null });
    return response ?? null;
  }

  /** Whether the reply was one somebody waited for. */
  settle(device: DeviceName, reply: Record<string, unknown>): boolean {
    const call = typeof reply.clientToken === 'string' ? this.#pending.get(reply.clientToken) : undefined;
    if (call === undefined || call.deviceId !== deviceId(device)) return false;
    call.settle(reply);
    return true;
  }

  #await(
    device: DeviceName,
    name: string,
    clientToken: string,
    { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
  ): Promise<Record<string, unknown>> {
    return new Promise((resolve, reject) => {
      const end = (finish: () => void) => {
        this.#pending.delete(clientToken);
        cancelTimeout();
        signal.removeEventListener('abort', onAbort);
        finish();
      };
      const onAbort = () => end(() => reject(signal.reason));
      const deadlineUs = this.#clock.nowUs() + timeoutMs * 1000;
      const cancelTimeout = this.#clock.at(deadlineUs as ReturnType<Clock['nowUs']>, () => {
        end(() => reject(new TalkError('tool/timeout', { name, timeoutMs }, { retryable: true })));
      });
      signal.addEventListener('abort', onAbort, { once: true });
      this.#pending.set(clientToken, { deviceId: deviceId(device), settle: (reply) => end(() => resolve(reply)) });
    });
  }
}

/** The actions in the words of `get_model_define`. */
export function actionDefinitions(): BoardJson[] {
  return deviceTools.map((tool) => ({
    id: tool.name,
    input: Object.keys(asObject(tool.parameters.properties) ?? {}).map((id) => ({ id })),
  }));
}
