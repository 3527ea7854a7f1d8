import { TalkError } from '../../../preload/contract/errors.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { Frame } from '../../gateways/twetalk/frames.ts';
import type { DownTopic } from '../../gateways/twetalk/topics.ts';
import { type BoardValue, readNumber, readPath, readString, scanObject } from './board-json.ts';
import { CloudLink } from './cloud-link.ts';
import { createCodec } from './codec.ts';
import { Microphone } from './microphone.ts';
import { type ReceivedAudio, Recording } from './recording.ts';
import { createSdkLog, logEvent, type sdkEvents } from './sdk-log.ts';
import { Speaker } from './speaker.ts';
import { ThingModel } from './thing-model.ts';
import { openVoiceLink, type VoiceLink } from './voice-link.ts';

const SDK_VERSION = '1.1.8';
const URL_REPLY_TIMEOUT_US = 5_000_000;

export type FirmwareState = 'idle' | 'connecting' | 'connected' | 'listening' | 'speaking';

export interface FirmwareOptions {
  clock: Clock;
  broker: { host: string; port: number };
  productId: string;
  deviceName: string;
  /** Base64. */
  secret: string;
  language: 'zh' | 'en';
  audioType: 'opus' | 'pcm';
  audioInterval: 20 | 40 | 60;
  /** Serial output as it stands on the wire: colours, CR LF. */
  print: (text: string) => void;
  /** idle: off · connecting · connected: MQTT without a voice connection · listening: voice connection open · speaking: the speaker plays. */
  onState: (state: FirmwareState) => void;
  /** Out of band, for the bench: when the speaker was first heard in a reply (D1) and when it fell silent (I3). */
  onPlayout: (report: { kind: 'audible' | 'silent'; atUs: MonoUs }) => void;
  onReplyAudio?: (packet: Uint8Array, receivedUs: MonoUs) => void;
  /** RTVI messages from the bench: their type and, where there is one, `data.text` as the board's reader saw it. */
  onMessage?: (type: string, text: string | null) => void;
  contacts?: readonly { name: string; openId: string }[];
  customParams?: Record<string, string>;
  /** Milliseconds since the chip's reset, for the log. Counts from `start()` when not given. */
  ticksMs?: () => number;
}

/** One object is one boot of the application: started once, stopped once. */
export interface TwetalkFirmware {
  readonly state: FirmwareState;
  readonly thing: ThingModel;
  /**
   * Boots the application: MQTT, then the voice connection. Rejects with TalkError 'talk/refused' {stage: 'mqtt' | 'query' |
   * 'websocket', reason} when the bench does not take it, 'cancelled' when stopped meanwhile.
   */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Says 16 kHz mono samples into the microphone; resolves when the last one went out. Wakes the voice connection when it is gone. */
  speak(pcm: Int16Array): Promise<void>;
  /** `TWeTalk_WS_SendTextToLLM`. */
  sendText(text: string): Promise<void>;
  receivedAudio(): ReceivedAudio;
  /** Forgets what was received so far. */
  clearReceivedAudio(): void;
}

/**
 * The TWeTalk demo application of an ESP32 board as a device-side client, in the order of reference/twetalk.md §2, with the
 * traps of the real one: its JSON reader, its ring of 90 frames, its log.
 */
export function createTwetalkFirmware(options: FirmwareOptions): TwetalkFirmware {
  const { clock, productId, deviceName } = options;
  const thing = new ThingModel();
  const recording = new Recording();
  let startedUs = clock.nowUs();
  const ticksMs = options.ticksMs ?? (() => Math.floor((clock.nowUs() - startedUs) / 1000));
  const log = createSdkLog({ ticksMs, print: options.print });
  const codec = createCodec(options.audioType, options.audioInterval);
  const cloud = new CloudLink({ clock, log, broker: options.broker, device: options, onMessage: receiveMqtt, onState: onCloudState });

  let state: FirmwareState = 'idle';
  let voice: VoiceLink | null = null;
  let waking: Promise<VoiceLink> | null = null;
  let isStopped = true;
  let messageCount = 0;
  let awaitedUrl: { token: string; resolve: (text: string) => void } | null = null;

  function setState(next: FirmwareState): void {
    if (next === state) return;
    state = next;
    options.onState(next);
  }

  function restingState(): FirmwareState {
    if (isStopped) return 'idle';
    if (voice?.isOpen) return 'listening';
    return cloud.isConnected ? 'connected' : 'connecting';
  }

  function onCloudState(isConnected: boolean): void {
    if (!isConnected) log.sdk('ERR', 'twetalk_app.c|_mqtt_event_handler(205)', 'mqtt disconnected');
    if (state !== 'speaking') setState(restingState());
  }

  const speaker = new Speaker({
    clock,
    decode: codec.decode,
    onAudible: (atUs) => options.onPlayout({ kind: 'audible', atUs }),
    onSilent: (atUs) => options.onPlayout({ kind: 'silent', atUs }),
    onPlayed: (pcm, atUs) => recording.played(pcm, atUs),
    onOverflow: () => log.sdk('ERR', 'twetalk_ws.c|ws_recv(451)', 'recv ring buffer full, frame dropped: -918'),
    onUnderrun: (gapUs) => log.idf('W', 'AUDIO_PROCESSOR', `playback underrun, ring buffer empty for ${Math.round(gapUs / 1000)} ms`),
    onUndecodable: (packet) => log.idf('E', 'ESP_GMF_ASMP_DEC', `Failed to decode, size:${packet.length}`),
    onPlaying: (isPlaying) => setState(isPlaying ? 'speaking' : restingState()),
  });

  const microphone = new Microphone({
    clock,
    frameMs: options.audioInterval,
    onFrame(pcm) {
      const frame = { kind: 'audio', id: 0n, name: '', audio: codec.encode(pcm), sampleRate: 16000, channels: 1 } as const;
      if (voice?.isOpen && !voice.send(frame)) log.sdk('ERR', 'twetalk_ws.c|TWeTalk_WS_SendAudio(702)', 'send buffer full: -918');
    },
  });

  async function start(): Promise<void> {
    startedUs = clock.nowUs();
    isStopped = false;
    log.plain('========================================');
    log.plain(`current version: ${SDK_VERSION}`);
    log.plain(`device_id      : ${productId}_${deviceName}`);
    log.plain('========================================');
    setState('connecting');
    try {
      await cloud.connect();
      log.sdk('INF', 'twetalk_app.c|twetalk_thread_entry(386)', 'Cloud Device Construct Success');
      await wake();
      await cloud.subscribe('ota');
      await cloud.publish('ota', `{"type":"report_version","report":{"version":"esp32s3_v${SDK_VERSION}"}}`, 0);
      await report({ battery: thing.battery, volume: thing.volume });
    } catch (error) {
      setState(cloud.isConnected ? restingState() : 'idle');
      throw error;
    }
  }

  /** The voice connection, opened when there is none: at boot, and again when the board is woken after the server closed it. */
  function wake(): Promise<VoiceLink> {
    if (voice?.isOpen) return Promise.resolve(voice);
    waking ??= connectVoice().finally(() => {
      waking = null;
    });
    return waking;
  }

  async function connectVoice(): Promise<VoiceLink> {
    const { url, port, token } = await queryWebSocketUrl();
    const address = new URL(url);
    address.port = String(port);
    const customParams = options.customParams === undefined ? {} : { customParams: JSON.stringify(options.customParams) };
    const { language, audioType } = options;
    const audioInterval = String(options.audioInterval);
    address.search = new URLSearchParams({ productId, deviceName, token, language, audioType, audioInterval, ...customParams }).toString();
    const link = await openVoiceLink(address.href, {
      onFrame: receiveFrame,
      onPing: (payloadBytes) => {
        const text = `Received Ping, auto-replied Pong (payload len:1010820564 data len : ${payloadBytes})`;
        log.sdk('INF', 'twetalk_ws.c|ws_recv(474)', text);
      },
      onMalformed: (sizeBytes) => log.sdk('ERR', 'twetalk_ws.c|ws_recv(466)', `unknown message, len : ${sizeBytes}`),
      onClosed: (code) => voiceClosed(link, code),
    });
    if (isStopped) {
      link.close();
      throw new TalkError('cancelled');
    }
    voice = link;
    log.sdk('INF', 'network_interface.c|_network_tcp_connect(63)', `connected with TCP server: ${address.hostname}:${port}`);
    log.sdk('DBG', 'twetalk_ws.c|_twetalk_ws_connect(450)', `ws url ${url}${address.search}:${port} connect : 0`);
    log.sdk('INF', 'twetalk_ws.c|_ws_recv_thread_entry(156)', 'ws recv thread start');
    log.sdk('INF', 'twetalk_ws.c|TWeTalk_WS_Init(672)', 'ai talk init success(0)');
    setState('listening');
    sendContacts(link);
    microphone.open();
    link.begin();
    return link;
  }

  async function queryWebSocketUrl(): Promise<{ url: string; port: number; token: string }> {
    const clientToken = `ws-${Math.floor(ticksMs() / 1000)}`;
    const answer = new Promise<string>((resolve, reject) => {
      const cancel = clock.at((clock.nowUs() + URL_REPLY_TIMEOUT_US) as MonoUs, () => {
        reject(new TalkError('talk/refused', { stage: 'query', reason: 'no reply' }));
      });
      awaitedUrl = {
        token: clientToken,
        resolve(text) {
          cancel();
          resolve(text);
        },
      };
    });
    answer.catch(() => {}); // The publish below may fail first.
    await cloud.publish('twecall', `{"method":"query_websocket_url","clientToken":"${clientToken}","params":{"connect_type":"talk"}}`, 1);
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

  /** The skeleton of this message is not published (reference/twetalk.md §6.1); the list itself is. */
  function sendContacts(link: VoiceLink): void {
    const { contacts = [] } = options;
    if (contacts.length === 0) return;
    const list = contacts.slice(0, 10).map(({ name, openId }) => ({ [name]: openId }));
    sendMessage(link, 'client-message', { t: 'call-sync-openids', d: list });
  }

  function sendMessage(link: VoiceLink, type: string, data: object): void {
    messageCount += 1;
    link.send({ kind: 'message', data: JSON.stringify({ label: 'rtvi-ai', type, id: String(messageCount), data }) });
  }

  function voiceClosed(link: VoiceLink, code: number): void {
    if (voice !== link) return;
    voice = null;
    microphone.close();
    speaker.replyStopped();
    logEvent(log, code === 1000 || code === 1001 ? 'disconnect' : 'error', `recv error: ${-(1000 + code)}`);
    if (state !== 'speaking') setState(restingState());
  }

  function receiveFrame(frame: Frame): void {
    if (isStopped) return;
    if (frame.kind === 'audio') {
      const receivedUs = clock.nowUs();
      recording.received(frame.audio, receivedUs);
      options.onReplyAudio?.(frame.audio, receivedUs);
      speaker.push(frame.audio);
    } else if (frame.kind === 'message') receiveRtvi(frame.data);
  }

  function receiveRtvi(json: string): void {
    const type = readString(json, 'type');
    if (type === null) {
      log.sdk('ERR', 'utils_json.c|utils_json_value_get(118)', `json parse failed: ${json}`);
      return;
    }
    const text = readString(json, 'data.text');
    options.onMessage?.(type, text);
    if (type === 'bot-started-speaking') speaker.replyStarted();
    if (type === 'bot-stopped-speaking') speaker.replyStopped();
    const line = eventText(type, json, text ?? '');
    if (line !== null) logEvent(log, line.event, line.text);
  }

  function receiveMqtt(kind: DownTopic, text: string): void {
    const members = scanObject(text);
    if (kind === 'twecall') log.sdk('DBG', 'twetalk_mqtt.c|_twecall_message_cb(59)', `twecall message arrived: ${text}`);
    else log.sdk('DBG', `data_template_${kind}.c|data_template_${kind}_message_handler(211)`, `receive ${kind} message:${text}`);
    if (members === null) {
      log.sdk('ERR', 'utils_json.c|utils_json_value_get(118)', `json parse failed: ${text}`);
      return;
    }
    const method = members.get('method')?.text;
    const clientToken = members.get('clientToken')?.text ?? '';
    if (kind === 'twecall' && method === 'query_websocket_url_reply') {
      if (awaitedUrl?.token === clientToken) awaitedUrl.resolve(text);
    } else if (kind === 'twecall' && method === 'voip_join') {
      logEvent(
        log,
        'calling',
        `calling roomid: ${readString(text, 'params.roomId') ?? ''} caller id : ${readString(text, 'params.openId') ?? ''}`,
      );
    } else if (kind === 'twecall' && method === 'voip_cancel') {
      logEvent(log, 'cancel', `usr cancel. roomid: ${readString(text, 'params.roomId') ?? ''}`);
    } else if (kind === 'property' && method === 'control') background(control(text, clientToken));
    else if (kind === 'action' && method === 'action') background(act(members, clientToken));
  }

  async function control(text: string, clientToken: string): Promise<void> {
    const volume = readNumber(text, 'params.volume');
    if (volume !== null) {
      thing.setVolume(volume);
      await report({ volume: thing.volume });
    }
    await cloud.publish('property', `{"method":"control_reply","clientToken":"${clientToken}","code":0}`, 0);
  }

  async function act(members: Map<string, BoardValue>, clientToken: string): Promise<void> {
    const before = thing.volume;
    const response = thing.run(members.get('actionId')?.text ?? '', members.get('params')?.text ?? '{}');
    if (response === null) return;
    await cloud.publish('action', `{"method":"action_reply","clientToken":"${clientToken}","code":0,"response":${response}}`, 0);
    if (thing.volume !== before) await report({ volume: thing.volume });
  }

  async function report(properties: Record<string, number>): Promise<void> {
    const clientToken = `clear-control-${Math.floor(ticksMs() / 1000)}`;
    await cloud.publish('property', `{"method":"report","params":${JSON.stringify(properties)},"clientToken":"${clientToken}"}`, 0);
  }

  /** What the board does on its own; a connection lost meanwhile has its own line in the log. */
  function background(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (!(error instanceof TalkError)) throw error;
      log.sdk('ERR', 'twetalk_app.c|twetalk_thread_entry(420)', `publish failed: ${error.code}`);
    });
  }

  return {
    get state() {
      return state;
    },
    thing,
    start,
    async stop() {
      isStopped = true;
      microphone.close();
      speaker.close();
      voice?.close();
      voice = null;
      await cloud.stop();
      codec.close();
      setState('idle');
    },
    async speak(pcm) {
      await wake();
      await microphone.speak(pcm);
    },
    async sendText(text) {
      const link = await wake();
      sendMessage(link, 'send-text', { content: text, options: { run_immediately: true, audio_response: true } });
    },
    receivedAudio: () => recording.snapshot(),
    clearReceivedAudio: () => recording.clear(),
  };
}

/** What the application prints for an RTVI message; null for those the C SDK has no event for. */
function eventText(type: string, json: string, text: string): { event: keyof typeof sdkEvents; text: string } | null {
  switch (type) {
    case 'bot-started-speaking':
      return { event: type, text: 'bot start speaking' };
    case 'bot-stopped-speaking':
      return { event: type, text: 'bot stop speaking' };
    case 'user-started-speaking':
      return { event: type, text: 'usr start speaking' };
    case 'user-stopped-speaking':
      return { event: type, text: 'usr stop speaking' };
    case 'bot-transcription':
      return { event: type, text: `bot: ${text}` };
    case 'user-transcription':
      return { event: type, text: `usr: ${text}` };
    case 'metrics':
      return { event: type, text: `metrics: ${readPath(json, 'data')?.text ?? ''}` };
    case 'error':
      return { event: type, text: `recv error: ${readString(json, 'data.error') ?? ''}` };
    default:
      return null;
  }
}
