import { readFile } from 'node:fs/promises';
import { encodeWav } from '../../../pipeline/audio/wav.ts';
import { type DeviceName, deviceId } from '../../../pipeline/gateways/devices.ts';
import type { TwetalkGateway } from '../../../pipeline/gateways/twetalk/gateway.ts';
import { createTwetalkMemory, type TwetalkMemory } from '../../../pipeline/gateways/twetalk/memory.ts';
import type { CallRecord, LiveDevice } from '../../../preload/contract/cloud/twetalk.ts';
import type { PipelineEvent } from '../../../preload/contract/events.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { LiveAudios } from '../audio/audio.ts';
import { Topic } from '../endpoint/topic.ts';
import type { CloudService, CloudServiceDeps } from './service.ts';
import { FirmwareFiles } from './twetalk/firmware-files.ts';
import { openSound } from './twetalk/sounds.ts';

const SAMPLE_RATE = 16_000;
const KEPT_CALLS = 200;

type Calls =
  | 'device.control'
  | 'device.action'
  | 'device.forgetControl'
  | 'device.live'
  | 'ota.files'
  | 'ota.addFile'
  | 'ota.removeFile'
  | 'ota.update'
  | 'calls.list'
  | 'calls.ring'
  | 'calls.answer'
  | 'calls.refuse'
  | 'calls.hangUp'
  | 'calls.heard';
type Streams = 'device.live' | 'calls.state';

export interface TwetalkService extends CloudService<Calls, Streams> {
  /** What the gateway keeps here, so that it outlives its listeners. */
  memory: TwetalkMemory;
  onCall(record: CallRecord): void;
  /** A stored firmware of that name, the newest; null where there is none. */
  firmware(name: string): Promise<{ name: string; version: string; data: Uint8Array } | null>;
  /** The gateway there is now; null while the listeners are closed. */
  attach(gateway: TwetalkGateway | null): void;
}

/** The operator's side of TWeTalk's devices: their things by hand, their firmware, their calls. */
export async function createTwetalkService(deps: CloudServiceDeps & { openAudio?: LiveAudios['open'] }): Promise<TwetalkService> {
  const { clock, observer, store, devices, dataDirectory, log } = deps;
  const files = await FirmwareFiles.open({ store, dataDirectory, wallMs: () => clock.wallMs(), log });
  const records = new Map<string, CallRecord>();
  let gateway: TwetalkGateway | null = null;
  const liveTopic = new Topic<LiveDevice[], LiveDevice>({
    snapshot: () => memory.shadows.all().map((shadow) => live(shadow)),
  });
  const callTopic = new Topic<CallRecord[], CallRecord>({ snapshot: () => [...records.values()] });
  const memory = createTwetalkMemory({ clock, observer, onChange: (device) => liveTopic.publish(live(device)) });

  function live(device: DeviceName): LiveDevice {
    const { productId, deviceName } = device;
    const isOnline = gateway?.isOnline(device) ?? false;
    const subscriptions = gateway?.subscriptions(device) ?? null;
    return {
      ...memory.shadows.of(device),
      productId,
      deviceName,
      isOnline,
      subscriptions: subscriptions === null ? null : [...subscriptions],
    };
  }

  /** What reaches the device. A name that nobody registered is a mistake, not a board that is away: nothing is kept for it. */
  function open({ productId, deviceName }: DeviceName): TwetalkGateway {
    if (devices.find(productId, deviceName) === undefined) throw new TalkError('device/unknown', { productId, deviceName });
    if (gateway === null) throw new TalkError('device/offline', { productId, deviceName }, { retryable: true });
    return gateway;
  }

  function calls(callId: string): TwetalkGateway['calls'] {
    if (gateway !== null) return gateway.calls;
    throw new TalkError('not-found', { what: 'call', id: callId });
  }

  function onCall(record: CallRecord): void {
    records.delete(record.callId);
    records.set(record.callId, record);
    const [oldest] = records.keys();
    if (records.size > KEPT_CALLS && oldest !== undefined) records.delete(oldest);
    callTopic.publish(record);
  }

  const sound = (audio: Parameters<typeof openSound>[0], name: string) =>
    openSound(audio, { clock, name, ...(deps.openAudio === undefined ? {} : { openAudio: deps.openAudio }) });

  return {
    memory,
    onCall,
    async firmware(name) {
      const file = files.list().findLast((one) => one.name === name);
      if (file === undefined) return null;
      return { name, version: file.version, data: new Uint8Array(await readFile(files.firmware(file.id).path)) };
    },
    attach(next) {
      gateway = next;
      for (const shadow of memory.shadows.all()) liveTopic.publish(live(shadow));
    },
    observe(event: PipelineEvent) {
      if (event.kind === 'device.online' || event.kind === 'device.offline') {
        const { productId, deviceName } = event;
        memory.shadows.touched({ productId, deviceName });
      }
    },
    calls: {
      'device.control': async ({ productId, deviceName, properties }, { signal }) => {
        const device = { productId, deviceName };
        const startedUs = clock.nowUs();
        const outcome = await open(device).control(device, properties, signal);
        return { outcome, elapsedMs: (clock.nowUs() - startedUs) / 1000 };
      },
      'device.action': async ({ productId, deviceName, actionId, params }, { signal }) => {
        const device = { productId, deviceName };
        const startedUs = clock.nowUs();
        const response = await open(device).callTool(device, actionId, params, signal);
        return { response, elapsedMs: (clock.nowUs() - startedUs) / 1000 };
      },
      'device.forgetControl': async (device) => {
        memory.shadows.taken(device);
        return {};
      },
      'device.live': async ({ productId, deviceName }) => live({ productId, deviceName }),
      'ota.files': async () => ({ files: files.list() }),
      'ota.addFile': (file) => files.add(file),
      'ota.removeFile': async ({ id }) => {
        if (memory.updates.isFetched(id)) throw new TalkError('ota/in-use', { name: files.firmware(id).name });
        await files.remove(id);
        return {};
      },
      'ota.update': async ({ productId, deviceName, fileId, fault }) => {
        const device = { productId, deviceName };
        return open(device).update(device, files.firmware(fileId), fault);
      },
      'calls.list': async () => ({ calls: [...records.values()] }),
      'calls.ring': async ({ productId, deviceName, caller, audio }) => {
        const device = { productId, deviceName };
        const { calls: switchboard } = open(device);
        const far = await sound(audio, `call-${deviceId(device)}`);
        try {
          return switchboard.ring(device, caller, far);
        } catch (error) {
          far.close();
          throw error;
        }
      },
      'calls.answer': async ({ callId, audio }) => calls(callId).answer(callId, await sound(audio, `call-${callId}`)),
      'calls.refuse': async ({ callId, how, code }) => calls(callId).refuse(callId, how, code),
      'calls.hangUp': async ({ callId }) => calls(callId).hangUp(callId),
      'calls.heard': async ({ callId }) => {
        const pcm = calls(callId).heard(callId);
        const wav = encodeWav({ channels: [pcm], sampleRate: SAMPLE_RATE });
        return { wav, durationMs: (pcm.length * 1000) / SAMPLE_RATE };
      },
    },
    streams: { 'device.live': () => ({ topic: liveTopic }), 'calls.state': () => ({ topic: callTopic }) },
  };
}
