import type { IncomingMessage, ServerResponse } from 'node:http';

/** The whole body; null when it is longer than `limitBytes`, which is then read no further. Rejects when the peer goes. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Uint8Array<ArrayBuffer> | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limitBytes) return null;
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** With the headers that pages of another origin need: xiaozhi's web clients ask from theirs. No credentials are involved. */
export function answerJson(response: ServerResponse, status: number, body: unknown): string {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...crossOrigin,
  });
  response.end(text);
  return text;
}

const crossOrigin = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'content-type, device-id, client-id, authorization, activation-version, serial-number, accept-language',
  'access-control-allow-methods': 'GET, POST, OPTIONS',
};

/** A browser's question before the real one. */
export function answerPreflight(response: ServerResponse): void {
  response.writeHead(204, crossOrigin).end();
}
