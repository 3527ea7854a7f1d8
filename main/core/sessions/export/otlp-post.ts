import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { TalkError } from '../../../../preload/contract/talk-error.ts';

export interface CollectorOptions {
  /** 'http://host:4318', or with a path of its own that ends in /v1/traces. */
  url: string;
  /** An account's key, for a collector that wants one. */
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Before another try; the collector's own word (Retry-After) goes first. */
  pauseMs?: number;
}

const TRIES = 4;
const PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const TIMEOUT_MS = 30_000;
/** What OTLP/HTTP says may be tried again; nothing else may. */
const passing = new Set([429, 502, 503, 504]);

const reply = z.object({
  partialSuccess: z.object({ rejectedSpans: z.union([z.string(), z.number()]).optional(), errorMessage: z.string().optional() }).optional(),
});

/**
 * Posts one ExportTraceServiceRequest in JSON (OTLP/HTTP, opentelemetry-proto). Gives how many spans the collector left out. Throws
 * TalkError 'export/collector' {url, reason, status}.
 */
export async function postSpans(body: string, options: CollectorOptions): Promise<{ rejectedSpans: number }> {
  const url = tracesUrl(options.url);
  for (let tried = 1; ; tried++) {
    const response = await request(url, body, options);
    if (response.ok) return { rejectedSpans: await rejectedOf(response) };
    if (tried === TRIES || !passing.has(response.status))
      throw refused(url, (await response.text().catch(() => '')).slice(0, 200), response.status);
    await response.body?.cancel();
    const asked = Number(response.headers.get('retry-after'));
    const pauseMs = asked > 0 ? asked * 1000 : (options.pauseMs ?? PAUSE_MS) * 2 ** (tried - 1);
    await sleep(Math.min(pauseMs, LONGEST_PAUSE_MS), undefined, options.signal ? { signal: options.signal } : {});
  }
}

/** Throws TalkError 'export/collector'. */
export function tracesUrl(url: string): string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch (cause) {
    throw refused(url, 'not a URL', null, cause);
  }
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') throw refused(url, 'not http or https', null);
  if (!parsed.pathname.endsWith('/v1/traces')) parsed.pathname = `${parsed.pathname.replace(/\/$/, '')}/v1/traces`;
  return parsed.href;
}

async function request(url: string, body: string, { headers = {}, signal }: CollectorOptions): Promise<Response> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body,
      redirect: 'error',
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    });
  } catch (cause) {
    const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
    throw refused(url, reason, null, cause);
  }
}

/** What is no reply of a collector says nothing of spans left out. */
async function rejectedOf(response: Response): Promise<number> {
  const parsed = reply.safeParse(await response.json().catch(() => ({})));
  return Number(parsed.data?.partialSuccess?.rejectedSpans ?? 0);
}

function refused(url: string, reason: string, status: number | null, cause?: unknown): TalkError {
  return new TalkError('export/collector', { url: withoutPassword(url), reason, status }, { cause });
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}
