import { randomUUID } from 'node:crypto';
import { createXiaozhiBoard, type ServerAddress, serverOf } from '../../../../../pipeline/boards/xiaozhi/board.ts';
import type { BoardTool } from '../../../../../pipeline/boards/xiaozhi/mcp-server.ts';
import { askConfiguration } from '../../../../../pipeline/boards/xiaozhi/ota-client.ts';
import { boardTools } from '../../../../../pipeline/boards/xiaozhi/tools.ts';
import { asObject } from '../../../../../pipeline/json-object.ts';
import { TalkError } from '../../../../../preload/contract/talk-error.ts';
import { type DeviceDeps, parsed, type RerunDevice } from './device.ts';

export interface XiaozhiAccess {
  deviceName: string;
  /** Where to ask for the server, or the server itself. */
  server: { ota: string } | { url: string; token: string };
}

type Mode = 'auto' | 'manual' | 'realtime';

/** A xiaozhi board whose microphone is the recording. It has the recorded board's tools, as they were listed. */
export function createXiaozhiDevice(access: XiaozhiAccess, deps: DeviceDeps): RerunDevice {
  const { clock, recorded, language } = deps;
  const { deviceName } = access;
  const clientId = randomUUID();
  const isWebSocket = recorded.query.transport !== 'udp';
  const first = recorded.cues.find(({ name }) => name === 'listen start');
  const mode = modeOf(first === undefined ? undefined : parsed(first.text).mode);
  let board: ReturnType<typeof createXiaozhiBoard> | null = null;
  let hasBegun = false;

  async function serverFor(): Promise<ServerAddress> {
    const version = versionOf(recorded.query.protocolVersion);
    if ('url' in access.server) return { kind: 'websocket', ...access.server, version };
    const configuration = await askConfiguration(access.server.ota, { deviceName, clientId, language });
    if (configuration.activation !== null && configuration.websocket === null && configuration.mqtt === null)
      throw new TalkError('talk/refused', { stage: 'activation', reason: configuration.activation.code || 'challenge' });
    const server = serverOf(isWebSocket && configuration.websocket !== null ? { ...configuration, mqtt: null } : configuration);
    return server.kind === 'websocket' ? { ...server, version } : server;
  }

  return {
    format: { codec: 'opus', frameMs: 60 },
    async start() {
      const things = { volume: 70, brightness: 75, vision: null };
      const own = boardTools(things, { deviceName, clientId });
      board = createXiaozhiBoard({
        ...{ clock, deviceName, clientId, server: await serverFor() },
        tools: toolsOf(recorded.cues, own, deps),
        isMicrophoneElsewhere: true,
        onState: (state) => deps.onSounding(state === 'speaking', clock.nowUs()),
        onMessage(direction, message) {
          deps.onMessage(direction, String(message.type), JSON.stringify(message));
          if (direction === 'up') return;
          if (message.type === 'stt') deps.onText('user', String(message.text));
          if (message.type === 'tts' && message.state === 'sentence_start') deps.onText('agent', String(message.text));
        },
      });
      await board.wake(mode);
    },
    send(packet, isRecorded) {
      if (board !== null && (isRecorded || board.state === 'listening')) board.sendAudio(packet);
    },
    cue({ name, text }) {
      if (name === 'abort') board?.press();
      if (name === 'listen detect') board?.wakeWord(String(parsed(text).text ?? ''));
      if (mode !== 'manual') return;
      // The first one was said when it was woken.
      if (name === 'listen start' && hasBegun) board?.press('manual');
      if (name === 'listen start') hasBegun = true;
      if (name === 'listen stop') board?.release();
    },
    stop: async () => board?.close(),
  };
}

/** The recorded board's own list, each answering as it did; what it has no answer for, as a usual board would. */
function toolsOf(cues: DeviceDeps['recorded']['cues'], own: readonly BoardTool[], deps: DeviceDeps): BoardTool[] {
  const listed = cues
    .filter(({ name }) => name === 'mcp')
    .flatMap(({ text }) => asObject(asObject(parsed(text).payload)?.result)?.tools ?? [])
    .map(asObject)
    .filter((tool) => typeof tool?.name === 'string')
    .map((tool): BoardTool => {
      const properties = (asObject(asObject(tool?.inputSchema)?.properties) ?? {}) as BoardTool['properties'];
      const audience = asObject(tool?.annotations)?.audience;
      const isUserOnly = Array.isArray(audience) && audience.includes('user');
      return { name: String(tool?.name), description: String(tool?.description ?? ''), properties, isUserOnly, run: () => '' };
    });
  const known = new Map([...own, ...listed].map((tool) => [tool.name, tool]));
  const offered = listed.length > 0 ? new Set(listed.map(({ name }) => name)) : new Set(known.keys());
  return [...known.values()]
    .filter(({ name }) => offered.has(name))
    .map((tool) => ({
      ...tool,
      run(values) {
        const answer = deps.tools.take(tool.name);
        deps.onTool(tool.name, values, answer);
        if (answer === null) return own.find(({ name }) => name === tool.name)?.run(values) ?? '';
        const text = typeof answer.result === 'string' ? answer.result : JSON.stringify(answer.result ?? null);
        if (!answer.isOk) throw new Error(text);
        return text;
      },
    }));
}

function modeOf(mode: unknown): Mode {
  return mode === 'manual' || mode === 'realtime' ? mode : 'auto';
}

function versionOf(version: string | undefined): 1 | 2 | 3 {
  return version === '2' ? 2 : version === '3' ? 3 : 1;
}
