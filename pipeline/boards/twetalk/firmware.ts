import { TalkError } from '../../../preload/contract/errors.ts';
import type { Frame } from '../../gateways/twetalk/frames.ts';
import type { DownTopic } from '../../gateways/twetalk/topics.ts';
import { random, seedOf } from '../random.ts';
import { attach } from './attachment.ts';
import { readPath, readString, scanObject } from './board-json.ts';
import { CloudLink } from './cloud-link.ts';
import { createCodec } from './codec.ts';
import type { FirmwareOptions, FirmwareState, TwetalkFirmware } from './firmware-options.ts';
import { Memory } from './memory.ts';
import { Microphone } from './microphone.ts';
import { Phone, type PhoneState } from './phone.ts';
import { Recording } from './recording.ts';
import { Room } from './room.ts';
import { eventLine } from './sdk-events.ts';
import { createSdkLog, logEvent } from './sdk-log.ts';
import { connectionsOf } from './slow-link.ts';
import { Speaker } from './speaker.ts';
import { ThingModel } from './thing-model.ts';
import { ThingService } from './thing-service.ts';
import { plainTraits } from './traits.ts';
import { startTwin } from './twin.ts';
import { Updater } from './updater.ts';
import { type CallConnect, UrlQuery, voiceAddress } from './voice-address.ts';
import { openVoiceLink, type VoiceLink } from './voice-link.ts';

const SDK_VERSION = '1.1.8';
/** Who is greeted is greeted at once. */
const GREETED_WITHIN_US = 2_500_000;
/** From a reply's end to the speech that ended it, at most. */
const SPOKEN_OVER_US = 500_000;
/** Of another device. */
const WRONG_SECRET = 'd3Jvbmcgc2VjcmV0IDEyMw==';

/**
 * The TWeTalk demo application of an ESP32 board as a device-side client, in the order of reference/twetalk.md §2, with the
 * traps of the real one: its JSON reader, its ring of 90 frames, its log.
 */
export function createTwetalkFirmware(options: FirmwareOptions): TwetalkFirmware {
  const { clock, productId, deviceName, traits = plainTraits() } = options;
  const next = random(seedOf(deviceName));
  const thing = new ThingModel();
  const recording = new Recording();
  let startedUs = clock.nowUs();
  const ticksMs = options.ticksMs ?? (() => Math.floor((clock.nowUs() - startedUs) / 1000));
  const log = createSdkLog({ ticksMs, print: options.print });
  const frameMs = traits.frameMs ?? options.audioInterval;
  const codec = options.codec ?? createCodec(options.audioType, frameMs, traits);
  const device = { productId, deviceName, secret: traits.isSecretWrong ? WRONG_SECRET : options.secret };
  const { reconnectMs } = traits;
  const cloud = new CloudLink({
    ...{ clock, log, broker: options.broker, device, onMessage: receiveMqtt, onState: onCloudState },
    ...(reconnectMs === undefined ? {} : { reconnectMs }),
  });
  const connect = connectionsOf(clock, traits.networkKbitS);
  const room = new Room(traits, next);
  const memory = new Memory({ clock, log, next, traits });

  let state: FirmwareState = 'idle';
  let voice: VoiceLink | null = null;
  let waking: Promise<VoiceLink> | null = null;
  let isStopped = true;
  let messageCount = 0;
  /** On this voice connection. */
  let replies = 0;
  let greetedUntilUs = 0;
  let isGreeting = false;
  let isSpokenOver = false;
  let stoppedUs = Number.NEGATIVE_INFINITY;
  let running = new AbortController();
  const things = new ThingService({
    ...{ thing, traits, ticksMs, onAction: options.onAction },
    publish: (kind, payload) => cloud.publish(kind, payload, 0),
    isStopped: () => isStopped,
  });
  const updater = new Updater(`esp32s3_v${traits.version ?? SDK_VERSION}`, {
    log,
    traits,
    connect,
    background,
    isPortFixed: options.isOtaPortFixed === true,
    publish: (payload) => cloud.publish('ota', payload, 0),
  });
  const query = new UrlQuery({ clock, log, publish: (payload) => cloud.publish('twecall', payload, 1) });
  const phone = new Phone({
    log,
    deviceId: `${productId}_${deviceName}`,
    manner: traits.answersCalls ? (options.phone ?? 'answer') : 'ignore',
    send(name, data) {
      if (voice?.isOpen !== true) return false;
      sendMessage(voice, 'client-message', { t: name, d: data });
      return true;
    },
    connect: (roomId, response) => background(connectVoice({ roomId, response }).then(() => {})),
    onState: onPhone,
  });

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
    if (isConnected) memory.take('cloud');
    else memory.give('cloud');
    if (!isConnected) log.sdk('ERR', 'twetalk_app.c|_mqtt_event_handler(205)', 'mqtt disconnected');
    if (state !== 'speaking') setState(restingState());
  }

  function onPhone(next: PhoneState): void {
    // What was said on the telephone is over with it.
    if (next === 'idle') speaker.replyStopped();
  }

  const speaker = new Speaker({
    clock,
    delayMs: traits.speakerDelayMs,
    pass: (pcm) => traits.play.reduce((sound, stage) => stage(sound), pcm),
    decode: codec.decode,
    // Of an answer of the agent's, not of what comes out of a telephone.
    onAudible: (atUs) => phone.state !== 'talking' && options.onPlayout({ kind: 'audible', atUs }),
    onSilent: (atUs) => phone.state !== 'talking' && options.onPlayout({ kind: 'silent', atUs }),
    onPlayed(pcm, atUs) {
      recording.played(pcm, atUs);
      room.played(pcm, atUs);
      options.audio?.play(pcm);
    },
    onOverflow: () => log.sdk('ERR', 'twetalk_ws.c|ws_recv(451)', 'recv ring buffer full, frame dropped: -918'),
    onUnderrun: (gapUs) => log.idf('W', 'AUDIO_PROCESSOR', `playback underrun, ring buffer empty for ${Math.round(gapUs / 1000)} ms`),
    onUndecodable: (packet) => log.idf('E', 'ESP_GMF_ASMP_DEC', `Failed to decode, size:${packet.length}`),
    onPlaying: (isPlaying) => setState(isPlaying ? 'speaking' : restingState()),
  });

  const microphone = new Microphone({
    clock,
    frameMs,
    fastPpm: traits.microphonePpm,
    isLive: options.audio !== undefined,
    onFrame(pcm, untilUs) {
      const packet = codec.encode(room.heard(pcm, untilUs));
      for (const audio of traits.send.reduce((packets, stage) => packets.flatMap(stage), [packet])) {
        const frame = { kind: 'audio', id: 0n, name: '', audio, sampleRate: 16000, channels: 1 } as const;
        if (voice?.isOpen && !voice.send(frame)) log.sdk('ERR', 'twetalk_ws.c|TWeTalk_WS_SendAudio(702)', 'send buffer full: -918');
      }
    },
  });

  async function start(): Promise<void> {
    startedUs = clock.nowUs();
    isStopped = false;
    running = new AbortController();
    log.plain('========================================');
    log.plain(`current version: ${traits.version ?? SDK_VERSION}`);
    log.plain(`device_id      : ${productId}_${deviceName}`);
    log.plain('========================================');
    setState('connecting');
    try {
      if (!(await join())) return;
      await cloud.connect();
      log.sdk('INF', 'twetalk_app.c|twetalk_thread_entry(386)', 'Cloud Device Construct Success');
      await wake();
      await cloud.subscribe('ota');
      await updater.reportVersion();
      await things.report({ battery: thing.battery, volume: thing.volume });
    } catch (error) {
      setState(cloud.isConnected ? restingState() : 'idle');
      throw error;
    }
  }

  /** The network, of a board that tells of it, then what its makers put into its flash. False: this is as far as it comes. */
  async function join(): Promise<boolean> {
    if (traits.tellsOfItself) {
      if (traits.bootError !== null) log.idf('E', traits.bootError.tag, traits.bootError.message);
      memory.start();
      const hasAddress = await attach({ clock, log, traits, ssid: options.ssid ?? 'talkbench', signal: running.signal });
      if (isStopped || !hasAddress) return false;
      memory.take('network');
    }
    if (!traits.hasDevice) {
      log.sdk('ERR', 'twetalk_app.c|_load_device_info(131)', 'no device info: product id, device name and secret are not set');
      return false;
    }
    if (traits.twinAfterMs !== null) {
      const endTwin = startTwin({ clock, broker: options.broker, device, afterMs: traits.twinAfterMs });
      running.signal.addEventListener('abort', endTwin);
    }
    return true;
  }

  /** The voice connection, opened when there is none: at boot, and again when the board is woken after the server closed it. */
  function wake(): Promise<VoiceLink> {
    if (voice?.isOpen) return Promise.resolve(voice);
    waking ??= connectVoice().finally(() => {
      waking = null;
    });
    return waking;
  }

  async function connectVoice(call?: CallConnect): Promise<VoiceLink> {
    const found = await query.ask(`ws-${Math.floor(ticksMs() / 1000)}`, call);
    const address = voiceAddress(found, options, call);
    const { url, port } = found;
    const link = await openVoiceLink(address.href, connect, {
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
    if (traits.tellsOfItself) memory.take('voice');
    replies = 0;
    greetedUntilUs = clock.nowUs() + GREETED_WITHIN_US;
    sendContacts(link);
    if (!traits.isIdleDetected) sendMessage(link, 'client-message', { t: 'enable-idle-detect', d: { enable: false } });
    microphone.open();
    options.audio?.listen((pcm) => microphone.hear(pcm));
    link.begin();
    return link;
  }

  /** The skeleton of this message is not published (reference/twetalk.md §6.1); the list itself is. */
  function sendContacts(link: VoiceLink): void {
    const { contacts = [], miniProgram } = options;
    if (miniProgram !== undefined) {
      const basic = { wxa_appid: miniProgram.appId, wxa_modelid: miniProgram.modelId, device_id: `${productId}_${deviceName}` };
      sendMessage(link, 'client-message', { t: 'twecall-basic', d: basic });
    }
    if (contacts.length === 0 || !traits.hasContacts) return;
    const list = contacts.slice(0, 10).map(({ name, openId }) => ({ [name]: openId }));
    sendMessage(link, 'client-message', { t: 'call-sync-openids', d: list });
  }

  function sendMessage(link: VoiceLink, type: string, data: object): void {
    messageCount += 1;
    link.send({ kind: 'message', data: JSON.stringify({ label: 'rtvi-ai', type, id: String(messageCount), data }) });
  }

  function closeMicrophone(): void {
    options.audio?.listen(null);
    microphone.close();
  }

  function voiceClosed(link: VoiceLink, code: number): void {
    if (voice !== link) return;
    voice = null;
    memory.give('voice');
    closeMicrophone();
    phone.lost();
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
      if (!isGreeting || traits.isGreetingPlayed) speaker.push(frame.audio);
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
    if (type === 'bot-started-speaking') {
      isSpokenOver = false;
      isGreeting = replies === 0 && clock.nowUs() < greetedUntilUs;
      speaker.replyStarted();
    }
    if (type === 'user-started-speaking') {
      isSpokenOver = true;
      // An interrupted reply is told to be over before what interrupted it.
      if (clock.nowUs() < stoppedUs + SPOKEN_OVER_US) speaker.repeat(traits.keepsPlayingMs);
    }
    if (type === 'bot-stopped-speaking') {
      memory.turned();
      isGreeting = false;
      replies += 1;
      if (replies === traits.voiceLostAfterReplies) voice?.close();
      stoppedUs = clock.nowUs();
      if (isSpokenOver) speaker.repeat(traits.keepsPlayingMs);
      speaker.replyStopped();
    }
    const line = eventLine(type, json, text ?? '');
    if (line !== null) logEvent(log, line.event, line.text);
    if (type === 'server-message' && readString(json, 'data.type') === 'twecall') phone.told(readPath(json, 'data')?.text ?? '{}');
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
      query.answered(clientToken, text);
    } else if (kind === 'twecall' && method === 'voip_join') phone.incoming(text);
    else if (kind === 'twecall' && method === 'voip_cancel') phone.cancelled(text);
    else if (kind === 'ota' && members.get('type')?.text === 'update_firmware') background(updater.update(text, running.signal));
    else if (kind === 'property' && method === 'control') background(things.control(text, clientToken));
    else if (kind === 'action' && method === 'action') background(things.act(members, clientToken));
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
    phone,
    get version() {
      return updater.version;
    },
    start,
    async stop() {
      isStopped = true;
      running.abort();
      memory.stop();
      closeMicrophone();
      speaker.close();
      options.audio?.hush();
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
    async pushToTalk(action) {
      sendMessage(await wake(), 'client-message', { t: 'ptt', d: { action } });
    },
    async enableIdleDetect(isOn) {
      sendMessage(await wake(), 'client-message', { t: 'enable-idle-detect', d: { enable: isOn } });
    },
    async sendImage(image) {
      const data = { image: Buffer.from(image).toString('base64') };
      sendMessage(await wake(), 'client-message', { t: 'send-image', d: data });
    },
    receivedAudio: (sinceUs) => recording.snapshot(sinceUs),
    clearReceivedAudio: () => recording.clear(),
  };
}
