import type { ApiAction } from '../../../pipeline/gateways/cloud/action.ts';
import { ApiError } from '../../../pipeline/gateways/cloud/action.ts';
import { checkParameters } from '../../../pipeline/gateways/cloud/parameters.ts';
import { trtcActions } from '../../../pipeline/gateways/trtc/actions.ts';
import { startTrtcGateway, type TrtcGateway } from '../../../pipeline/gateways/trtc/gateway.ts';
import { makeUserSig } from '../../../pipeline/gateways/trtc/user-sig.ts';
import type { TrtcState } from '../../../preload/contract/cloud/trtc.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { Topic } from '../endpoint/topic.ts';
import type { CloudService, CloudServiceDeps } from './service.ts';
import { configureTask } from './trtc/configuration.ts';
import { talkInRoom } from './trtc/talk.ts';
import { translated } from './trtc/translate.ts';

const SDK_SECRET_KEY = 'trtc/sdk-secret-key';
const TTS_API_KEY = 'trtc/tts-api-key';
const USER_SIG_S = 86_400;

type CallName = Extract<keyof import('../endpoint/handlers.ts').CallHandlers, `trtc.${string}`>;

export interface TrtcService extends CloudService<CallName, 'trtc.state'> {
  /** For the cloud API: the same that 'trtc.call' runs. */
  actions: readonly ApiAction[];
}

/** The core's part of TRTC conversation. */
export async function createTrtcService(deps: CloudServiceDeps): Promise<TrtcService> {
  const { clock, settings, secrets, engines, agents, accounts, remembered } = deps;
  // In memory, for a signature is judged inside a handshake.
  const keys = { sdk: await secrets.get(SDK_SECRET_KEY), tts: await secrets.get(TTS_API_KEY) };
  let gateway: TrtcGateway | null = null;
  let address: string | null = null;
  const topic = new Topic<TrtcState, TrtcState>({ snapshot: () => state(), retain: 8 });
  const actions = trtcActions(running);

  function running(): TrtcGateway {
    if (gateway === null) throw new ApiError('InternalError', 'The listeners are not open.');
    return gateway;
  }

  function state(): TrtcState {
    const tasks = (gateway?.tasks.all() ?? []).map((task) => ({
      ...{ taskId: task.id, ...task.request.room, sessionId: task.request.sessionId, robotUserId: task.userId },
      ...{ targetUserId: task.request.targetUserId, status: task.status, leaveCode: task.leaveCode },
      ...{ startedWallMs: task.startedWallMs, notes: [...task.configuration.notes] },
    }));
    const rooms = (gateway?.rooms.all() ?? []).map((room) => {
      const robots = room.userIds().filter((userId) => room.isRobot(userId));
      return { ...room.name, users: room.users, robots };
    });
    return { tasks, rooms, hasSdkSecretKey: keys.sdk !== null, hasTtsApiKey: keys.tts !== null };
  }

  const publish = () => topic.publish(state());

  async function keep(which: keyof typeof keys, name: string, key: string | null): Promise<Record<never, never>> {
    if (key === null) await secrets.remove(name);
    else await secrets.set(name, key);
    keys[which] = key;
    publish();
    return {};
  }

  function userSig(userId: string, sdkAppId: number): string {
    if (keys.sdk === null) throw new TalkError('not-found', { what: 'SDKSecretKey', id: 'trtc' });
    return makeUserSig(keys.sdk, { sdkAppId, userId, atS: Math.floor(clock.wallMs() / 1000), expiresAfterS: USER_SIG_S });
  }

  /** An action without a signature; its refusal is a failure like any other. */
  async function call(name: string, parameters: Record<string, unknown>): Promise<Record<string, unknown>> {
    const action = actions.find((candidate) => candidate.name === name);
    try {
      if (action === undefined) throw new ApiError('InvalidAction', `The action ${name} does not exist.`);
      return await action.run(checkParameters(action.parameters, parameters), {
        requestId: '',
        secretId: '',
        region: '',
        mayNameServices: true,
      });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      throw new TalkError('cloud/refused', { code: error.code, message: error.message });
    }
  }

  function translate(text: string, source: 'zh' | 'en'): Promise<string> | null {
    const now = settings.get();
    const target = now.trtc.translateTo;
    return target === '' ? null : translated({ text, source, target }, { clock, engines: engines.for(source, now.engines), settings: now });
  }

  return {
    actions,
    calls: {
      'trtc.call': async ({ action, parameters }) => ({ response: await call(action, parameters) }),
      'trtc.end': async ({ taskId, leaveCode }) => {
        const task = gateway?.tasks.find(taskId);
        if (task === undefined || task.status === 'Stopped') throw new TalkError('not-found', { what: 'task', id: taskId });
        const room = gateway?.rooms.find(task.request.room);
        if (leaveCode === 3) room?.remove(task.userId, 'removed-by-bench');
        else if (leaveCode === 4) room?.dismiss('dismissed-by-bench');
        else if (leaveCode === 1) room?.remove(task.userId, 'removed');
        else if (leaveCode === 2) room?.dismiss('dismissed');
        // Also one that has not entered yet.
        task.stop(leaveCode);
        return {};
      },
      'trtc.failNextStart': async () => {
        gateway?.tasks.failNextStart();
        return {};
      },
      'trtc.putSdkSecretKey': ({ key }) => keep('sdk', SDK_SECRET_KEY, key),
      'trtc.putTtsApiKey': ({ key }) => keep('tts', TTS_API_KEY, key),
      'trtc.userSig': async ({ userId, sdkAppId = accounts.sdkAppId() }) => ({ userSig: userSig(userId, sdkAppId) }),
      'trtc.talk': (request, { signal }) => {
        if (address === null) throw new TalkError('talk/refused', { stage: 'room', reason: 'the listeners are not open' });
        const sign = (userId: string, sdkAppId: number) => (keys.sdk === null ? 'none' : userSig(userId, sdkAppId));
        const common = { clock, gateway: address, sdkAppId: accounts.sdkAppId(), speak: engines.speak, call };
        return talkInRoom(request, { ...common, userSig: sign }, signal);
      },
    },
    streams: { 'trtc.state': () => ({ topic, isState: true }) },
    async start(common) {
      const { host, port, state: listening } = common.http.listener;
      address = listening === 'listening' ? `ws://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${port}` : null;
      gateway = startTrtcGateway({
        ...common,
        configure: (request) =>
          configureTask(request, { clock, agents, engines, onSecret: remembered.add, onSignature: (it) => remembered.addSignature(it) }),
        benchSettings: () => settings.get(),
        translate,
        sdkSecretKey: () => keys.sdk,
        ttsApiKey: () => keys.tts,
        onChange: publish,
      });
      // Opened anew there are other tasks and rooms: none.
      publish();
      return gateway;
    },
    observe: (event) => gateway?.observe(event),
  };
}
