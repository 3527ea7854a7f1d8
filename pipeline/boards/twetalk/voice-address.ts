import { TalkError } from '../../../preload/contract/errors.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { readNumber, readString } from './board-json.ts';
import type { FirmwareOptions } from './firmware-options.ts';
import type { SdkLog } from './sdk-log.ts';

const URL_REPLY_TIMEOUT_US = 5_000_000;

/** A connection made to take, or not to take, a call. */
export interface CallConnect {
  roomId: string;
  response: 'answer' | 'reject';
}

export interface VoiceUrl {
  url: string;
  port: number;
  token: string;
}

/** `query_websocket_url`: where the voice connection goes, asked over MQTT before each (reference/twetalk.md §3.2). */
export class UrlQuery {
  readonly #deps: { clock: Clock; log: SdkLog; publish: (payload: string) => Promise<void> };
  #awaited: { clientToken: string; resolve: (text: string) => void } | null = null;

  constructor(deps: { clock: Clock; log: SdkLog; publish: (payload: string) => Promise<void> }) {
    this.#deps = deps;
  }

  /** Rejects with TalkError 'talk/refused' {stage: 'query', reason}. */
  async ask(clientToken: string, call?: CallConnect): Promise<VoiceUrl> {
    const { clock, log, publish } = this.#deps;
    const answer = new Promise<string>((resolve, reject) => {
      const cancel = clock.at((clock.nowUs() + URL_REPLY_TIMEOUT_US) as MonoUs, () => {
        reject(new TalkError('talk/refused', { stage: 'query', reason: 'no reply' }));
      });
      this.#awaited = {
        clientToken,
        resolve(text) {
          cancel();
          resolve(text);
        },
      };
    });
    answer.catch(() => {}); // The publish below may fail first.
    // The answering path names the room, the refusing one does not.
    const room = call?.response === 'answer' ? `,"room_id":"${call.roomId}"` : '';
    const params = `{"connect_type":"${call === undefined ? 'talk' : 'call'}"${room}}`;
    await publish(`{"method":"query_websocket_url","clientToken":"${clientToken}","params":${params}}`);
    log.sdk('DBG', 'twetalk_mqtt.c|query_websocket_url(247)', 'wait query_websocket_url reply....');
    const text = await answer;
    const code = readNumber(text, 'code');
    const url = readString(text, 'params.websocket_url');
    const port = readNumber(text, 'params.websocket_port');
    const token = readString(text, 'params.token');
    if (code !== 0 || url === null || port === null || token === null) {
      log.sdk('ERR', 'twetalk_mqtt.c|query_websocket_url(259)', `query websocket url failed: ${code ?? -300}`);
      throw new TalkError('talk/refused', { stage: 'query', reason: `code ${code ?? 'unreadable'}` });
    }
    return { url, port, token };
  }

  answered(clientToken: string, text: string): void {
    if (this.#awaited?.clientToken === clientToken) this.#awaited.resolve(text);
  }
}

/** The URL the SDK makes of it, with what it says about itself in the query (§4). */
export function voiceAddress({ url, port, token }: VoiceUrl, options: FirmwareOptions, call?: CallConnect): URL {
  const { productId, deviceName, language, audioType, customParams, isPushToTalk, isMultimodal } = options;
  const address = new URL(url);
  address.port = String(port);
  if (call !== undefined) address.pathname += '_voip';
  else if (isMultimodal === true) address.pathname += '_vl';
  address.search = new URLSearchParams({
    ...{ productId, deviceName, token, language, audioType, audioInterval: String(options.audioInterval) },
    ...(customParams === undefined ? {} : { customParams: typeof customParams === 'string' ? customParams : JSON.stringify(customParams) }),
    ...(isPushToTalk === true ? { userTurnMode: 'push_to_talk' } : {}),
    ...(call === undefined ? {} : { roomId: call.roomId, response: call.response }),
  }).toString();
  return address;
}
