import { TalkError } from '../../../preload/contract/errors.ts';
import { parseObject } from '../../gateways/twetalk/board-text.ts';
import { asObject } from '../../json-object.ts';
import type { MqttSection } from './mqtt-link.ts';

export interface OtaIdentity {
  deviceName: string;
  clientId: string;
  language: 'zh' | 'en';
}

export interface Configuration {
  websocket: { url: string; token: string; version: number } | null;
  mqtt: MqttSection | null;
  activation: { message: string; code: string; challenge: string } | null;
  /** Milliseconds since 1970 with the offset put in, as the board's clock then stands; null when it was not told. */
  serverTimeMs: number | null;
  firmware: { version: string; url: string };
}

const TIMEOUT_MS = 10_000;

/** Asks a server for the board's configuration (reference/voice.md §4.1). Rejects with TalkError 'talk/refused' {stage: 'ota', reason}. */
export async function askConfiguration(url: string, identity: OtaIdentity): Promise<Configuration> {
  const body = {
    version: 2,
    language: identity.language === 'zh' ? 'zh-CN' : 'en-US',
    flash_size: 16_777_216,
    minimum_free_heap_size: '8318916',
    mac_address: identity.deviceName,
    uuid: identity.clientId,
    chip_model_name: 'esp32s3',
    chip_info: { model: 9, cores: 2, revision: 2, features: 18 },
    application: { name: 'xiaozhi', version: '2.0.0', compile_time: 'Jan  1 2026T00:00:00Z', idf_version: 'v5.4', elf_sha256: '00' },
    partition_table: [],
    ota: { label: 'app0' },
    board: { type: 'talkbench-virtual', name: 'talkbench-virtual', mac: identity.deviceName },
  };
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'Activation-Version': '1',
      'Device-Id': identity.deviceName,
      'Client-Id': identity.clientId,
      'User-Agent': 'talkbench-virtual/2.0.0',
      'Accept-Language': body.language,
      'Content-Type': 'application/json',
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error: Error & { cause?: { code?: string; message?: string } }) => {
    throw refused(error.cause?.code ?? error.cause?.message ?? error.name);
  });
  if (response.status !== 200) throw refused(`http ${response.status}`);
  const answer = parseObject(await response.text());
  if (answer === null) throw refused('no JSON');
  return read(answer);
}

function read(answer: Record<string, unknown>): Configuration {
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const websocket = asObject(answer.websocket);
  const mqtt = asObject(answer.mqtt);
  const activation = asObject(answer.activation);
  const time = asObject(answer.server_time);
  const firmware = asObject(answer.firmware);
  const offsetMs = typeof time?.timezone_offset === 'number' ? time.timezone_offset * 60_000 : 0;
  return {
    websocket: websocket && {
      url: text(websocket.url),
      token: text(websocket.token),
      version: typeof websocket.version === 'number' ? websocket.version : 1,
    },
    mqtt: mqtt && {
      endpoint: text(mqtt.endpoint),
      client_id: text(mqtt.client_id),
      username: text(mqtt.username),
      password: text(mqtt.password),
      publish_topic: text(mqtt.publish_topic),
    },
    activation: activation && { message: text(activation.message), code: text(activation.code), challenge: text(activation.challenge) },
    serverTimeMs: typeof time?.timestamp === 'number' ? time.timestamp + offsetMs : null,
    firmware: { version: text(firmware?.version), url: text(firmware?.url) },
  };
}

function refused(reason: string): TalkError {
  return new TalkError('talk/refused', { stage: 'ota', reason });
}
