import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import protobuf from 'protobufjs';

/**
 * The part of opentelemetry-proto 1.x that a trace is (trace/v1/trace.proto, common/v1/common.proto, resource/v1/resource.proto,
 * collector/trace/v1/trace_service.proto), field numbers as there.
 */
const proto = `
syntax = "proto3";
package otlp;
message ExportTraceServiceRequest { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; string schema_url = 3; }
message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; }
message ScopeSpans { InstrumentationScope scope = 1; repeated Span spans = 2; string schema_url = 3; }
message InstrumentationScope { string name = 1; string version = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5;
  enum SpanKind { SPAN_KIND_UNSPECIFIED = 0; SPAN_KIND_INTERNAL = 1; SPAN_KIND_SERVER = 2; SPAN_KIND_CLIENT = 3; SPAN_KIND_PRODUCER = 4; SPAN_KIND_CONSUMER = 5; }
  SpanKind kind = 6; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9;
  uint32 dropped_attributes_count = 10;
  message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4; }
  repeated Event events = 11; uint32 dropped_events_count = 12; Status status = 15; fixed32 flags = 16;
}
message Status { string message = 2; enum StatusCode { STATUS_CODE_UNSET = 0; STATUS_CODE_OK = 1; STATUS_CODE_ERROR = 2; } StatusCode code = 3; }
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; ArrayValue array_value = 5; } }
message ArrayValue { repeated AnyValue values = 1; }
`;
const Request = protobuf.parse(proto).root.lookupType('otlp.ExportTraceServiceRequest');

export interface CollectedSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: { key: string; value: Record<string, unknown> }[];
  status: { code: number };
}

/** The spans of a request as a strict collector takes them. Throws on anything that the protocol does not have. */
export function readSpans(body: string): CollectedSpan[] {
  const json = JSON.parse(body);
  refuseUnknown(json, Request, 'request');
  const spans = json.resourceSpans.flatMap(({ scopeSpans }: { scopeSpans: { spans: CollectedSpan[] }[] }) =>
    scopeSpans.flatMap(({ spans: own }) => own),
  ) as CollectedSpan[];
  for (const { traceId, spanId, parentSpanId, startTimeUnixNano, endTimeUnixNano, kind, status } of spans) {
    if (!/^[0-9a-f]{32}$/.test(traceId) || !/^[0-9a-f]{16}$/.test(spanId)) throw new Error(`ids ${traceId} ${spanId}`);
    if (parentSpanId !== undefined && !/^[0-9a-f]{16}$/.test(parentSpanId)) throw new Error(`parent ${parentSpanId}`);
    if (!/^\d{19}$/.test(startTimeUnixNano) || BigInt(endTimeUnixNano) < BigInt(startTimeUnixNano))
      throw new Error(`times ${startTimeUnixNano}`);
    // OTLP's JSON has enums as numbers only.
    if (typeof kind !== 'number' || typeof status.code !== 'number') throw new Error('an enum that is no number');
  }
  // Through the wire format and back: what a collector would hand on.
  const handed = Request.decode(Request.encode(Request.fromObject(json)).finish());
  const told = Request.toObject(handed, { longs: String }) as typeof json;
  if (told.resourceSpans[0].scopeSpans[0].spans.at(-1).endTimeUnixNano !== spans.at(-1)?.endTimeUnixNano) throw new Error('times change');
  return spans;
}

function refuseUnknown(value: Record<string, unknown>, type: protobuf.Type, path: string): void {
  const inOneof = type.oneofsArray.flatMap((oneof) => oneof.fieldsArray.map(({ name }) => name)).filter((name) => name in value);
  if (type.oneofsArray.length > 0 && inOneof.length !== 1) throw new Error(`${path}: ${inOneof.length} values`);
  for (const [key, item] of Object.entries(value)) {
    const field = type.fields[key];
    if (field === undefined) throw new Error(`${path}.${key} is no field`);
    field.resolve();
    if (field.repeated !== Array.isArray(item)) throw new Error(`${path}.${key}: repeated`);
    for (const one of Array.isArray(item) ? item : [item]) {
      if (field.resolvedType instanceof protobuf.Type) refuseUnknown(one as Record<string, unknown>, field.resolvedType, `${path}.${key}`);
      else if (/64$/.test(field.type) && !/^-?\d+$/.test(typeof one === 'string' ? one : ''))
        throw new Error(`${path}.${key}: 64 bits are a string`);
      else if (field.type === 'string' && typeof one !== 'string') throw new Error(`${path}.${key}: no string`);
    }
  }
}

export interface Collector extends AsyncDisposable {
  url: string;
  bodies: string[];
  headers: NodeJS.Dict<string | string[]>[];
}

/** A collector on the loopback: POST /v1/traces with JSON, nothing else. `answers`: what to say first instead of 200. */
export async function startCollector(answers: { status: number; body?: string }[] = []): Promise<Collector> {
  const bodies: string[] = [];
  const headers: Collector['headers'] = [];
  async function answerTo(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const isRight = request.method === 'POST' && request.url === '/v1/traces' && request.headers['content-type'] === 'application/json';
    const answer = answers.shift() ?? { status: isRight ? 200 : 400 };
    if (answer.status === 200) {
      try {
        readSpans(body);
        bodies.push(body);
        headers.push(request.headers);
      } catch (error) {
        answer.status = 400;
        answer.body = String(error);
      }
    }
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body ?? '{}');
  }
  const server = createServer((request, response) => void answerTo(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    headers,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
