import type { IncomingHttpHeaders } from 'node:http';
import type { XiaozhiSettings } from '../../../preload/contract/cloud/xiaozhi.ts';
import { asObject } from '../../json-object.ts';
import type { DeviceName } from '../devices.ts';
import { parseObject } from '../twetalk/board-text.ts';
import { deviceNamed } from './names.ts';

/** What a board says of itself when it asks for its configuration (reference/voice.md §4.1). */
export interface OtaRequest {
  /** Null where it says nowhere who it is. */
  device: DeviceName | null;
  clientId: string;
  /** Of its firmware; empty when it did not say. */
  version: string;
  language: 'zh' | 'en';
}

/** Never throws and refuses nothing: the body is put together by hand in firmware, and is not always JSON. */
export function readOtaRequest(headers: IncomingHttpHeaders, bodyText: string): OtaRequest {
  const body = parseObject(bodyText) ?? {};
  const header = (name: string) => [headers[name]].flat()[0] ?? '';
  const board = asObject(body.board) ?? {};
  const names = [header('device-id'), text(body.mac_address), text(board.mac)];
  const device = names.map(deviceNamed).find((name) => name !== null) ?? null;
  const userAgent = /\/([\w.-]{1,40})$/u.exec(header('user-agent'))?.[1];
  const version = text(asObject(body.application)?.version) || userAgent || '';
  const language = text(body.language) || header('accept-language');
  return {
    device,
    clientId: (header('client-id') || text(body.uuid)).slice(0, 100).replaceAll(/[^\w-]/gu, ''),
    version: version.slice(0, 40),
    language: /^en/iu.test(language) ? 'en' : 'zh',
  };
}

export interface OtaAnswer {
  wallMs: number;
  settings: XiaozhiSettings;
  request: OtaRequest;
  /** Where it may go; none for a board that is not let in. */
  servers: { websocket?: Record<string, unknown>; mqtt?: Record<string, unknown> };
  activation: Record<string, unknown> | null;
}

/** The answer's body. Strings and numbers only in the servers' sections: a board writes each to its flash by that name. */
export function otaAnswer({ wallMs, settings, request, servers, activation }: OtaAnswer): Record<string, unknown> {
  const offset = settings.timezoneOffsetMinutes ?? -new Date(wallMs).getTimezoneOffset();
  const { firmwareUrl, firmwareVersion } = settings;
  // A newer version without an address makes a board try; its own version is no upgrade.
  const isOffered = firmwareUrl !== '' && firmwareVersion !== '';
  return {
    server_time: { timestamp: wallMs, timezone_offset: offset },
    firmware: isOffered ? { version: firmwareVersion, url: firmwareUrl } : { version: request.version || '0.0.0', url: '' },
    ...servers,
    ...(activation !== null && { activation }),
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
