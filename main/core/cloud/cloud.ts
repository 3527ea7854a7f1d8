import type { Conversation, StartConversation } from '../../../pipeline/conversation.ts';
import { addressLimit } from '../../../pipeline/gateways/address-share.ts';
import type { Gateway, GatewayDeps, WireAgain } from '../../../pipeline/gateways/gateway.ts';
import { createGatewayServer } from '../../../pipeline/gateways/http.ts';
import type { TlsIdentity } from '../../../pipeline/gateways/tls.ts';
import { startTwetalkGateway, type TwetalkGateway } from '../../../pipeline/gateways/twetalk/gateway.ts';
import type { LinkDoor } from '../../../pipeline/link/door.ts';
import type { ListenerState } from '../../../preload/contract/core.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { PipelineEvent } from '../../../preload/contract/events.ts';
import type { Settings } from '../../../preload/contract/settings.ts';
import type { LiveAudios } from '../audio/audio.ts';
import { createCallbackService } from './callbacks.ts';
import { createCertificates } from './certificates.ts';
import { createCloudApiService } from './cloud-api.ts';
import { FreePorts } from './free-ports.ts';
import { createReachService } from './reach.ts';
import type { CloudService, CloudServiceDeps } from './service.ts';
import { createSpeechService } from './speech.ts';
import { createTrtcService } from './trtc.ts';
import { createTuyaService } from './tuya.ts';
import { createTwetalkService } from './twetalk.ts';
import { createWireLogService } from './wire-log.ts';
import { createXiaozhiService } from './xiaozhi.ts';

export interface CloudDeps extends CloudServiceDeps {
  startConversation: StartConversation;
  /** The settings with what the command line says about listeners. */
  listenerSettings: () => Settings;
  sessionId: () => string | null;
  /** They have been opened, or opened anew. */
  onListeners: (listeners: readonly ListenerState[]) => void;
  onBindToken: (device: { productId: string; deviceName: string }, token: string) => void;
  links?: LinkDoor;
  /** A real microphone and speaker, for the mini-program's end of a call. */
  openAudio?: LiveAudios['open'];
}

/** Every cloud that the bench is for its boards: the services the app talks to, and their gateways once the listeners are open. */
export async function createCloud(deps: CloudDeps) {
  const { clock, observer, devices, agents, log } = deps;
  await using opened = new AsyncDisposableStack();
  let twetalk: TwetalkGateway | null = null;
  let gateways: { name: string; gateway: Gateway }[] = [];
  /** What is open now; replaced when the listeners are opened anew. */
  let running = new AsyncDisposableStack();
  let reopening: Promise<void> = Promise.resolve();
  let isClosed = false;
  const freePorts = new FreePorts();
  const listenerSettings = (): Settings => freePorts.in(deps.listenerSettings());
  const listeners = (): ListenerState[] => [...(twetalk?.listeners ?? []), ...gateways.flatMap(({ gateway }) => gateway.listeners)];

  const trtc = await createTrtcService(deps);
  const services = {
    twetalk: await createTwetalkService(deps),
    callbacks: await createCallbackService(deps),
    trtc,
    cloudApi: await createCloudApiService(deps, trtc.actions),
    speech: await createSpeechService(deps),
    tuya: await createTuyaService(deps),
    xiaozhi: await createXiaozhiService(deps),
    reach: await createReachService({ ...deps, listeners, reopen }),
    wireLog: await createWireLogService({ ...deps, resend }),
  };
  const all = Object.values(services);
  for (const service of all) opened.defer(() => service.close?.());
  const certificates = opened.adopt(createCertificates(deps), (it) => it.close());
  const everything = opened.move();

  /** Without certificates the plain listeners still work. */
  async function tlsIdentity(): Promise<TlsIdentity | null> {
    if (!deps.listenerSettings().listeners.isTlsOn) return null;
    try {
      const authority = await certificates.authority();
      await authority.renew();
      return authority.identity;
    } catch (error) {
      log.error({ err: error }, 'no certificates: TLS stays off');
      return null;
    }
  }

  async function start(): Promise<void> {
    const { host, gatewayPort, gatewayTlsPort } = listenerSettings().listeners;
    const tls = await tlsIdentity();
    const onFault = (error: unknown) => log.error({ err: error }, 'a gateway’s route failed');
    const secure = tls === null ? undefined : { identity: tls, port: gatewayTlsPort };
    const perAddress = addressLimit({ clock, observer, settings: listenerSettings });
    const http = running.adopt(await createGatewayServer({ host, port: gatewayPort, secure, onFault, perAddress }), (it) => it.close());
    const common: GatewayDeps = {
      ...{ clock, observer, devices, http, tls, log },
      settings: listenerSettings,
      conversationSettings: agents.conversationSettings,
      thingModelOf: agents.thingModelOf,
      accounts: deps.accounts,
      startConversation: deps.startConversation,
      ...(deps.links === undefined ? {} : { links: deps.links }),
      callbacks: services.callbacks,
      engines: (language, settings) => deps.engines.for(language, settings.engines),
    };
    const { memory, onCall } = services.twetalk;
    twetalk = running.adopt(
      await startTwetalkGateway({ ...common, brokerSecrets: deps.accounts, onBindToken: deps.onBindToken, memory, onCall }),
      (it) => it.close(),
    );
    services.twetalk.attach(twetalk);
    for (const [name, service] of Object.entries(services) as [string, CloudService][]) {
      if (service.start === undefined) continue;
      gateways.push({ name, gateway: running.adopt(await service.start(common), (it) => it.close()) });
    }
    freePorts.remember(listeners(), deps.listenerSettings());
    deps.onListeners(listeners());
  }

  async function resend(name: string, message: WireAgain): Promise<void> {
    const again = name === 'twetalk' ? twetalk : gateways.find((one) => one.name === name)?.gateway;
    if (again?.resend === undefined) throw new TalkError('unsupported', { feature: 'resend', why: name });
    await again.resend(message);
  }

  async function closeListeners(): Promise<void> {
    const before = running;
    running = new AsyncDisposableStack();
    try {
      await before.disposeAsync();
    } catch (error) {
      // One that does not close must not keep the others from being opened anew.
      log.error({ err: error }, 'a listener could not be closed');
    }
    twetalk = null;
    services.twetalk.attach(null);
    gateways = [];
  }

  /** One after the other: who asks twice gets two, not two at once. */
  function reopen(): Promise<void> {
    reopening = reopening
      .catch(() => {})
      .then(closeListeners)
      .then(() => (isClosed ? undefined : start()));
    return reopening;
  }

  return {
    start,
    twetalk: (): TwetalkGateway | null => twetalk,
    firmware: services.twetalk.firmware,
    listeners,
    /** The running conversation of that id, whichever gateway has it. */
    conversation(conversationId: string): Conversation | undefined {
      const found = twetalk?.conversation(conversationId)?.conversation;
      return (
        found ?? gateways.map(({ gateway }) => gateway.conversation(conversationId)).find((conversation) => conversation !== undefined)
      );
    },
    observe(event: PipelineEvent): void {
      for (const service of all) service.observe?.(event);
    },
    calls: {
      ...deps.accounts.calls,
      ...certificates.calls,
      ...services.twetalk.calls,
      ...services.callbacks.calls,
      ...services.trtc.calls,
      ...services.cloudApi.calls,
      ...services.speech.calls,
      ...services.tuya.calls,
      ...services.xiaozhi.calls,
      ...services.reach.calls,
      ...services.wireLog.calls,
    },
    streams: {
      ...deps.accounts.streams,
      ...services.twetalk.streams,
      ...services.callbacks.streams,
      ...services.trtc.streams,
      ...services.cloudApi.streams,
      ...services.speech.streams,
      ...services.tuya.streams,
      ...services.xiaozhi.streams,
      ...services.reach.streams,
      ...services.wireLog.streams,
    },
    async close() {
      isClosed = true;
      // What is being opened anew is closed with the rest, not left behind.
      await reopening.catch(() => {});
      await closeListeners();
      await everything.disposeAsync();
    },
  };
}

export type Cloud = Awaited<ReturnType<typeof createCloud>>;
